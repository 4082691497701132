"""The connection to one engine, and its answers as our values."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from bot.core.errors import Unavailable, bottom
from bot.core.group import Ended, Fate

if TYPE_CHECKING:
    from docker import APIClient

T = TypeVar("T")

_LOCAL = "unix:///var/run/docker.sock"
_CONNECTIONS = 32
_STAT = "x-docker-container-path-stat"
KILLED = 137
_HEARSAY, _GLANCE = 1.0, 0.02
"""Seconds that the engine has to hear of memory that ran out, and between two looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A container as the engine shows it at one moment."""

    id: str
    name: str
    image: str
    status: str
    code: int
    oom: bool
    began: datetime | None
    """None: it was never started."""
    finished: datetime | None
    policy: str
    labels: Mapping[str, str]
    ports: Mapping[int, int]
    """Port in the container → port of the host."""
    networks: Mapping[str, "Endpoint"] = field(default_factory=dict)
    health: str = ""
    health_said: str = ""

    @property
    def running(self) -> bool:
        """Whether its program runs now."""
        return self.status == "running"

    @property
    def lives(self) -> bool:
        """Whether it runs, or is about to run again."""
        return self.status in ("running", "restarting", "paused")

    def joins(self, owner: "Seen") -> bool:
        """Whether it was started after the owner of its network, so that it is on the network that there is."""
        return self.began is not None and owner.began is not None and self.began >= owner.began

    @property
    def ended(self) -> bool:
        """Whether its program ran and is over."""
        return self.status in ("exited", "dead")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A container's place on one network."""

    ip: str
    aliases: frozenset[str]


class Engine:
    """One engine; connects at first use."""

    def __init__(self, *, timeout: int = 60) -> None:
        self._timeout = timeout
        self._connecting = threading.Lock()
        self._api: APIClient | None = None
        self._streams: APIClient | None = None
        self.pools: set[str] = set()
        """Subnets that were found to suit the engine's host."""

    @property
    def api(self) -> "APIClient":
        """The SDK's low-level client, shared by all threads."""
        with self._connecting:
            if self._api is None:
                self._api = self._connected("auto")
            return self._api

    @property
    def streams(self) -> "APIClient":
        """The same for what is read while it is printed: each connection serves once.

        A reader closes what it reads from; one that ended just then would lie closed among those to be used again.
        """
        version = self.api.api_version
        with self._connecting:
            if self._streams is None:
                self._streams = self._connected(version)
                self._streams.headers["Connection"] = "close"
            return self._streams

    def _connected(self, version: str) -> "APIClient":
        from docker import APIClient
        from docker.utils import kwargs_from_env

        return APIClient(**kwargs_from_env(), version=version, timeout=self._timeout, max_pool_size=_CONNECTIONS)

    @cached_property
    def cpus(self) -> int:
        """How many cores the engine's host has."""
        return int(self.api.info()["NCPU"])

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Turn an engine that fails us into `Unavailable`."""
        from docker.errors import APIError, DockerException
        from requests.exceptions import RequestException

        try:
            yield
        except APIError as error:
            raise Unavailable(f"the Docker engine at {host()} refused: {said(error)}") from error
        except (DockerException, RequestException) as error:
            raise Unavailable(f"the Docker engine at {host()} does not answer: {unanswered(error)}") from error

    def seen(self, name: str) -> Seen | None:
        """The container of this name or id; None where there is none."""
        from docker.errors import NotFound

        try:
            shown = self.api.inspect_container(name)
        except NotFound:
            return None
        return _seen(shown)

    def over(self, name: str) -> Seen | None:
        """A container that has ended, as the engine will remember it: that memory ran out it may hear after the end."""
        until = time.monotonic() + _HEARSAY
        while (seen := self.seen(name)) and seen.code == KILLED and not seen.oom and time.monotonic() < until:
            time.sleep(_GLANCE)
        return seen

    def listed(self, labels: list[str]) -> tuple[Seen, ...]:
        """Every container with these labels, in the order of their names."""
        found = self.api.containers(all=True, filters={"label": labels})
        looked = (self.seen(str(each["Id"])) for each in found)
        return tuple(sorted((seen for seen in looked if seen), key=lambda seen: seen.name))

    def looked_at(self, container: str, path: str) -> Mapping[str, Any] | None:
        """What the engine says of a path in a container, without opening it: None: nothing is there; {}: it cannot."""
        where = f"{self.api.base_url}/v{self.api.api_version}/containers/{container}/archive"
        answer = self.api.head(where, params={"path": path}, timeout=self.api.timeout)
        if answer.status_code == 404:
            return None
        if answer.status_code != 200:
            return {}
        stat: Mapping[str, Any] = json.loads(base64.b64decode(answer.headers[_STAT]))
        return stat

    def vanish(self, container: str) -> None:
        """Remove a container whatever it does; one that is gone or going is fine."""
        from docker.errors import APIError

        try:
            self.api.remove_container(container, force=True, v=True)
        except APIError as error:
            if error.status_code not in (404, 409):
                raise

    def create(self, body: Mapping[str, Any], name: str) -> str:
        """Create a container; its id, or that of the one that somebody else has just made."""
        from docker.errors import APIError

        try:
            made = self.api.create_container_from_config(body, name)  # type: ignore[no-untyped-call] # the stub has no types
        except APIError as error:
            there = self.seen(name) if error.status_code == 409 else None
            if there is None:
                raise
            return there.id
        return str(made["Id"])

    def kill(self, container: str) -> bool:
        """Kill a container; whether it still ran."""
        from docker.errors import APIError

        try:
            self.api.kill(container)
        except APIError as error:
            if error.status_code not in (404, 409):
                raise
            return False
        return True

    def stop(self, container: str, *, patience: int) -> None:
        """Ask a container to end, and see to it; one that is gone is fine."""
        from docker.errors import NotFound

        with suppress(NotFound):
            self.api.stop(container, timeout=patience)


def allowed(act: Callable[[], T]) -> T | Ended:
    """What the act gives; where the engine refuses it, an end before the start, in the engine's own words."""
    from docker.errors import APIError

    try:
        return act()
    except APIError as error:
        return Ended(fate=Fate.NOT_STARTED, detail=said(error))


