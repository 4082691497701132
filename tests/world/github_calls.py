"""Every call that the bot may make of GitHub's REST API, as GitHub documents it; the fake one takes no other from it.

Each is looked up at https://docs.github.com/rest/<docs>, and has to be in `github_description.json`. What it needs of
an App is at https://docs.github.com/rest/authentication/permissions-required-for-github-apps.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from tests.world.github_bodies import (
    Body,
    Checked,
    CheckedAgain,
    Deployed,
    DeploymentMarked,
    Marked,
    Reacted,
    Said,
    Scoped,
)

APP = "app"
"""Needs no permission, but the App itself: a JWT."""
USER = "user"
"""Needs a user's token: no App has one."""
ANY = ""
"""Needs no permission: any token will do."""
_REPO = "/repos/{owner}/{repo}"
_BY_NUMBER = "/repositories/{id}"
"""Undocumented, but what the documented path redirects to after a rename; go-github uses it as well."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call. `needs` is what `X-Accepted-GitHub-Permissions` says: any one of several, `; ` between them."""

    verb: str
    path: str
    docs: str
    needs: str
    body: type[Body] | None = None
    query: frozenset[str] = frozenset()

    def fits(self, verb: str, path: str) -> bool:
        """Whether it is this call."""
        return verb == self.verb and self._form.fullmatch(path) is not None

    @cached_property
    def _form(self) -> re.Pattern[str]:
        plain = re.escape(self.path).replace(re.escape(_REPO), f"(?:/repos/[^/]+/[^/]+|{_BY_NUMBER})", 1)
        open_ended = re.sub(r"\\\{(?:ref|basehead)\\\}$", ".+", plain)
        return re.compile(re.sub(r"\\?\{\w+\\?\}", "[^/]+", open_ended))


def _call(verb: str, path: str, docs: str, needs: str, body: type[Body] | None = None, query: str = "") -> Call:
    return Call(verb=verb, path=path, docs=docs, needs=needs, body=body, query=frozenset(query.split()))


_COMMENT = "issues=write; pull_requests=write"
_COMMENTED = "issues=read; pull_requests=read"

