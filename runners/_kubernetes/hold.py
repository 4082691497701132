"""One generation's hold on an environment: whatever it writes is checked, and goes when a newer one has taken over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bot.core.errors import Overtaken
from bot.core.group import Ended, Home
from runners._kubernetes import names
from runners._kubernetes.api import MANAGER, MERGE, Api, selector
from runners._kubernetes.kinds import Body, Kind, kind_of, labels_of, name_of, notes_of, version_of
from runners._kubernetes.refusals import Rejected, allowed
from runners._kubernetes.terms import Terms
from runners._kubernetes.watch import Watch

T = TypeVar("T")

_TRIES = 10
_ABSENT, _CONFLICT = 404, 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The namespace, the generation, and the anchor that owns what this generation makes."""

    api: Api
    terms: Terms
    home: Home
    namespace: str
    anchor: str
    """Its uid."""

    def read(self, kind: Kind, name: str) -> Body | None:
        """The object of this name; None where there is none."""
        return self.api.read(kind, name, self.namespace)

    def listed(self, kind: Kind, **of: str) -> tuple[Body, ...]:
        """What is there of ours; `service`, `job`, `event`, `group` or `role` narrow it."""
        return self.api.listed(kind, self.namespace, labels=self.selector(**of)).items

    def current(self, kind: Kind, name: str) -> Body | None:
        """The object of this name, to change it: raises `Overtaken` where a newer generation answers for it."""
        found = self.read(kind, name)
        if found is not None and generation(labels_of(found)) > self.home.generation:
            raise overtaken(self.home, generation(labels_of(found)))
        return found

    def watch(self, kind: Kind, **of: str) -> Watch:
        """The same, kept up to date while it is open."""
        return Watch(self.api, kind, self.namespace, labels=self.selector(**of))

    def selector(self, **of: str) -> str:
        """What finds objects of ours."""
        narrow = {f"matinee.dev/{key}": value for key, value in of.items()}
        return selector({**names.ours(self.home.environment), **narrow})

    def ensure(self, body: Body) -> Body:
        """Make it, unless there is one of its name: that one, as it is."""
        found = self.current(kind_of(body), name_of(body))
        if found is not None:
            return found
        try:
            return self._written(lambda: self.api.create(self.owned(body)))
        except Rejected as error:
            if error.status != _CONFLICT:
                raise
            return self.ensure(body)

    def begin(self, job: Body) -> Body:
        """Make a Job of the cluster, unless there is one; it runs once it is sure that nobody newer has missed it."""
        made = self.ensure({**job, "spec": {**job["spec"], "suspend": True}})
        if not made["spec"].get("suspend"):
            return made
        self.check()
        return self.patch(Kind.JOB, name_of(made), {"spec": {"suspend": False}}) or made

    def apply(self, body: Body) -> Body:
        """Make it, or have the one of its name say what this says; a 409 is asked again, against the fence."""
        for _ in range(_TRIES):
            try:
                return self._applied(self.owned(body))
            except Rejected as error:
                if error.status not in (_ABSENT, _CONFLICT):
                    raise
                last = error
        raise last

    def patch(self, kind: Kind, name: str, change: Body, *, of: str = "", content: str = MERGE) -> Body | None:
        """Change a few fields of what is there, or of a part of it that has an address of its own; None: it is gone."""
        for _ in range(_TRIES):
            found = self.current(kind, name)
            if found is None:
                return None
            checked = {**change, "metadata": {**change.get("metadata", {}), "resourceVersion": version_of(found)}}
            try:
                return self._written(lambda: self.api.patch(found, checked, of=of, content=content))  # noqa: B023 - called at once
            except Rejected as error:
                if error.status == _ABSENT:
                    return None
                if error.status != _CONFLICT:
                    raise
                last = error
        raise last

    def delete(self, kind: Kind, name: str, *, grace: int | None = None, policy: str = "Background") -> None:
        """Delete it, with what it owns; one that is gone is fine."""
        for _ in range(_TRIES):
            found = self.current(kind, name)
            if found is None:
                return None
            try:
                return self._written(lambda: self.api.delete(found, grace=grace, policy=policy))  # noqa: B023 - called at once
            except Rejected as error:
                if error.status != _CONFLICT:
                    raise
                last = error
        raise last

    def rehearse(self, pod: Body) -> Ended | None:
        """Why the cluster would not take this pod, whole and in its own words; None: it would."""
        verdict = self._written(lambda: allowed(lambda: self.api.create(self.owned(pod), rehearsal=True)))
        return verdict if isinstance(verdict, Ended) else None

    def check(self) -> None:
        """Raise `Overtaken` where a newer generation, or a removal, has been here: to ask when something vanished."""
        fence(self.api.read(Kind.NAMESPACE, self.namespace), self.home)
        anchor = self.read(Kind.CONFIG, names.anchor(self.home.generation))
        if anchor is None or anchor["metadata"]["uid"] != self.anchor:
            raise removed(self.home)

    def owned(self, body: Body) -> Body:
        """The same in this namespace, with whose it is and who answers for it."""
        labels = {
            **labels_of(body),
            **names.ours(self.home.environment),
            names.GENERATION: str(self.home.generation),
        }
        owner = {
            "apiVersion": Kind.CONFIG.version,
            "kind": Kind.CONFIG.word,
            "name": names.anchor(self.home.generation),
            "uid": self.anchor,
        }
        ours = {"namespace": self.namespace, "labels": labels, "ownerReferences": [owner]}
        return {**body, "metadata": {**body["metadata"], **ours}}

    def _applied(self, body: Body) -> Body:
        found = self.current(kind_of(body), name_of(body))
        if found is None:
            return self._written(lambda: self.api.create(body))
        version = version_of(self._written(lambda: _adopted(self.api, found)))
        checked = {**body, "metadata": {**body["metadata"], "resourceVersion": version}}
        return self._written(lambda: self.api.apply(checked))

    def _written(self, act: Callable[[], T]) -> T:
        try:
            return written(act, self.home)
        except Rejected as error:
            if error.status in (_ABSENT, _CONFLICT):
                self.check()
            raise


