"""Fills the texts of a spec in, each kind of place by its own rule, up to the first that cannot be filled."""

from collections.abc import Iterable, Mapping

from bot.core.composing.surroundings import Surroundings
from bot.core.composing.variables import Unfilled, fill
from bot.core.names import TOLD

LARGEST = 120 * 2**10
"""Bytes of one variable's value or one argument: Linux gives each, a variable's name included, 128 KiB."""
LARGEST_ALL = 1536 * 2**10
"""Bytes of all variables and arguments of a container: Linux gives them 2 MiB, the image's own among them."""
_POINTER = 8
_WAY = "put it into a file instead, or shorten it"


class Stuck(Exception):
    """Ends the filling of one node; `why` names the place and no value."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Filling:
    """The values of one moment, read once."""

    def __init__(self, around: Surroundings) -> None:
        self._shared = around.spec.variables
        self._known = around.known

    def environment(self) -> dict[str, str]:
        """The variables of the whole environment."""
        return self.variables(self._shared, "variables")

    def variables(self, texts: Mapping[str, str], where: str) -> dict[str, str]:
        """Variables, which may hold secrets and have to fit."""
        for name in texts:
            if name.startswith(TOLD):
                raise Stuck(f"{where}.{name}: matinee itself gives variables of such names; call this one otherwise")
        return {name: self._fitting(text, f"{where}.{name}", secrets=True) for name, text in texts.items()}

    def files(self, texts: Mapping[str, str], where: str) -> dict[str, str]:
        """Files, which may hold secrets."""
        return {name: self._filled(text, f"{where}.{name}", secrets=True) for name, text in texts.items()}

    def plain(self, texts: Mapping[str, str], where: str) -> dict[str, str]:
        """Values that everybody may read."""
        return {name: self.word(text, f"{where}.{name}") for name, text in texts.items()}

    def words(self, words: tuple[str, ...] | None, where: str) -> tuple[str, ...] | None:
        """A command line, which everybody may read."""
        return None if words is None else tuple(self._fitting(word, where, secrets=False) for word in words)

    def word(self, text: str, where: str) -> str:
        """One value that everybody may read."""
        return self._filled(text, where, secrets=False)

    def _fitting(self, text: str, where: str, *, secrets: bool) -> str:
        value = self._filled(text, where, secrets=secrets)
        if _bytes(value) > LARGEST:
            raise Stuck(f"{where} is over {LARGEST // 2**10} KiB once filled in, which no program can be given; {_WAY}")
        if "\0" in value:
            raise Stuck(f"{where} holds a NUL once filled in, which no program can be given")
        return value

    def _filled(self, text: str, where: str, *, secrets: bool) -> str:
        value = fill(text, self._known, secrets=secrets) if "$" in text else text
        if isinstance(value, Unfilled):
            raise Stuck(f"{where}: {value.why}")
        return value


def fitting(variables: Mapping[str, str], words: Iterable[str], where: str) -> None:
    """Refuse what no program can be started with: variables and arguments that are too large together."""
    given = sum(len(name) + _bytes(value) + 2 + _POINTER for name, value in variables.items())
    given += sum(_bytes(word) + 1 + _POINTER for word in words)
    if given > LARGEST_ALL:
        limit = f"{LARGEST_ALL // 2**10} KiB"
        raise Stuck(
            f"{where}: its variables, outputs of jobs among them, and arguments are over {limit} together, "
            f"which no program can be given; let jobs output less"
        )


def _bytes(text: str) -> int:
    return len(text.encode(errors="surrogatepass"))
