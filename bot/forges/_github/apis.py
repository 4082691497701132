"""Which rights each repository is worked with: one `Api` for each, made when it is first needed."""

import base64
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.forges._github.api import Api


class Apis:
    """Of one GitHub, with one personal token."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        self._api: Api | None = None

    def of(self, repository: str) -> "Api":
        """To read the repository of this number, and to tell its pulls."""
        from bot.forges._github.api import Api

        self._api = self._api or Api(self._url, self._token)
        return self._api

    def fetching(self, repository: str) -> str:
        """An `Authorization: …` header with which git fetches the repository of this number."""
        credentials = base64.b64encode(f"x-access-token:{self._token}".encode()).decode()
        return f"Authorization: Basic {credentials}"
