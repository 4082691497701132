"""A command in a container that runs: what it printed and how it ended, or that the connection was cut."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from runners._kubernetes.api import Api
from runners._kubernetes.kinds import Kind
from runners._kubernetes.refusals import CutOff, Rejected

_OUT, _ERR, _STATUS = 1, 2, 3
_GLANCE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A container of a pod."""

    namespace: str
    pod: str
    container: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A command that ended."""

    code: int
    out: bytes = field(repr=False)
    err: bytes = field(repr=False)


def execute(api: Api, spot: Spot, command: Sequence[str], *, patience: float = 60) -> Said:
    """Run it, with no secret among its words: they end in audit logs. `CutOff` may be tried again."""
    from websocket import WebSocketException

    try:
        channels = _channels(_opened(api, spot, command), patience)
    except (WebSocketException, OSError) as error:
        raise CutOff(str(error)) from error
    return Said(code=_code(channels[_STATUS]), out=channels[_OUT], err=channels[_ERR])


def _opened(api: Api, spot: Spot, command: Sequence[str]) -> Any:
    """The bare websocket call: the SDK's usual way changes the client that other threads use."""
    from kubernetes.stream.ws_client import WSClient, get_websocket_url
    from websocket import WebSocketBadStatusException

    configuration = api.sdk.configuration
    flags = [("stdout", "true"), ("stderr", "true"), ("stdin", "false"), ("tty", "false")]
    query = [("container", spot.container), *flags, *(("command", word) for word in command)]
    path = f"{api.path(Kind.POD, spot.namespace, spot.pod)}/exec"
    url = f"{configuration.host}{path}"
    try:
        return WSClient(configuration, get_websocket_url(url, query), _headers(api), capture_all=False, binary=True)
    except WebSocketBadStatusException as error:
        raise api.told(Rejected(int(error.status_code), _refusal(error)), path) from error


def _headers(api: Api) -> dict[str, str]:
    headers: dict[str, str] = {}
    api.sdk.client.update_params_for_auth(headers, [], ["BearerToken"], "", "GET", None)
    return {key.lower(): value for key, value in headers.items()}


def _channels(connection: Any, patience: float) -> dict[int, bytes]:
    """All that came over each channel, until the other side hung up."""
    found: dict[int, list[bytes]] = {_OUT: [], _ERR: [], _STATUS: []}
    ends = time.monotonic() + patience
    try:
        while connection.is_open() and time.monotonic() < ends:
            connection.update(timeout=_GLANCE)
            _drain(connection, found)
        # To look into an empty channel takes more of the others from the wire, up to the end.
        _drain(connection, found)
    finally:
        connection.close()
    return {number: b"".join(pieces) for number, pieces in found.items()}


def _drain(connection: Any, into: dict[int, list[bytes]]) -> None:
    for number, pieces in into.items():
        pieces.append(connection.read_channel(number) or b"")


def _code(status: bytes) -> int:
    if not status:
        raise CutOff("the connection ended without a word of how the command ended")
    told = json.loads(status)
    if told.get("status") == "Success":
        return 0
    causes = (told.get("details") or {}).get("causes") or ()
    code = next((cause["message"] for cause in causes if cause.get("reason") == "ExitCode"), None)
    if code is None:
        raise Rejected(int(told.get("code") or 500), str(told.get("message") or "the command could not be started"))
    return int(code)


def _refusal(error: Any) -> str:
    try:
        return str(json.loads(error.resp_body)["message"])
    except (TypeError, ValueError, KeyError):
        return str(error)
