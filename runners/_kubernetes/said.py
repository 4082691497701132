"""What a service prints now: its own lines, and those of its tasks with their names before them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Thread

from bot.core.names import Name
from runners._kubernetes import names
from runners._kubernetes.api import Api, selector
from runners._kubernetes.exec import Spot
from runners._kubernetes.kinds import Body, Kind, labels_of, name_of
from runners._kubernetes.logs import Reading
from runners._kubernetes.names import Role
from runners._kubernetes.seen import pod
from runners._kubernetes.versions import marked

_GLANCE = 0.5


def said(api: Api, namespace: Body | None, name: Name, *, follow: bool) -> Iterator[str]:
    """The lines of all that serves, oldest first of each container."""
    voices = () if namespace is None else tuple(_voices(api, name_of(namespace), name))
    if follow:
        yield from _mingled(voices)
        return
    for voice in voices:
        yield from voice.lines(follow=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Voice:
    """A container that prints."""

    api: Api
    spot: Spot
    over: Event
    """Nobody listens any more."""

    def lines(self, *, follow: bool) -> Iterator[str]:
        """Its lines, of the run that is and, with `follow`, of all that come after."""
        number = self._run()
        while number is not None and not self.over.is_set():
            yield from (self._named(line) for line in Reading(self.api, self.spot, number=number).lines(follow=follow))
            if not follow:
                return
            number = self._next(number)

    def _named(self, line: str) -> str:
        task = names.task_of(self.spot.container)
        return f"{task} | {line}" if task else line

    def _run(self) -> int | None:
        """The number of its newest run; None where its pod is gone."""
        body = self.api.read(Kind.POD, self.spot.pod, self.spot.namespace)
        return None if body is None or pod(body).over else pod(body).vessel(self.spot.container).restarts

    def _next(self, number: int) -> int | None:
        while not self.over.wait(_GLANCE):
            found = self._run()
            if found != number:
                return found
        return None


def _voices(api: Api, namespace: str, name: Name) -> Iterator[_Voice]:
    """The containers of the version that serves; where none does, of whatever there is."""
    labels = selector({names.MANAGED: "matinee", names.SERVICE: name, names.ROLE: Role.REPLICA})
    standing = api.listed(Kind.DEPLOYMENT, namespace, labels=labels).items
    serving = {name_of(body) for body in standing if marked([body])} or {name_of(body) for body in standing}
    over = Event()
    for body in api.listed(Kind.POD, namespace, labels=labels).items:
        if labels_of(body).get(names.GROUP) in serving:
            for container in _lasting(body):
                spot = Spot(namespace=namespace, pod=name_of(body), container=container)
                yield _Voice(api=api, spot=spot, over=over)


def _lasting(body: Body) -> Iterator[str]:
    """The containers that are to go on: mains and sidecars."""
    spec = body["spec"]
    yield from (each["name"] for each in spec["containers"])
    yield from (each["name"] for each in spec.get("initContainers") or () if each.get("restartPolicy") == "Always")


def _mingled(voices: Sequence[_Voice]) -> Iterator[str]:
    """Every line as it comes, until the last container has ended."""
    told: SimpleQueue[str | Exception | None] = SimpleQueue()

    def follow(voice: _Voice) -> None:
        try:
            for line in voice.lines(follow=True):
                told.put(line)
        except Exception as error:  # noqa: BLE001 - carried to whoever listens
            told.put(error)
        told.put(None)

    for voice in voices:
        Thread(target=follow, args=(voice,), name=f"follow {voice.spot.pod}", daemon=True).start()
    left = len(voices)
    try:
        while left:
            line = told.get()
            if isinstance(line, Exception):
                raise line
            left -= line is None
            if line is not None:
                yield line
    finally:
        for voice in voices:
            voice.over.set()
