"""The engine's images, by the Docker SDK: what is here, and fetching what is not."""

import queue
import re
import threading
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bot.core.errors import Unavailable, bottom
from bot.core.names import EnvironmentId
from bot.core.wire import Cancel, Log
from bot.keeping.credentials import Credentials
from builders._image_name import malformed
from builders.base import Built, Unbuilt

if TYPE_CHECKING:
    from docker import APIClient

_BUILT = "matinee/"
_HELD = "matinee/environments"
"""Where images have a name for each environment that needs them; the engine deletes none that has a name."""
_DIGITS = 40
_TIMEOUT = 30
_LONGEST_SILENCE = 600
_PAUSE = 0.2
_GLANCE = 5
_LOG_IN = "log in as somebody of the group docker"
"""Seconds that a registry may take to say whether it has something newer."""
_FULL = re.compile(r"no space left on device|disk quota exceeded")
_DOWN = re.compile(r"timeout|timed out|connection refused|connection reset|EOF|TLS handshake|toomanyrequests|50[0234] ")


class Images:
    """Asks the engine anew each time: a connection belongs to one thread.

    `pulling`: what images are fetched with; without it, what the bot's own user has logged in with, but for forks, for
    whom there is then nothing. Whoever has something of their own is given no image that is here for others only.
    """

    def __init__(self, pulling: Credentials | None = None, *, forks: bool = False) -> None:
        self._pulling = pulling
        self._forks = forks

    def id(self, name: str) -> str | None:
        """The id of the image of that name, None where the engine has none."""
        from docker.errors import ImageNotFound

        with self._engine() as engine:
            try:
                return str(_inspect(engine, name)["Id"])
            except ImageNotFound:
                return None

    def here(self, image: str) -> str | None:
        """The id of what would be pinned without fetching, None where there is nothing."""
        return None if malformed(image) else self.id(image)

    def pin(self, image: str, *, log: Log, cancel: Cancel) -> Built | Unbuilt:
        """The image that is here under that name, else the one that its registry has now."""
        if problem := malformed(image):
            return Unbuilt(why=problem)
        login = self._login(image)
        here = self.id(image)
        newest = here is not None and self._newest(image, login, log)
        if isinstance(newest, Unbuilt):
            return newest
        if here is not None and newest:
            return Built(image=here, fresh=False)
        log(f"fetching {image}")
        why = self._fetch(image, login, log, cancel)
        if why is None:
            return Unbuilt(why=f"fetching {image} was cancelled", cancelled=True)
        if why:
            return self._unfetched(image, why)
        # Its id stands for its content, as a digest does, and is the same for whoever finds it here later.
        return Built(image=self.id(image) or image, fresh=True)

    def hold(self, image: str, environment: EnvironmentId) -> bool:
        """Give an image a name for an environment's sake; whether it is still there."""
        from docker.errors import NotFound

        with self._engine() as engine:
            try:
                found = str(_inspect(engine, image)["Id"])
                engine.tag(found, f"{_HELD}/{environment}", tag=found.removeprefix("sha256:")[:_DIGITS])
            except NotFound:
                return False
            return True

    def release(self, environment: EnvironmentId, kept: Container[str]) -> None:
        """Take those names away but for the images kept; what was built here for nobody else any more goes."""
        with self._engine() as engine:
            for held in engine.images(name=f"{_HELD}/{environment}"):
                if held["Id"] not in kept:
                    _untag(engine, [tag for tag in held["RepoTags"] if tag.startswith(f"{_HELD}/{environment}:")])
                    _untag(engine, _needless(_tags(engine, held["Id"]), environment))

    def _unfetched(self, image: str, why: str) -> Unbuilt:
        if _FULL.search(why):
            raise Unavailable(f"{image} cannot be fetched: {why}; free some space on the engine's disk")
        if _DOWN.search(why):
            raise Unavailable(f"{image} cannot be fetched: {why}; is its registry up, and the engine's network?")
        return Unbuilt(why=f"{image} cannot be fetched: {why}; check its name, and {self._rights}")

    def _login(self, image: str) -> Mapping[str, str] | None:
        """None: whatever Docker's own client finds."""
        if self._pulling is None:
            return {} if self._forks else None
        return self._pulling.login(image)

    @property
    def _rights(self) -> str:
        own = f"that MATINEE_{'FORK_' if self._forks else ''}REGISTRY_PULL_CREDENTIALS_FILE may read it"
        return own if self._pulling or self._forks else "that the engine may read it"

    def _fetch(self, image: str, login: Mapping[str, str] | None, log: Log, cancel: Cancel) -> str | None:
        """Fetch; why it failed, empty where it did not, None where it was cancelled."""
        told: queue.Queue[str | BaseException | None] = queue.Queue()
        # The stream of a pull cannot be left while it is silent, so it is read beside; the engine ends it by itself.
        threading.Thread(target=self._pull, args=(image, login, told), name=f"pull {image}", daemon=True).start()
        why = ""
        while not cancel.is_set():
            try:
                line = told.get(timeout=_PAUSE)
            except queue.Empty:
                continue
            if line is None:
                return why
            if isinstance(line, BaseException):
                raise line
            why = line.removeprefix("error: ") if line.startswith("error: ") else why
            if line:
                log(line)
        return None

    def _pull(
        self, image: str, login: Mapping[str, str] | None, told: "queue.Queue[str | BaseException | None]"
    ) -> None:
        from docker.errors import APIError
        from docker.utils import parse_repository_tag

        name, tag = parse_repository_tag(image)
        try:
            with self._engine(_LONGEST_SILENCE) as engine:
                try:
                    given = None if login is None else dict(login)
                    for event in engine.pull(name, tag=tag or "latest", stream=True, decode=True, auth_config=given):
                        told.put(_told(event))
                except APIError as error:
                    told.put(f"error: {error.explanation or error}")
        except Unavailable as error:
            told.put(error)
        told.put(None)

    def _newest(self, image: str, login: Mapping[str, str] | None, log: Log) -> bool | Unbuilt:
        """Whether its registry has nothing newer under that name.

        Where it cannot be asked, what is here will do, unless it may be here for others only.
        """
        from docker.errors import APIError
        from requests.exceptions import RequestException

        with self._engine(_GLANCE) as engine:
            known = _inspect(engine, image).get("RepoDigests") or ()
            if not known or ("@" in image and login is None):
                return True  # it was made here, or names its content itself
            try:
                asked = engine.inspect_distribution(image, login)  # type: ignore[no-untyped-call]  # likewise
            except (APIError, RequestException) as error:
                said = str(error.explanation if isinstance(error, APIError) else error)
                if self._forks or (login is not None and not _DOWN.search(said)):
                    return self._unfetched(image, said)
                log(f"{image} is here; its registry cannot be asked for a newer one: {_root(error)}")
                return True
            return any(digest.endswith(f"@{asked['Descriptor']['digest']}") for digest in known)

    @contextmanager
    def _engine(self, timeout: int = _TIMEOUT) -> Iterator["APIClient"]:
        from docker import APIClient
        from docker.errors import APIError, DockerException
        from docker.utils import kwargs_from_env
        from requests.exceptions import RequestException

        where = kwargs_from_env()
        name = where.get("base_url", "this machine's socket")
        try:
            engine = APIClient(**where, version="auto", timeout=timeout)
        except DockerException as error:
            do = _LOG_IN if isinstance(bottom(error), PermissionError) else "start it, or set DOCKER_HOST"
            raise Unavailable(f"no Docker engine answers at {name}: {_root(error)}; {do}") from error
        try:
            yield engine
        except APIError as error:
            raise Unavailable(
                f"the Docker engine at {name} refuses: {error.explanation}; look at the engine"
            ) from error
        except RequestException as error:
            raise Unavailable(f"the Docker engine at {name} went away: {_root(error)}; look at the engine") from error
        finally:
            engine.close()


