"""How an attempt ended and what it left, kept sealed beside it: the same for whoever comes later."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.core.group import Ended, NoOutput, Output, Unfit
from bot.keeping.cipher import Cipher
from runners._ends import dumped, loaded_ended
from runners._kubernetes import names
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Body, Kind, manifest
from runners._kubernetes.names import Role

_LARGEST = 480 * 2**10
"""Bytes of an output in one Secret; sealed they are a third more."""
_INDEX, _PIECE = "ended", "output"


@dataclass(frozen=True, slots=True)
class Ends:
    """What is kept of the ends of attempts in one cluster."""

    cipher: Cipher

    def keep(self, hold: Hold, of: str, labels: Mapping[str, str], ended: Ended) -> Ended:
        """Write down how this attempt ended, unless that is known; what was written first."""
        labels = {**labels, names.ROLE: Role.END}
        content = ended.output if isinstance(ended.output, bytes) else b""
        pieces = [content[start : start + _LARGEST] for start in range(0, len(content), _LARGEST)]
        # The index is written last: where there is one, there is all of it.
        for number, piece in enumerate(pieces):
            hold.ensure(_secret(_called(of, number + 1), labels, {_PIECE: self.cipher.seal(piece)}))
        index = {"ended": dumped(ended), "output": _shown(ended.output, len(pieces))}
        text = self.cipher.seal(json.dumps(index).encode())
        return self._loaded(hold, of, hold.ensure(_secret(_called(of, 0), labels, {_INDEX: text})))

    def kept(self, hold: Hold, of: str) -> Ended | None:
        """How this attempt ended, if anybody knows."""
        found = hold.read(Kind.SECRET, _called(of, 0))
        return self._loaded(hold, of, found) if found else None

    def _loaded(self, hold: Hold, of: str, found: Body) -> Ended:
        index = json.loads(self._opened(found, _INDEX, of))
        return replace(loaded_ended(index["ended"]), output=self._output(hold, of, index["output"]))

    def _output(self, hold: Hold, of: str, shown: Mapping[str, Any]) -> Output:
        if "unfit" in shown:
            return Unfit(shown["unfit"])
        content = b""
        for number in range(1, shown["pieces"] + 1):
            found = hold.read(Kind.SECRET, _called(of, number))
            if found is None:
                hold.check()
                return Unfit("the output file is lost: what was kept of it was removed; run the job again")
            content += self._opened(found, _PIECE, of)
        return content or NoOutput()

    def _opened(self, found: Body, key: str, of: str) -> bytes:
        return self.cipher.open(base64.b64decode(found["data"][key]).decode(), f"what is kept of {of}")


def _called(of: str, number: int) -> str:
    return names.fitted(f"{of}-end-{number}", 253)


def _shown(output: Output, pieces: int) -> Mapping[str, Any]:
    return {"unfit": output.why} if isinstance(output, Unfit) else {"pieces": pieces}


def _secret(name: str, labels: Mapping[str, str], texts: Mapping[str, str]) -> Body:
    data = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
    return manifest(Kind.SECRET, name, labels, data=data)