def generation(notes: Mapping[str, str]) -> int:
    """The generation that labels or annotations name; 0: none."""
    return int(notes.get(names.GENERATION, "0"))


def fence(namespace: Body | None, home: Home) -> None:
    """Raise `Overtaken` where the namespace remembers a newer generation."""
    if namespace is not None and (kept := generation(notes_of(namespace))) > home.generation:
        raise overtaken(home, kept)


def written(act: Callable[[], T], home: Home) -> T:
    """What the act gives; raises `Overtaken` where the namespace is gone or going."""
    try:
        return act()
    except Rejected as error:
        if error.ended:
            raise removed(home) from error
        raise


def overtaken(home: Home, kept: int) -> Overtaken:
    """What to raise where a newer generation has been."""
    return Overtaken(f"generation {kept} has taken {home.environment} over; generation {home.generation} stops writing")


def removed(home: Home) -> Overtaken:
    """What to raise where there is nothing left to write to."""
    return Overtaken(f"{home.environment} was removed meanwhile; generation {home.generation} stops writing")


def _adopted(api: Api, found: Body) -> Body:
    """What was created, as if it had been applied: else what an apply no longer says would stay for ever."""
    fields = found["metadata"].get("managedFields") or []
    created = [
        number
        for number, each in enumerate(fields)
        if each["manager"] == MANAGER and each["operation"] == "Update" and not each.get("subresource")
    ]
    if not created or any(each["manager"] == MANAGER and each["operation"] == "Apply" for each in fields):
        return found
    path = f"/metadata/managedFields/{created[0]}/operation"
    same = {"op": "replace", "path": "/metadata/resourceVersion", "value": version_of(found)}
    return api.patch(found, [same, {"op": "replace", "path": path, "value": "Apply"}])
