"""An environment's namespace: made, waited for, furnished, fenced, and handed from one generation to the next."""

import threading
from collections.abc import Iterator
from contextlib import suppress

from bot.core.errors import Misused, Overtaken, Unavailable
from bot.core.group import Home
from bot.core.names import EnvironmentId
from bot.keeping.credentials import Credentials
from runners._kubernetes import names, rights, room
from runners._kubernetes.api import Api, selector
from runners._kubernetes.hold import Hold, fence, generation, removed, written
from runners._kubernetes.kinds import Body, Kind, going, labels_of, manifest, name_of, notes_of, uid_of
from runners._kubernetes.names import Role
from runners._kubernetes.namespace import furnished, noted
from runners._kubernetes.pulling import Supply
from runners._kubernetes.refusals import Rejected
from runners._kubernetes.succession import succeed
from runners._kubernetes.terms import Terms
from runners._kubernetes.watch import Watch

_PATIENCE = 120.0
_CONFLICT = 409


class Ground:
    """The namespaces of one cluster that are ours, and the anchors that this process has made or met in them."""

    def __init__(self, api: Api, terms: Terms) -> None:
        self.api = api
        self.terms = terms
        self._meeting = threading.Lock()
        self._met: dict[tuple[EnvironmentId, int], tuple[str, str]] = {}
        self._rights: dict[str, str] = {}
        self._supply = Supply(api)

    def any(self, home: Home) -> Body | None:
        """The environment's namespace, whoever asks and even if it is going; None where there is none."""
        found = self.api.read(Kind.NAMESPACE, names.namespace(self.terms.prefix, home.environment))
        return found and self.entered(found)

    def entered(self, namespace: Body) -> Body:
        """The same, once we have our rights in it, whoever made it; one that is going gives none any more."""
        name, uid = name_of(namespace), uid_of(namespace)
        if not going(namespace) and self._rights.get(name) != uid:
            rights.take(self.api, namespace)
            self._rights[name] = uid
        return namespace

    def namespace(self, home: Home) -> Body | None:
        """The environment's namespace, for this generation to act in; None where there is none or it is going."""
        found = self.any(home)
        fence(found, home)
        return None if found is None or going(found) else found

    def held(self, home: Home) -> Hold | None:
        """This generation's hold on what is there; None where nothing is."""
        found = self.namespace(home)
        if found is None:
            return None
        with suppress(Misused):  # what is to go goes all the same
            self._supply.to(home, found, self._pulling(home, found))
        return self._hold(home, found)

    def still(self, home: Home) -> Hold:
        """This generation's hold on what it has found before; raises `Overtaken` where that is gone or going."""
        hold = self.held(home)
        if hold is None:
            raise removed(home)
        return hold

    def hold(self, home: Home) -> Hold:
        """This generation's hold on the environment, which is made if it is not there."""
        return self._hold(home, self.standing(home))

    def standing(self, home: Home) -> Body:
        """The namespace, made if it is not there; one that is going is waited for first.

        What this generation has held here is not made a second time: somebody has removed it.
        """
        found = self.any(home)
        fence(found, home)
        if (found is None or going(found)) and self._known(home):
            raise removed(home)
        if found is not None and going(found):
            _await_removal(self.api, found)
            found = None
        found = found or self.entered(self._made(home))
        before = notes_of(found).get(names.ROOM)
        found = furnished(self.api, self.terms, home, found)
        if before and before != notes_of(found).get(names.ROOM):
            self._supply.without(found, self._pulling(home, found))
        self._supply.to(home, found, self._pulling(home, found))
        return found

    def _pulling(self, home: Home, found: Body) -> Credentials | None:
        pulling = room.terms(self.terms, home, found).pulling
        return pulling and pulling.of(home.environment)

    def raised(self, home: Home, found: Body) -> tuple[Body, bool]:
        """The namespace with this generation remembered on it, and whether that is news."""
        if generation(notes_of(found)) >= home.generation:
            return found, False
        return noted(self.api, home, found, {names.GENERATION: str(home.generation)}), True

    def namespaces(self) -> Iterator[Body]:
        """Every namespace of ours."""
        found = self.api.listed(Kind.NAMESPACE, labels=f"{selector({names.MANAGED: 'matinee'})},{names.ENVIRONMENT}")
        yield from (body for body in found.items if name_of(body).startswith(self.terms.prefix))

    def forget(self, home: Home) -> None:
        """Nothing is there any more that this process has met."""
        with self._meeting:
            self._met = {key: value for key, value in self._met.items() if key[0] != home.environment}
        self._rights.pop(names.namespace(self.terms.prefix, home.environment), None)
        self._supply.forget(home)

    def _hold(self, home: Home, found: Body) -> Hold:
        known = self._known(home)
        if known and known[0] != uid_of(found):
            raise removed(home)
        anchor = self._anchor(home, found, known[1] if known else None)
        terms = room.enforced(self.terms, home, found)
        hold = Hold(api=self.api, terms=terms, home=home, namespace=name_of(found), anchor=anchor)
        if not known and generation(notes_of(found)) == home.generation:
            succeed(hold)
        with self._meeting:
            self._met[home.environment, home.generation] = (uid_of(found), anchor)
        return hold

    def _known(self, home: Home) -> tuple[str, str] | None:
        """The uids of the namespace and the anchor that this generation has met."""
        with self._meeting:
            return self._met.get((home.environment, home.generation))

    def _anchor(self, home: Home, found: Body, known: str | None) -> str:
        name = names.anchor(home.generation)
        labels = {
            **names.ours(home.environment),
            names.ROLE: Role.ANCHOR,
            names.GENERATION: str(home.generation),
        }
        there = self.api.read(Kind.CONFIG, name, name_of(found))
        if known and (there is None or uid_of(there) != known):
            raise removed(home)
        if there is not None:
            return uid_of(there)
        body = manifest(Kind.CONFIG, name, labels)
        body["metadata"]["namespace"] = name_of(found)
        try:
            made = written(lambda: self.api.create(body), home)
        except Rejected as error:
            if error.status != _CONFLICT:
                raise
            return self._anchor(home, found, known)
        # A newer one that took over meanwhile may have missed the anchor, but left its mark before it looked for any.
        try:
            fence(self.any(home), home)
        except Overtaken:
            self.api.delete(made)
            raise
        return uid_of(made)

    def _made(self, home: Home) -> Body:
        try:
            return self.api.create(room.namespace(room.terms(self.terms, home, None), home))
        except Rejected as error:
            found = self.namespace(home) if error.status == _CONFLICT else None
            if found is None:
                raise
            return found


def _await_removal(api: Api, namespace: Body) -> None:
    if not gone(api, namespace, patience=_PATIENCE):
        name = name_of(namespace)
        raise Unavailable(f"namespace {name} is being deleted and does not go; see `kubectl describe namespace {name}`")


def gone(api: Api, namespace: Body, *, patience: float) -> bool:
    """Wait until this namespace is no more; whether that came in time."""
    import time

    ends = time.monotonic() + patience
    name = name_of(namespace)
    with Watch(api, Kind.NAMESPACE, "", fields=f"metadata.name={name}") as watch:
        while (there := watch.seen.get(name)) is not None and uid_of(there) == uid_of(namespace):
            if time.monotonic() > ends:
                return False
            watch.changed(1.0)
    return True


def home_of(namespace: Body) -> Home:
    """The environment that a namespace of ours is for, with its remembered generation."""
    environment = EnvironmentId(labels_of(namespace)[names.ENVIRONMENT])
    return Home(environment=environment, generation=generation(notes_of(namespace)), fork=room.of_fork(namespace))