def said(error: Exception) -> str:
    """The engine's own words, without the address that was called."""
    return str(getattr(error, "explanation", None) or error).strip()


def unanswered(error: Exception) -> str:
    """Why the engine says nothing, and what to do about it."""
    found = bottom(error)
    ours = not isinstance(found, PermissionError)
    return f"{found}; {'start it or set DOCKER_HOST' if ours else 'log in as somebody of the group docker'}"


def host() -> str:
    """Where the engine is, as the environment says."""
    from docker.utils import kwargs_from_env

    return str(kwargs_from_env().get("base_url") or _LOCAL)


def _seen(shown: Mapping[str, Any]) -> Seen:
    state, settings = shown["State"], shown["NetworkSettings"]
    health = state.get("Health") or {}
    past = health.get("Log") or [{}]
    return Seen(
        id=shown["Id"],
        name=shown["Name"].removeprefix("/"),
        image=shown["Image"],
        status=state["Status"],
        code=state["ExitCode"],
        oom=state["OOMKilled"],
        began=_moment(state["StartedAt"]),
        finished=_moment(state["FinishedAt"]),
        policy=shown["HostConfig"]["RestartPolicy"]["Name"],
        labels=shown["Config"]["Labels"] or {},
        ports=_ports(settings["Ports"] or {}),
        networks={name: _endpoint(found) for name, found in settings["Networks"].items()},
        health=health.get("Status", ""),
        health_said=past[-1].get("Output", "").strip(),
    )


def _endpoint(found: Mapping[str, Any]) -> Endpoint:
    return Endpoint(ip=found.get("IPAddress") or "", aliases=frozenset(found.get("Aliases") or ()))


def _ports(found: Mapping[str, Any]) -> Mapping[int, int]:
    return {int(port.split("/")[0]): int(bound[0]["HostPort"]) for port, bound in found.items() if bound}


def _moment(text: str) -> datetime | None:
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return moment if moment.year > 1 else None
