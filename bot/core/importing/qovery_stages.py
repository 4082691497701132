"""Deployment stages of Qovery's → `needs`: whatever is in a stage waits for all in the stage before."""

import re
from collections.abc import Mapping

from bot.core.importing.commented import Json
from bot.core.importing.qovery_place import Resource, Whole

_STAGE = re.compile(r"\$\{qovery_deployment_stage\.([\w-]+)\.id\}")


class Stages:
    """The stages of the file in their order, and who is in which."""

    def __init__(self, found: tuple[Resource, ...]) -> None:
        self._stages = {each.label: each for each in found if each.kind == "qovery_deployment_stage"}
        self._order = _ordered(
            {name: _named(each, "is_after") for name, each in self._stages.items()} | _before(self._stages)
        )

    def write(self, at_all: Whole) -> None:
        """Write `needs` for each stage that has one before it; a job in none of them waits for every database."""
        bases: list[Json] = [each.name for key, each in at_all.resources.items() if key in at_all.databases]
        for each in at_all.resources.values():
            alone = each.kind == "qovery_job" and _named(each, "deployment_stage_id") not in self._order
            if alone and bases and at_all.draft.has("jobs", each.name):
                at_all.draft.put(("jobs", each.name, "needs"), list(bases), each.entry)
        before: list[Json] = []
        for stage in self._order:
            inside = [each for each in at_all.resources.values() if _named(each, "deployment_stage_id") == stage]
            present = [each for each in inside if at_all.draft.has(_kind(each), each.name)]
            for each in present if before else ():
                given = each.entry.take("deployment_stage_id")
                at_all.draft.put((_kind(each), each.name, "needs"), list(before), given)
            before = [each.name for each in present] or before
        for each in at_all.resources.values():
            stage = _named(each, "deployment_stage_id")
            if (given := each.entry.take("deployment_stage_id")) and stage not in self._stages:
                given.leave("its stage is not in this file, so that it waits as if it had none; see needs")
        for each in self._stages.values():
            for key in ("is_after", "is_before"):
                if (given := each.entry.take(key)) and _named(each, key) not in self._stages:
                    given.leave("that stage is not in this file")
            each.entry.taken |= {"name", "description", "environment_id"}
            each.entry.rest()


def _kind(resource: Resource) -> str:
    return "jobs" if resource.kind == "qovery_job" else "services"


def _named(resource: Resource, key: str) -> str:
    found = resource.entry.fields.get(key)
    read = _STAGE.fullmatch(str(getattr(found.value, "text", ""))) if found else None
    return read[1] if read else ""


def _before(stages: Mapping[str, Resource]) -> dict[str, str]:
    """`is_before` said the other way round."""
    return {after: name for name, each in stages.items() if (after := _named(each, "is_before"))}


def _ordered(after: Mapping[str, str]) -> list[str]:
    """Each after the one that it names; one that is in a ring, or after nothing known, as it stands."""
    order: list[str] = []
    left = list(after)
    while left:
        able = [name for name in left if after[name] not in left] or left[:1]
        order += able
        left = [name for name in left if name not in able]
    return order
