"""With which rights each repository is worked with: one `Api` for each, and no SDK imported before one is asked for."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from bot.core.errors import Unavailable
from bot.core.events import Delivery
from bot.core.telling.checkup import Check
from bot.forges._github.limits import Gate
from bot.forges._github.permissions import FETCHING, TELLING

if TYPE_CHECKING:
    from bot.forges._github.api import Api
    from bot.forges._github.app import App
    from bot.forges._github.installation import Installed
    from bot.forges._github.lost import Blind


class Apis(Protocol):
    """Of one GitHub."""

    check_runs: bool
    """Whether commits may have check runs of ours, as those of an App may."""

    def of(self, repository: str) -> "Api":
        """To read the repository of this number, and to tell its pulls."""
        ...

    def fetching(self, repository: str) -> str:
        """An `Authorization: …` header with which git fetches the repository of this number."""
        ...

    def checks(self, repositories: Mapping[str, str]) -> Iterator[Check]:
        """What there is to see of them, and of these repositories (id to name)."""
        ...

    def lost(self, repositories: Iterable[str], since: datetime) -> Iterator[Delivery]:
        """Deliveries since then that nobody took."""
        ...


class TokenApis:
    """All with one personal token."""

    check_runs = False

    def __init__(self, url: str, token: str, gate: Gate | None = None) -> None:
        self._url = url
        self._gate = gate or Gate()
        self._token = token
        self._lock = Lock()
        self._api: Api | None = None
        self._blind: Blind | None = None

    def of(self, repository: str) -> "Api":
        """The same for all."""
        from bot.forges._github.api import Api
        from bot.forges._github.credentials import PersonalToken

        with self._lock:
            self._api = self._api or Api(self._url, PersonalToken(self._token), self._gate)
            return self._api

    def fetching(self, repository: str) -> str:
        """The token itself."""
        return _basic(self._token)

    def checks(self, repositories: Mapping[str, str]) -> Iterator[Check]:
        """The token, and where GitHub takes it, all that one can see with it."""
        from bot.forges._github.token_checks import checks

        return checks(self.of(""), repositories)

    def lost(self, repositories: Iterable[str], since: datetime) -> Iterator[Delivery]:
        """Of the webhooks of these repositories, where the token may see them."""
        from bot.forges._github.lost import Blind, of_repositories

        with self._lock:
            blind = self._blind = self._blind or Blind()
        return of_repositories(self.of(""), repositories, since, blind)


class AppApis:
    """Each with tokens of an App for that repository alone."""

    check_runs = True

    def __init__(self, url: str, id_: str, key: str, gate: Gate | None = None) -> None:
        self._url = url
        self._gate = gate or Gate()
        self._given = (id_, key)
        self._lock = Lock()
        self._app: App | None = None
        self._installed: dict[str, tuple[Installed, Api]] = {}

    @property
    def app(self) -> "App":
        """The App itself."""
        from bot.forges._github.app import App

        with self._lock:
            self._app = self._app or App(self._url, *self._given)
            return self._app

    def of(self, repository: str) -> "Api":
        """One that can do all that is needed there, and nothing elsewhere."""
        return self._of(repository)[1]

    def fetching(self, repository: str) -> str:
        """A token that can do nothing but read what is in the repository."""
        return _basic(self._of(repository)[0].token(FETCHING).token)

    def checks(self, repositories: Mapping[str, str]) -> Iterator[Check]:
        """The App, its installations, and where GitHub knows it, all that one can see with it."""
        from bot.forges._github.app_checks import checks

        return checks(self, repositories)

    def lost(self, repositories: Iterable[str], since: datetime) -> Iterator[Delivery]:
        """Of the App's one webhook."""
        from bot.forges._github.lost import APP_HOOK, of_webhook

        del repositories
        return of_webhook(self.app.api, APP_HOOK, since)

    def _of(self, repository: str) -> "tuple[Installed, Api]":
        from bot.forges._github.api import Api
        from bot.forges._github.installation import InstallationToken, Installed

        if not repository.isdecimal():
            raise Unavailable(f"{repository} is no number of a repository of GitHub's; forget its previews")
        app = self.app
        with self._lock:
            if repository not in self._installed:
                installed = Installed(app, repository)
                api = Api(self._url, InstallationToken(installed, TELLING), self._gate)
                self._installed[repository] = (installed, api)
            return self._installed[repository]


def _basic(token: str) -> str:
    return f"Authorization: Basic {base64.b64encode(f'x-access-token:{token}'.encode()).decode()}"
