"""How something ended, as plain values to be kept with it, and back. An output is never among them. Pure."""

from collections.abc import Mapping
from typing import Any

from bot.core.group import Ended, Ending, Fate, Result


def dumped(end: Ended | Ending) -> Mapping[str, Any]:
    """As JSON can hold it."""
    match end:
        case Ending(result=result, task=task, code=code):
            return {"result": result, "task": task, "code": code}
        case Ended(fate=how, task=task, code=code, detail=detail, lost=lost):
            return {"fate": how, "task": task, "code": code, "detail": detail, "lost": [dumped(each) for each in lost]}


def loaded(found: Mapping[str, Any]) -> Ended | Ending:
    """What was dumped."""
    return loaded_ending(found) if "result" in found else loaded_ended(found)


def loaded_ending(found: Mapping[str, Any]) -> Ending:
    """A dumped `Ending`."""
    return Ending(result=Result(found["result"]), task=found["task"], code=found["code"])


def loaded_ended(found: Mapping[str, Any]) -> Ended:
    """A dumped `Ended`."""
    how, lost = Fate(found["fate"]), tuple(loaded_ended(each) for each in found["lost"])
    return Ended(fate=how, task=found["task"], code=found["code"], detail=found["detail"], lost=lost)