def _needless(names: Sequence[str], environment: EnvironmentId) -> list[str]:
    """Of an image's names those under which nobody looks for it: builds' whose repository has it no more, or nobody."""
    repository = environment.rpartition("-")[0]
    holders = [name for name in names if name.startswith(f"{_HELD}/")]
    if any(name.startswith(f"{_HELD}/{repository}-") for name in holders):
        return []
    ours = f"{_BUILT}{repository}:" if holders else _BUILT
    return [name for name in names if name.startswith(ours) and name not in holders]


def _inspect(engine: "APIClient", name: str) -> dict[str, Any]:
    found: dict[str, Any] = engine.inspect_image(name)  # type: ignore[no-untyped-call]  # the stubs give it no type
    return found


def _tags(engine: "APIClient", image: str) -> list[str]:
    from docker.errors import ImageNotFound

    try:
        return list(_inspect(engine, image)["RepoTags"] or ())
    except ImageNotFound:
        return []


def _untag(engine: "APIClient", names: Iterable[str]) -> None:
    """Take names away; one that is gone, or whose image something still runs from, is left as it is."""
    from docker.errors import APIError

    for name in names:
        try:
            engine.remove_image(name)
        except APIError as error:
            if error.status_code not in (404, 409):
                raise


def _told(event: dict[str, Any]) -> str:
    """A line of the pull worth reading: not the bars."""
    if "error" in event:
        return f"error: {event['error']}"
    if "progress" in event or event.get("progressDetail"):
        return ""
    layer = f"{event['id']}: " if "id" in event else ""
    return f"{layer}{event['status']}" if "status" in event else ""


def _root(error: BaseException) -> str:
    """What lies at the bottom of a chain of wrapped errors, in one line."""
    return " ".join(str(bottom(error)).split())[:200]
