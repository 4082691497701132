"""Whether GitHub can be worked with as an App."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from bot.core.telling.checkup import Check

if TYPE_CHECKING:
    from bot.forges._github.apis import AppApis


def checks(apis: "AppApis", repositories: Mapping[str, str]) -> Iterator[Check]:
    """The App, its installations, and of each repository what can be seen."""
    yield from ()
