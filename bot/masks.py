"""One mask for all that leaves an environment: hides what is secret there, from the moment at which it is known."""

from collections.abc import Callable, Iterable

from bot.core.group import Home
from bot.core.masking import Masker
from bot.core.standing import Standing
from runners.base import Runner


class Masks:
    """Masks by what stands now; that is looked at again whenever it has changed."""

    def __init__(self, always: Iterable[str], standing: Callable[[], Standing | None]) -> None:
        self._always = tuple(always)
        self._standing = standing
        self._hiding: tuple[Standing | None, Masker] = (None, Masker(self._always))

    @property
    def hidden(self) -> tuple[str, ...]:
        """Every value that is secret now."""
        stands = self._standing()
        return (*self._always, *(stands.hidden if stands else ()))

    def __call__(self, text: str) -> str:
        """The text without what is secret now."""
        seen, masker = self._hiding
        stands = self._standing()
        if stands is not seen:
            # One tuple, so that a thread beside this one never takes the new standing with the old masker.
            masker = masker.also(stands.hidden if stands else ())
            self._hiding = (stands, masker)
        return masker.mask(text)


def masks(runner: Runner, home: Home, always: Iterable[str]) -> Masks:
    """For a door that shows what an environment printed: masks by what stands there at this moment."""
    stands = runner.recall(home)
    return Masks(always, lambda: stands)
