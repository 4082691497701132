"""What `matinee github manifest` says that an App for the bot is to be."""

import json
import os
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.core.errors import Misused
from bot.forges import github
from bot.forges._github.permissions import EVENTS, PERMISSIONS
from tests.world.bot import command
from tests.world.github_calls import ANY, APP, CALLS, USER

PUBLIC = {"public_url": "https://matinee.example/"}


def test_a_manifest_has_the_least_permissions_and_the_events_that_are_read() -> None:
    made, _ = github.manifest(PUBLIC, "matinee", None)
    assert made == {
        "name": "matinee",
        "url": "https://matinee.example",
        "hook_attributes": {"url": "https://matinee.example/hooks/github", "active": True},
        "public": False,
        "default_permissions": {
            "metadata": "read",
            "contents": "read",
            "pull_requests": "write",
            "issues": "write",
            "statuses": "write",
            "checks": "write",
            "deployments": "write",
        },
        "default_events": [
            "pull_request",
            "issue_comment",
            "pull_request_review",
            "pull_request_review_comment",
            "check_run",
            "repository",
        ],
    }


@pytest.mark.parametrize(
    ("url", "organization", "place"),
    [
        ("", None, "https://github.com/settings/apps/new"),
        ("https://git.example/api/v3", "acme", "https://git.example/organizations/acme/settings/apps/new"),
    ],
)
def test_the_link_has_all_of_the_manifest(url: str, organization: str | None, place: str) -> None:
    made, link = github.manifest({**PUBLIC, "github_url": url}, "previews", organization)
    given = parse_qs(urlsplit(link).query)
    assert link.partition("?")[0] == place
    assert given["webhook_url"] == [made["hook_attributes"]["url"]]
    assert given["events[]"] == made["default_events"]
    assert {name: given[name][0] for name in made["default_permissions"]} == made["default_permissions"]
    assert given["public"] == ["false"]


@pytest.mark.parametrize(
    "url", ["", "matinee.example", "ftp://matinee.example", "https://a:b@matinee.example", "https://x/?a"]
)
def test_without_an_address_of_its_own_the_bot_makes_no_manifest(url: str) -> None:
    with pytest.raises(Misused, match="set it to where GitHub reaches the bot"):
        github.manifest({"public_url": url}, "matinee", None)


def test_every_event_comes_with_a_permission_that_is_asked_for() -> None:
    assert {each.permission for each in EVENTS} <= {each.name for each in PERMISSIONS}


UNASKED = {
    "repository_hooks=read": "an App has a webhook of its own",
    "repository_hooks=write": "an App has a webhook of its own",
    "administration=write": "what is left of a deleted preview may stay, which is told nobody",
}
"""What only those have who give more than is asked for; where it is refused, nothing fails."""


def test_every_call_of_an_app_takes_a_permission_that_is_asked_for() -> None:
    given = {f"{each.name}={level}" for each in PERMISSIONS for level in ("read", each.level)}
    taken = {call.needs for call in CALLS} - {ANY, APP, USER, *UNASKED}
    assert {needs for needs in taken if not {*needs.split("; ")} & given} == set()


@pytest.mark.slow
def test_the_command_prints_the_manifest_or_what_to_do_with_the_reasons(tmp_path: object) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MATINEE_")}
    environment = {**clean, "MATINEE_PUBLIC_URL": "https://matinee.example", "MATINEE_STATE": str(tmp_path)}
    made = json.loads(command("github", "manifest", "--json", environment=environment).stdout)
    assert made["hook_attributes"]["url"] == "https://matinee.example/hooks/github"
    told = command("github", "manifest", "--organization", "acme", environment=environment).stdout
    assert all(f"{each.title}: {each.level}: {each.why}" in told for each in PERMISSIONS)
    assert "make it at   https://github.com/organizations/acme/settings/apps/new?" in told
    refused = command("github", "manifest", environment={**clean, "MATINEE_STATE": str(tmp_path)})
    assert refused.returncode == 2
    assert "MATINEE_PUBLIC_URL" in refused.stderr
