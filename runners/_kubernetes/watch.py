"""What there is of one kind in a namespace, kept up to date by a thread."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Self

from runners._kubernetes.api import Api, Listed, hang_up
from runners._kubernetes.kinds import Body, Kind, name_of, uid_of, version_of
from runners._kubernetes.refusals import Rejected

_SERVER_SIDE = 240
"""Seconds after which the cluster ends a watch; a new one goes on where it ended."""
_SILENCE = 75.0
"""Seconds without a word, bookmarks come each minute, after which the connection counts as cut."""
_PATIENCE = 30.0
"""Seconds for which a cluster may be away."""
_PAUSE = 0.5
_EXPIRED = 410


class Watch:
    """The objects that fit, from now until it is closed; what the cluster fails us with is raised to the reader."""

    def __init__(self, api: Api, kind: Kind, namespace: str, *, labels: str = "", fields: str = "") -> None:
        self._api, self._kind, self._namespace = api, kind, namespace
        self._selectors = {"labelSelector": labels, "fieldSelector": fields}
        self._news = threading.Condition()
        self._seen: dict[str, Body] = {}
        self._gone: dict[str, Body] = {}
        self._version = ""
        self._changes = 0
        self._error: Exception | None = None
        self._over = False
        self._answer: Any = None
        self._fill(self._listed())

    def __enter__(self) -> Self:
        threading.Thread(target=self._follow, name=f"watch {self._kind.word}", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        with suppress(Exception):
            hang_up(self._answer)

    @property
    def seen(self) -> Mapping[str, Body]:
        """What there is now, by name."""
        with self._news:
            self._complain()
            return dict(self._seen)

    @property
    def gone(self) -> Mapping[str, Body]:
        """What has gone since the watch began, by name, as it was last."""
        with self._news:
            self._complain()
            return dict(self._gone)

    def changed(self, timeout: float) -> bool:
        """Wait for something that was not there at the last call; whether it came in time."""
        with self._news:
            came = self._news.wait_for(lambda: self._changes > 0 or self._error is not None, timeout)
            self._complain()
            self._changes = 0
            return came

    def _complain(self) -> None:
        if self._error is not None:
            raise self._error

    def _follow(self) -> None:
        silent_since: float | None = None
        while not self._over:
            try:
                for event in self._events():
                    silent_since = None
                    self._take(event)
            except Exception as error:  # noqa: BLE001 - carried to whoever reads
                silent_since = silent_since or time.monotonic()
                if time.monotonic() - silent_since > _PATIENCE or not self._may_pass(error):
                    return self._end(error)
                time.sleep(_PAUSE)
        return None

    def _may_pass(self, error: Exception) -> bool:
        """Whether to go on; after an expired version, or the end of the namespace, with what there is now."""
        from urllib3.exceptions import HTTPError

        if isinstance(error, Rejected) and (error.status == _EXPIRED or error.ended):
            with suppress(HTTPError, OSError, Rejected):
                self._fill(self._listed())
            return True
        return isinstance(error, HTTPError | OSError) or (isinstance(error, Rejected) and error.status >= 429)

    def _end(self, error: Exception) -> None:
        with self._news:
            self._error = error
            self._news.notify_all()

    def _listed(self) -> Listed:
        labels, fields = self._selectors["labelSelector"], self._selectors["fieldSelector"]
        return self._api.listed(self._kind, self._namespace, labels=labels, fields=fields)

    def _fill(self, listed: Listed) -> None:
        with self._news:
            now = {name_of(body): body for body in listed.items}
            alive = {uid_of(body) for body in now.values()}
            self._gone |= {name: body for name, body in self._seen.items() if uid_of(body) not in alive}
            self._seen, self._version = now, listed.version
            self._changes += 1
            self._news.notify_all()

    def _events(self) -> Iterator[Body]:
        query = [
            ("watch", "true"),
            ("allowWatchBookmarks", "true"),
            ("resourceVersion", self._version),
            ("timeoutSeconds", _SERVER_SIDE),
            *self._selectors.items(),
        ]
        path = self._api.path(self._kind, self._namespace)
        self._answer = self._api.opened(path, query, silence=_SILENCE)
        try:
            rest = b""
            for chunk in self._answer.stream(amt=None):
                *lines, rest = (rest + chunk).split(b"\n")
                yield from (json.loads(line) for line in lines if line)
        finally:
            self._answer.close()

    def _take(self, event: Body) -> None:
        body, kind = event["object"], event["type"]
        if kind == "ERROR":
            raise Rejected(int(body.get("code", 0)), str(body.get("message", "")))
        with self._news:
            self._version = version_of(body)
            if kind == "BOOKMARK":
                return
            if kind == "DELETED":
                self._seen.pop(name_of(body), None)
                self._gone[name_of(body)] = body
            else:
                self._seen[name_of(body)] = body
            self._changes += 1
            self._news.notify_all()