CALLS = (
    _call("GET", "/user", "users/users#get-the-authenticated-user", USER),
    _call("GET", "/users/{username}", "users/users#get-a-user", ANY),
    _call("GET", "/user/{account_id}", "users/users#get-a-user-using-their-id", ANY),
    _call("GET", "/app", "apps/apps#get-the-authenticated-app", APP),
    _call(
        "GET",
        "/app/installations",
        "apps/apps#list-installations-for-the-authenticated-app",
        APP,
        query="per_page page",
    ),
    _call(
        "GET",
        f"{_REPO}/installation",
        "apps/apps#get-a-repository-installation-for-the-authenticated-app",
        APP,
    ),
    _call(
        "POST",
        "/app/installations/{installation_id}/access_tokens",
        "apps/apps#create-an-installation-access-token-for-an-app",
        APP,
        Scoped,
    ),
    _call("GET", "/app/hook/config", "apps/webhooks#get-a-webhook-configuration-for-an-app", APP),
    _call(
        "GET",
        "/app/hook/deliveries",
        "apps/webhooks#list-deliveries-for-an-app-webhook",
        APP,
        query="per_page cursor",
    ),
    _call("GET", "/app/hook/deliveries/{delivery_id}", "apps/webhooks#get-a-delivery-for-an-app-webhook", APP),
    _call(
        "POST",
        "/app/hook/deliveries/{delivery_id}/attempts",
        "apps/webhooks#redeliver-a-delivery-for-an-app-webhook",
        APP,
    ),
    _call("GET", _REPO, "repos/repos#get-a-repository", "metadata=read"),
    _call(
        "GET",
        f"{_REPO}/collaborators/{{username}}/permission",
        "collaborators/collaborators#get-repository-permissions-for-a-user",
        "metadata=read",
    ),
    _call("GET", f"{_REPO}/git/ref/{{ref}}", "git/refs#get-a-reference", "contents=read"),
    _call(
        "GET",
        f"{_REPO}/compare/{{basehead}}",
        "commits/commits#compare-two-commits",
        "contents=read",
        query="page per_page",
    ),
    _call(
        "GET",
        f"{_REPO}/pulls",
        "pulls/pulls#list-pull-requests",
        "pull_requests=read",
        query="state head base sort direction per_page page",
    ),
    _call("GET", f"{_REPO}/pulls/{{pull_number}}", "pulls/pulls#get-a-pull-request", "pull_requests=read"),
    _call(
        "GET",
        f"{_REPO}/issues/{{issue_number}}/comments",
        "issues/comments#list-issue-comments",
        _COMMENTED,
        query="since per_page page",
    ),
    _call(
        "POST",
        f"{_REPO}/issues/{{issue_number}}/comments",
        "issues/comments#create-an-issue-comment",
        _COMMENT,
        Said,
    ),
    _call(
        "PATCH", f"{_REPO}/issues/comments/{{comment_id}}", "issues/comments#update-an-issue-comment", _COMMENT, Said
    ),
    _call("DELETE", f"{_REPO}/issues/comments/{{comment_id}}", "issues/comments#delete-an-issue-comment", _COMMENT),
    _call("POST", f"{_REPO}/statuses/{{sha}}", "commits/statuses#create-a-commit-status", "statuses=write", Marked),
    _call(
        "GET",
        f"{_REPO}/commits/{{ref}}/statuses",
        "commits/statuses#list-commit-statuses-for-a-reference",
        "statuses=read",
        query="per_page page",
    ),
    _call(
        "GET",
        f"{_REPO}/commits/{{ref}}/check-runs",
        "checks/runs#list-check-runs-for-a-git-reference",
        "checks=read",
        query="check_name status filter per_page page app_id",
    ),
    _call("POST", f"{_REPO}/check-runs", "checks/runs#create-a-check-run", "checks=write", Checked),
    _call(
        "PATCH",
        f"{_REPO}/check-runs/{{check_run_id}}",
        "checks/runs#update-a-check-run",
        "checks=write",
        CheckedAgain,
    ),
    _call(
        "GET",
        f"{_REPO}/deployments",
        "deployments/deployments#list-deployments",
        "deployments=read",
        query="sha ref task environment per_page page",
    ),
    _call("POST", f"{_REPO}/deployments", "deployments/deployments#create-a-deployment", "deployments=write", Deployed),
    _call(
        "GET",
        f"{_REPO}/deployments/{{deployment_id}}/statuses",
        "deployments/statuses#list-deployment-statuses",
        "deployments=read",
        query="per_page page",
    ),
    _call(
        "POST",
        f"{_REPO}/deployments/{{deployment_id}}/statuses",
        "deployments/statuses#create-a-deployment-status",
        "deployments=write",
        DeploymentMarked,
    ),
    _call(
        "DELETE",
        f"{_REPO}/environments/{{environment_name}}",
        "deployments/environments#delete-an-environment",
        "administration=write",
    ),
    _call(
        "POST",
        f"{_REPO}/issues/comments/{{comment_id}}/reactions",
        "reactions/reactions#create-reaction-for-an-issue-comment",
        _COMMENT,
        Reacted,
    ),
    _call(
        "POST",
        f"{_REPO}/pulls/comments/{{comment_id}}/reactions",
        "reactions/reactions#create-reaction-for-a-pull-request-review-comment",
        "pull_requests=write",
        Reacted,
    ),
    _call(
        "GET",
        f"{_REPO}/hooks",
        "repos/webhooks#list-repository-webhooks",
        "repository_hooks=read",
        query="per_page page",
    ),
    _call(
        "GET",
        f"{_REPO}/hooks/{{hook_id}}/deliveries",
        "repos/webhooks#list-deliveries-for-a-repository-webhook",
        "repository_hooks=read",
        query="per_page cursor",
    ),
    _call(
        "GET",
        f"{_REPO}/hooks/{{hook_id}}/deliveries/{{delivery_id}}",
        "repos/webhooks#get-a-delivery-for-a-repository-webhook",
        "repository_hooks=read",
    ),
    _call(
        "POST",
        f"{_REPO}/hooks/{{hook_id}}/deliveries/{{delivery_id}}/attempts",
        "repos/webhooks#redeliver-a-delivery-for-a-repository-webhook",
        "repository_hooks=write",
    ),
)
"""A row for each; the fake one's routes answer them."""


def found(verb: str, path: str) -> Call | None:
    """The documented call that this is."""
    return next((call for call in CALLS if call.fits(verb, path)), None)
