"""A GitHub App: it signs for itself, and says who it is and where it is installed."""

import time
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from threading import Lock

import jwt
from github import Auth
from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.core.errors import Gone, Misused, Unavailable
from bot.forges._github.api import Api
from bot.forges._github.request import Request

_BACK, _LASTS, _AGAIN = 60, 540, 480
"""Seconds: GitHub takes no signature from the future, and none that is good for more than ten minutes."""
_DRIFT = 5


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class About(_Shape):
    """What GitHub says of an App, or of one of its installations."""

    slug: str = ""
    permissions: dict[str, str] = {}
    events: list[str] = []


class _Account(_Shape):
    login: str = "somebody"


class Installation(About):
    """An App on the repositories, or some of them, of one account."""

    id: int
    account: _Account | None = None
    suspended_at: datetime | None = None

    @property
    def owner(self) -> str:
        """Whose repositories they are."""
        return self.account.login if self.account else "somebody"


_ABOUT = TypeAdapter(About)
ABOUT = Request(verb="GET", path="/app", doing="look at the App", permission="the App itself")
_INSTALLATION = TypeAdapter(Installation)
_INSTALLATIONS = TypeAdapter(list[Installation])


class App:
    """Signs with its private key; what the clock of this machine lacks is taken from GitHub's own time."""

    name = "the App"
    advice = "see that MATINEE_GITHUB_APP_ID and MATINEE_GITHUB_PRIVATE_KEY are of one App, which still has the key"
    of_job = False

    def __init__(self, url: str, id_: str, key: str) -> None:
        self._id = id_
        self._key = key
        self._lock = Lock()
        self._signed: tuple[Auth.Auth, float] | None = None
        self._drift = 0.0
        self._about: About | None = None
        self.api = Api(url, self)

    @property
    def whose(self) -> Request:
        """The account as which its installations act."""
        return _get(f"/users/{self.about().slug}%5Bbot%5D", "ask for the App's account")

    def auth(self) -> Auth.Auth:
        """A signature that is good for some minutes."""
        with self._lock:
            now = time.time()
            if self._signed is None or not 0 <= now - self._signed[1] < _AGAIN:
                self._signed = (Auth.AppAuthToken(self._sign()), now)
            return self._signed[0]

    def renewed(self, refused: Auth.Auth, headers: Mapping[str, str]) -> bool:
        """Where GitHub's clock is another than was thought, sign by that."""
        try:
            drift = parsedate_to_datetime(headers.get("date", "")).timestamp() - time.time()
        except ValueError:
            return False
        with self._lock:
            if abs(drift - self._drift) < _DRIFT:
                return False
            self._drift, self._signed = drift, None
            return True

    def changed(self) -> bool:
        """What the App may ask of itself is always the same."""
        return False

    def about(self, *, fresh: bool = False) -> About:
        """The App itself; Unavailable where GitHub knows none of this id."""
        if self._about is None or fresh:
            try:
                self._about = self.api.ask(ABOUT, _ABOUT)
            except Gone as error:
                raise Unavailable(f"GitHub knows no App {self._id}; set MATINEE_GITHUB_APP_ID to its App ID") from error
        return self._about

    def installation(self, repository: str) -> Installation:
        """Where the repository of this number is; raises `Gone` where the App is not installed there."""
        try:
            return self.api.ask(
                _get(f"/repositories/{repository}/installation", "find the installation"), _INSTALLATION
            )
        except Gone as error:
            self.about(fresh=True)
            raise Gone(
                f"the App is not installed where repository {repository} is, or not for it; "
                "install it there, in the App's settings under Install App"
            ) from error

    def installations(self) -> list[Installation]:
        """All of them."""
        return list(self.api.pages(_get("/app/installations", "list the installations"), _INSTALLATIONS))

    def _sign(self) -> str:
        now = int(time.time() + self._drift)
        claims = {"iat": now - _BACK, "exp": now + _LASTS, "iss": self._id}
        try:
            return jwt.encode(claims, self._key, algorithm="RS256")
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise Misused(
                "MATINEE_GITHUB_PRIVATE_KEY is no private key of an App; "
                "make one in the App's settings, and set MATINEE_GITHUB_PRIVATE_KEY_FILE to the file that it gives you"
            ) from error


def _get(path: str, doing: str) -> Request:
    return Request(verb="GET", path=path, doing=doing, permission="the App itself")
