"""What a request is authorized by. It is secret: nothing here logs, and what is shown of one is only its name."""

from collections.abc import Mapping
from typing import Protocol

from github import Auth

from bot.forges._github.request import Request

WHOSE = Request(verb="GET", path="/user", doing="ask whose the token is", permission="a user's token")

OF_JOBS = "github-actions[bot]"
"""As whom the jobs of GitHub Actions act with their own tokens; no person can have such a name."""


def viewer(address: str) -> Request:
    """What tells the name of whoever asks, also where the token is no user's: a job's of GitHub Actions, an App's."""
    query = {"query": "query{viewer{login}}"}
    return Request(verb="POST", path=address, doing="ask whose the token is", permission="any", body=query)


class Credential(Protocol):
    """A personal token, or what an App makes for itself."""

    name: str
    """What GitHub may find lacking: `the token`."""
    advice: str
    """What to do where GitHub does not take it."""
    of_job: bool
    """Whether it may be a job's of GitHub Actions, whose permissions are lines of a workflow."""

    @property
    def whose(self) -> Request:
        """What answers with the account that it acts as."""
        ...

    def auth(self) -> Auth.Auth:
        """What is valid now: the same object for as long as it is."""
        ...

    def renewed(self, refused: Auth.Auth, headers: Mapping[str, str]) -> bool:
        """Whether GitHub, which has refused that one with these headers, may take the next."""
        ...

    def changed(self) -> bool:
        """Whether it may do other things by now than when it was made; asked where GitHub finds or allows nothing."""
        ...


class PersonalToken:
    """A user's own."""

    name = "the token"
    advice = "set MATINEE_GITHUB_TOKEN to one that is valid"
    of_job = True
    whose = WHOSE

    def __init__(self, token: str) -> None:
        self._auth = Auth.Token(token)

    def auth(self) -> Auth.Auth:
        """It never changes."""
        return self._auth

    def renewed(self, refused: Auth.Auth, headers: Mapping[str, str]) -> bool:
        """There is no other."""
        return False

    def changed(self) -> bool:
        """GitHub itself sees to that."""
        return False
