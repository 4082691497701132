"""An App in one repository: tokens for that repository alone, each with the rights that its purpose needs."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock

from github import Auth
from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.core.errors import Unavailable
from bot.forges._github.app import App, Installation
from bot.forges._github.permissions import common
from bot.forges._github.request import Forbidden, Request, Unauthorized

EARLY = 300.0
"""Seconds before a token's end at which the next is made: what is begun with one has time to end."""


class _Made(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    token: str
    expires_at: datetime


_MADE = TypeAdapter(_Made)


class Installed:
    """The App in the repository of this number."""

    def __init__(self, app: App, repository: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.app = app
        self._repository = repository
        self._clock = clock
        self._lock = Lock()
        self._made: dict[tuple[tuple[str, str], ...], tuple[Auth.Token, float]] = {}
        self._found: Installation | None = None

    def token(self, wanted: Mapping[str, str]) -> Auth.Token:
        """One with these permissions, as far as the installation has them, and for some minutes at least."""
        key = tuple(sorted(wanted.items()))
        with self._lock:
            made = self._made.get(key)
            if made is None or self._clock() >= made[1]:
                made = self._made[key] = self._make(wanted)
            return made[0]

    def forget(self, refused: Auth.Auth) -> None:
        """GitHub takes this one no more: whatever was made with it may be void as well."""
        with self._lock:
            if any(token is refused for token, _ in self._made.values()):
                self._made.clear()

    def changed(self) -> bool:
        """Whether another installation has the repository now, or this one other permissions; raises `Gone` for none.

        A repository may be transferred, and an owner may accept what was asked for, within the hour of a token.
        """
        now = self.app.installation(self._repository)
        with self._lock:
            before = self._found
            if before is not None and (before.id, before.permissions) == (now.id, now.permissions):
                return False
            self._made.clear()
            return True

    def _make(self, wanted: Mapping[str, str]) -> tuple[Auth.Token, float]:
        found = self.app.installation(self._repository)
        if found.suspended_at is not None:
            raise Unavailable(_suspended(found))
        self._found = found
        permissions = {"metadata": "read", **common(wanted, found.permissions)}  # none at all would mean: all
        body = {"repository_ids": [int(self._repository)], "permissions": permissions}
        request = Request(
            verb="POST",
            path=f"/app/installations/{found.id}/access_tokens",
            doing=f"make a token for repository {self._repository}",
            permission="the App itself",
            body=body,
        )
        began = self._clock()
        try:
            made, headers = self.app.api.answered(request, _MADE)
        except (Forbidden, Unauthorized) as error:
            raise Unavailable(_suspended(found)) from error
        return Auth.Token(made.token), began + _lasts(made, headers) - EARLY


class InstallationToken:
    """What the REST API is asked with."""

    name = "the App"
    advice = "see whether it is still installed there, and not suspended"
    of_job = False

    def __init__(self, installed: Installed, wanted: Mapping[str, str]) -> None:
        self._installed = installed
        self._wanted = wanted

    @property
    def whose(self) -> Request:
        """The App's own account."""
        return self._installed.app.whose

    def auth(self) -> Auth.Auth:
        """The one that is valid now."""
        return self._installed.token(self._wanted)

    def renewed(self, refused: Auth.Auth, headers: Mapping[str, str]) -> bool:
        """GitHub may take the next: tokens end early where an App is taken away and installed again."""
        self._installed.forget(refused)
        return True

    def changed(self) -> bool:
        """Whether another token would do more, or less."""
        return self._installed.changed()


def _lasts(made: _Made, headers: Mapping[str, str]) -> float:
    """Seconds, by GitHub's clock from begin to end: this machine's may be another."""
    try:
        now = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        now = datetime.now(UTC)
    return (made.expires_at - now).total_seconds()


def _suspended(found: Installation) -> str:
    return (
        f"the App's installation of {found.owner} is suspended; "
        f"have an owner of {found.owner} unsuspend it, under Settings, GitHub Apps"
    )
