"""GitHub's JSON, as its REST API and its webhooks document it, for the fake one's things."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.world.github import GitHubWorld
    from tests.world.github_app import App, Installation
    from tests.world.github_repository import Comment, CommitStatus, Pull, Repository

Json = dict[str, Any]


def user(world: "GitHubWorld", login: str) -> Json:
    """An account."""
    api = f"{world.base}/api/v3/users/{login}"
    return {
        "login": login,
        "id": world.person(login),
        "node_id": f"U_{login}",
        "avatar_url": f"{world.base}/avatars/{login}",
        "gravatar_id": "",
        "url": api,
        "html_url": f"{world.base}/{login}",
        "followers_url": f"{api}/followers",
        "repos_url": f"{api}/repos",
        "events_url": f"{api}/events{{/privacy}}",
        "received_events_url": f"{api}/received_events",
        "type": "Bot" if login.endswith("[bot]") else "User",
        "site_admin": False,
    }


def repository(it: "Repository") -> Json:
    """A repository."""
    return _repository(it.world, it.id, it.full_name, {"private": it.private, "created_at": moment(it.created)})


def hook(it: "Repository", leads: str) -> Json:
    """The webhook of a repository, as whoever may see it is shown it."""
    url = f"{_api(it.world, it.full_name)}/hooks/4242"
    return {
        "type": "Repository",
        "id": 4242,
        "name": "web",
        "active": True,
        "events": it.world.events,
        "config": {"content_type": "json", "insecure_ssl": "0", "secret": "********", "url": leads},
        "updated_at": moment(it.created),
        "created_at": moment(it.created),
        "url": url,
        "test_url": f"{url}/test",
        "ping_url": f"{url}/pings",
        "deliveries_url": f"{url}/deliveries",
        "last_response": {"code": 200, "status": "active", "message": "OK"},
    }


def context(it: "Repository", by: str) -> Json:
    """What is in every payload of a repository's webhook, and of an App's."""
    told = {"repository": repository(it), "sender": user(it.world, by)}
    installed = it.world.app and it.world.app.of(it)
    return {**told, "installation": {"id": installed.id, "node_id": f"I_{installed.id}"}} if installed else told


def pull(it: "Pull") -> Json:
    """A pull request."""
    home, world = it.repository, it.repository.world
    api, web = f"{_api(world, home.full_name)}", f"{world.base}/{home.full_name}/pull/{it.number}"
    return {
        "url": f"{api}/pulls/{it.number}",
        "id": it.id,
        "node_id": f"PR_{it.id}",
        "html_url": web,
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        "issue_url": f"{api}/issues/{it.number}",
        "number": it.number,
        "state": it.state,
        "locked": False,
        "title": it.title,
        "user": user(world, it.author),
        "body": None,
        "created_at": moment(it.created),
        "updated_at": moment(it.updated),
        "closed_at": moment(it.updated) if it.state == "closed" else None,
        "merged_at": moment(it.updated) if it.merged else None,
        "merge_commit_sha": None,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "labels": [label(world, home, name) for name in it.labels],
        "milestone": None,
        "draft": it.draft,
        "commits_url": f"{api}/pulls/{it.number}/commits",
        "comments_url": f"{api}/issues/{it.number}/comments",
        "statuses_url": f"{api}/statuses/{it.head}",
        "head": _head(it),
        "base": {
            "label": f"{_owner(home.full_name)}:{it.base}",
            "ref": it.base,
            "sha": home.head,
            "user": user(world, _owner(home.full_name)),
            "repo": repository(home),
        },
        "author_association": "CONTRIBUTOR",
        "auto_merge": None,
        "active_lock_reason": None,
        "merged": it.merged,
        "mergeable": None,
        "mergeable_state": "unknown",
        "merged_by": user(world, it.author) if it.merged else None,
        "comments": len(it.comments),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(it.shas),
        "additions": 1,
        "deletions": 0,
        "changed_files": 1,
    }


def label(world: "GitHubWorld", home: "Repository", name: str) -> Json:
    """A label."""
    return {
        "id": 1,
        "node_id": "LA_1",
        "url": f"{_api(world, home.full_name)}/labels/{name}",
        "name": name,
        "color": "ededed",
        "default": False,
        "description": None,
    }


def comment(it: "Comment") -> Json:
    """A comment on an issue, which every pull is."""
    world, api = it.pull.repository.world, _api(it.pull.repository.world, it.pull.repository.full_name)
    return {
        "url": f"{api}/issues/comments/{it.id}",
        "html_url": f"{world.base}/{it.pull.repository.full_name}/pull/{it.pull.number}#issuecomment-{it.id}",
        "issue_url": f"{api}/issues/{it.pull.number}",
        "id": it.id,
        "node_id": f"IC_{it.id}",
        "user": user(world, it.author),
        "created_at": moment(it.created),
        "updated_at": moment(it.updated),
        "author_association": "NONE",
        "body": it.body,
        "performed_via_github_app": None,
    }


def app(it: "App") -> Json:
    """A GitHub App."""
    return {
        "id": it.id,
        "slug": it.slug,
        "client_id": f"Iv23{it.id}",
        "node_id": f"A_{it.id}",
        "owner": user(it.world, "acme"),
        "name": it.slug,
        "description": None,
        "external_url": "https://matinee.example",
        "html_url": f"{it.world.base}/apps/{it.slug}",
        "created_at": moment(1_767_225_600),
        "updated_at": moment(1_767_225_600),
        "permissions": it.permissions,
        "events": it.events,
        "installations_count": len(it.installations),
    }


def installation(it: "Installation") -> Json:
    """An App on the repositories of an account."""
    world = it.app.world
    return {
        "id": it.id,
        "account": user(world, it.account),
        "repository_selection": "all" if it.repositories is None else "selected",
        "access_tokens_url": f"{world.base}/api/v3/app/installations/{it.id}/access_tokens",
        "repositories_url": f"{world.base}/api/v3/installation/repositories",
        "html_url": f"{world.base}/organizations/{it.account}/settings/installations/{it.id}",
        "app_id": it.app.id,
        "app_slug": it.app.slug,
        "target_id": world.person(it.account),
        "target_type": "Organization",
        "permissions": it.permissions,
        "events": it.events,
        "created_at": moment(1_767_225_600),
        "updated_at": moment(1_767_225_600),
        "single_file_name": None,
        "suspended_at": moment(it.suspended) if it.suspended else None,
        "suspended_by": None,
    }


def named(it: "Repository") -> Json:
    """A repository, as the events of installations tell of it."""
    name = it.full_name.partition("/")[2]
    return {"id": it.id, "node_id": f"R_{it.id}", "name": name, "full_name": it.full_name, "private": it.private}


def status(world: "GitHubWorld", it: "CommitStatus") -> Json:
    """A commit status."""
    return {
        "id": it.id,
        "node_id": f"SC_{it.id}",
        "state": it.state,
        "description": it.description,
        "target_url": it.url,
        "context": it.context,
        "created_at": moment(it.created),
        "updated_at": moment(it.created),
        "creator": user(world, it.author),
    }


def moment(seconds: int) -> str:
    """A time as GitHub writes it."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _head(it: "Pull") -> Json:
    home, world = it.repository, it.repository.world
    owner = _owner(it.fork or home.full_name)
    repo: Json | None = repository(home)
    if it.fork is not None:
        repo = _repository(world, home.id + 500_000, it.fork, {"fork": True}) if it.fork else None
    return {
        "label": f"{owner}:{it.branch}",
        "ref": it.branch,
        "sha": it.head,
        "user": user(world, owner) if it.fork != "" else None,
        "repo": repo,
    }


