"""A GitHub App in the fake GitHub: signatures checked for real, installations, tokens that are scoped and that end."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.forges._github.permissions import EVENTS, LEVELS, PERMISSIONS
from tests.world import github_shapes as shapes
from tests.world.github_repository import Repository

if TYPE_CHECKING:
    from tests.world.github import GitHubWorld

HOUR = 3600
_AHEAD = 30
"""Seconds that GitHub's own servers may be apart."""


@dataclass(slots=True, kw_only=True)
class Installation:
    """The App on the repositories of one account: on all of them, where none are named."""

    app: "App" = field(repr=False)
    id: int
    account: str
    permissions: dict[str, str]
    events: list[str]
    repositories: list[Repository] | None = None
    suspended: int | None = None
    """Since when."""

    def has(self, repository: Repository) -> bool:
        """Whether the App is there."""
        if self.repositories is not None:
            return repository in self.repositories
        return repository.full_name.partition("/")[0] == self.account

    def suspend(self, *, by: str = "ana") -> None:
        """Let an owner suspend it: its tokens are good for nothing meanwhile."""
        self.suspended = self.app.world.tick()
        self._tell("suspend", by)

    def unsuspend(self, *, by: str = "ana") -> None:
        """Let an owner take that back."""
        self.suspended = None
        self._tell("unsuspend", by)

    def remove(self, *, by: str = "ana") -> None:
        """Let an owner uninstall it."""
        self.app.installations.remove(self)
        self._tell("deleted", by)

    def drop(self, repository: Repository, *, by: str = "ana") -> None:
        """Let an owner take one repository out of it."""
        self.repositories = [it for it in self.app.world.repositories if self.has(it) and it is not repository]
        changed = {"repositories_added": [], "repositories_removed": [shapes.named(repository)]}
        more = {**changed, "repository_selection": "selected", "requester": None}
        self._happened("installation_repositories", "removed", by, **more)

    def _tell(self, action: str, by: str) -> None:
        here = [shapes.named(it) for it in self.app.world.repositories if self.has(it)]
        self._happened("installation", action, by, repositories=here)

    def _happened(self, event: str, action: str, by: str, **more: Any) -> None:
        sender = shapes.user(self.app.world, by)
        payload = {"action": action, "installation": shapes.installation(self), **more, "sender": sender}
        self.app.world.happened(event, payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """An installation's token."""

    token: str
    installation: Installation
    repositories: frozenset[int] | None
    permissions: Mapping[str, str]
    ends: float

    def opens(self, repository: Repository) -> bool:
        """Whether it is for this repository."""
        named = self.repositories is None or repository.id in self.repositories
        return named and self.installation.has(repository)

    def may(self, needs: str) -> bool:
        """Whether it has one of the permissions of `issues=write; pull_requests=write`."""
        return any(self._has(*each.strip().split("=")) for each in needs.split(";"))

    def _has(self, name: str, level: str) -> bool:
        return LEVELS.index(self.permissions.get(name, "none")) >= LEVELS.index(level)


class App:
    """One App, with what its manifest says."""

    def __init__(self, world: "GitHubWorld", slug: str) -> None:
        self.world, self.slug, self.id = world, slug, world.number()
        self.permissions = {each.name: each.level for each in PERMISSIONS}
        self.events = [each.name for each in EVENTS]
        self.installations: list[Installation] = []
        self.issued: list[Issued] = []
        self.lifetime = HOUR
        """Seconds for which the tokens that are made now are good."""
        self._key = _key()

    @property
    def key(self) -> str:
        """The private key, in PEM."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()

    def install(self, account: str, repositories: Iterable[Repository] | None = None) -> Installation:
        """Let an owner install it, with what it asks for now."""
        made = Installation(
            app=self,
            id=self.world.number(),
            account=account,
            permissions=dict(self.permissions),
            events=list(self.events),
            repositories=None if repositories is None else list(repositories),
        )
        self.installations.append(made)
        return made

    def of(self, repository: Repository) -> Installation | None:
        """Where this repository is."""
        return next((each for each in self.installations if each.has(repository)), None)

    def issue(self, installation: Installation, wanted: Mapping[str, Any]) -> Issued | str:
        """A token, or why none is made."""
        here = {it.id for it in self.world.repositories if installation.has(it)}
        scope = wanted.get("repository_ids")
        if scope is not None and not set(scope) <= here:
            return (
                "There is at least one repository that does not exist or is not accessible to the parent installation."
            )
        permissions = wanted.get("permissions") or installation.permissions
        whole = Issued(
            token=f"ghs_{secrets.token_hex(18)}",
            installation=installation,
            repositories=None if scope is None else frozenset(scope),
            permissions={"metadata": "read", **installation.permissions},
            ends=self.world.clock() + self.lifetime,
        )
        if not all(whole.may(f"{name}={level}") for name, level in permissions.items()):
            return "The permissions requested are not granted to this installation."
        made = Issued(
            token=whole.token,
            installation=installation,
            repositories=whole.repositories,
            permissions={"metadata": "read", **permissions},
            ends=whole.ends,
        )
        self.issued.append(made)
        return made

    def known(self, token: str) -> Issued | None:
        """The token that is still good."""
        found = next(
            (each for each in self.issued if secrets.compare_digest(each.token.encode(), token.encode())), None
        )
        alive = found and found.installation in self.installations and self.world.clock() < found.ends
        return found if alive else None

    def refusal(self, signed: str) -> tuple[int, str] | None:
        """Why this signature is not taken."""
        try:
            claims = jwt.decode(signed, self._key.public_key(), algorithms=["RS256"], options=_UNTIMED)
        except jwt.PyJWTError:
            return 401, "A JSON web token could not be decoded"
        now = self.world.clock()
        if claims["iat"] > now + _AHEAD:
            return (
                401,
                "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
            )
        if claims["exp"] <= now:
            return 401, "'Expiration time' claim ('exp') must be a numeric value representing the future time"
        if claims["exp"] > now + 600 + _AHEAD or claims["exp"] - claims["iat"] > 660:
            return 401, "'Expiration time' claim ('exp') is too far in the future"
        return None if str(claims["iss"]) == str(self.id) else (404, "Integration not found")


_UNTIMED = {"verify_exp": False, "verify_iat": False, "require": ["iat", "exp", "iss"]}
"""The times are the world's to judge, by its own clock."""


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
