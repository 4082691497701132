import http.client
import json
from urllib.parse import urlsplit

import pytest

from tests.world.documented import OURS
from tests.world.github import API, GitHubWorld
from tests.world.github_calls import CALLS, found


def called(world: GitHubWorld, verb: str, path: str, body: object = None, *, agent: str = OURS) -> int:
    connection = http.client.HTTPConnection(urlsplit(world.base).netloc, timeout=10)
    headers = {"User-Agent": agent, "Authorization": f"token {world.token}", "Content-Type": "application/json"}
    connection.request(verb, f"{API}{path}", body=None if body is None else json.dumps(body), headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize(
    ("verb", "path", "body", "says"),
    [
        ("PUT", "/repositories/1/pulls/1/merge", None, "no row"),
        ("GET", "/repos/acme/shop/pulls/1/../../../user", None, "no row"),
        ("GET", "/repositories/1/hooks?state=all", None, "the query has state"),
        ("GET", "/user", {"a": 1}, "it has no body"),
        ("POST", "/repositories/1/issues/1/comments", {"body": "hello", "title": "no"}, "title"),
        ("POST", "/repositories/1/issues/1/comments", {"body": 7}, "body.*string"),
        ("POST", "/repositories/1/statuses/abc", {"state": "success", "target_url": None}, "has a null"),
        ("POST", "/repositories/1/statuses/abc", {"state": "running"}, "'error', 'failure', 'pending' or 'success'"),
    ],
)
def test_a_call_of_the_bots_that_is_not_documented_fails_the_test(
    verb: str, path: str, body: object, says: str
) -> None:
    with pytest.raises(AssertionError, match=f"(?s){says}"), GitHubWorld() as world:
        assert called(world, verb, path, body) == 400


def test_a_documented_call_and_those_of_others_are_let_through() -> None:
    with GitHubWorld() as world:
        number = world.repository("acme/shop").open_pull().repository.id
        assert called(world, "GET", "/user") == 200
        assert called(world, "GET", f"/repositories/{number}/issues/1/comments?per_page=100&page=1") == 200
        assert called(world, "POST", "/repos/acme/shop/issues/1/comments", {"body": "hello"}) == 201
        assert called(world, "GET", "/repos/acme/shop/pulls?state=open", agent="PyGithub/Python") == 200


def test_no_two_rows_are_the_same_call() -> None:
    assert all(found(call.verb, call.path) is call for call in CALLS)