def _repository(world: "GitHubWorld", id_: int, full_name: str, more: Json) -> Json:
    api, web = _api(world, full_name), f"{world.base}/{full_name}"
    return {
        "id": id_,
        "node_id": f"R_{id_}",
        "name": full_name.partition("/")[2],
        "full_name": full_name,
        "private": False,
        "owner": user(world, _owner(full_name)),
        "html_url": web,
        "description": None,
        "fork": False,
        "url": api,
        "collaborators_url": f"{api}/collaborators{{/collaborator}}",
        "comments_url": f"{api}/comments{{/number}}",
        "commits_url": f"{api}/commits{{/sha}}",
        "contents_url": f"{api}/contents/{{+path}}",
        "hooks_url": f"{api}/hooks",
        "issues_url": f"{api}/issues{{/number}}",
        "pulls_url": f"{api}/pulls{{/number}}",
        "statuses_url": f"{api}/statuses/{{sha}}",
        "clone_url": f"{web}.git",
        "git_url": f"git://{web.partition('://')[2]}.git",
        "ssh_url": f"git@{web.partition('://')[2].replace('/', ':', 1)}.git",
        "homepage": None,
        "size": 1,
        "default_branch": "main",
        "archived": False,
        "disabled": False,
        "visibility": "private" if more.get("private") else "public",
        "topics": [],
        **more,
    }


def _api(world: "GitHubWorld", full_name: str) -> str:
    return f"{world.base}/api/v3/repos/{full_name}"


def _owner(full_name: str) -> str:
    return full_name.partition("/")[0]
