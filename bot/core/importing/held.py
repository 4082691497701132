"""Which values of environment files are secret. They are compared, so that one password has one name; never written."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain, count, islice

from bot.core.importing.asked import Asked, parts
from bot.core.importing.dotenv import Line, dollars
from bot.core.importing.interpolation import Interpolation, Values
from bot.core.importing.known import holds, secret
from bot.core.reading.yaml_events import Stop, stray
from bot.core.reading.yaml_marks import Mark

_REFERENCE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_REFERENCES = re.compile(r"(?<!\$)(?:\$\$)*\$\{")
_LOGIN = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[^\s/:@]*:)((?!\d+/)[^\s@]+)(?=@)")
_GIVEN = re.compile(r"((?:^|[\s?&;,])(?:password|passwd|pwd|secret|token|api_?key|sig)=)([^\s&;,]+)", re.IGNORECASE)
FORMS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bgh[opsru]_\w{20}|\bgithub_pat_|\bglpat-|\b[prs]k_(?:live|test)_\w|\bsk-[\w-]{20}"
    r"|\bxox[abeprs]-|\bA[KS]IA[0-9A-Z]{16}|\bAIza[\w-]{30}|\beyJ[\w-]+\.eyJ|\bSG\.[\w-]{16}|/services/T\w+/B\w+/\w|://[\w-]{20,}@"
)
MOST_LINES = 5_000
_MOST_SOUGHT = 200
_LONG = 8
"""From here on a secret's value is looked for inside others."""


@dataclass(slots=True, kw_only=True)
class Held:
    """The secrets that were seen."""

    plain: set[str] = field(default_factory=set, repr=False)
    """Values under such names that a compose file itself says: they are no secrets."""
    open: set[str] = field(default_factory=set, repr=False)
    """Values of variables that are none: a password that is the user's name too is not looked for inside others."""
    names: set[str] = field(default_factory=set)
    lines: int = 0
    called: dict[str, str] = field(default_factory=dict, repr=False)
    """Value → the first name that it had."""

    def settled(self, lines: Iterable[Line], values: Values, filled: Interpolation, file: str) -> dict[str, str | None]:
        """What a file says, with its own variables in each other, and what is secret by name as `${NAME}`."""
        known: dict[str, str | None] = {}
        so_far = dict(values)
        for line in lines:
            at = Mark(line.line, 1, file)
            self.lines += 1
            if self.lines > MOST_LINES:
                raise Stop(stray(at, f"more than {MOST_LINES:,} variables in environment files are refused"))
            known[line.name] = None
            if line.text is not None:
                text = _without_defaults(filled.text(line.text, so_far, at))
                known[line.name] = so_far[line.name] = self._named(line.name, text)
                self.open |= {line.text} if not holds(line.name, line.text) else set()
        return known

    def hidden(self, name: str, text: str) -> str:
        """A text of which nothing is secret by name, without what is secret by its form."""
        shown = _GIVEN.sub(self._replaced, _LOGIN.sub(self._replaced, text))
        for value in islice(self.called, _MOST_SOUGHT) if len(text) >= _LONG else ():
            if len(value) >= _LONG and value not in self.open:
                shown = shown.replace(value, f"${{{self.called[value]}}}")
        if "\0" not in shown and not FORMS.search(shown):
            return shown
        return self._kept(name, text)

    def _named(self, name: str, text: str) -> str:
        """The text, or the secret that stands for it."""
        if not holds(name, text) or text in self.plain or _REFERENCE.fullmatch(text):
            return text
        return self._kept(name, text)

    def _kept(self, name: str, text: str) -> str:
        label = re.sub(r"[^A-Za-z0-9_]", "_", name)
        label = label if not label[:1].isdigit() else f"_{label}"
        called = label if _REFERENCES.search(text) else self.called.setdefault(text, self._free(label))
        self.names.add(called)
        return f"${{{called}}}"

    def _free(self, label: str) -> str:
        """The name, or one like it where another value has it."""
        several = chain([label], (f"{label}_{number}" for number in count(2)))
        return next(each for each in several if each not in self.names)

    def _replaced(self, found: re.Match[str]) -> str:
        """The password by its name where it has one; else a mark that the whole is a secret."""
        value = found[2]
        if value in self.plain or _REFERENCE.fullmatch(value):
            return found[0]
        return found[1] + (f"${{{self.called[value]}}}" if value in self.called else "\0")


def _without_defaults(text: str) -> str:
    """`${DB_PASSWORD:-hunter2}` says the secret itself."""
    found = parts(text)
    if not any(isinstance(each, Asked) and each.default and secret(each.name) for each in found):
        return text
    return "".join(dollars(each) if isinstance(each, str) else _asked(each) for each in found)


def _asked(asked: Asked) -> str:
    return f"${{{asked.name}}}" if secret(asked.name) or not asked.default else dollars(asked.default)
