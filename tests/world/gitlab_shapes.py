"""GitLab's JSON, as its REST API documents it, for the fake one's things."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.world.gitlab import GitLabWorld
    from tests.world.gitlab_merge_request import MergeRequest, Note
    from tests.world.gitlab_pipelines import CommitStatus
    from tests.world.gitlab_project import Member, Project
    from tests.world.hooks import Sent

Json = dict[str, Any]


def user(world: "GitLabWorld", login: str) -> Json:
    """An account, as the API has it."""
    return {
        "id": world.person(login),
        "username": login,
        "public_email": None,
        "name": login.title(),
        "state": "active",
        "locked": False,
        "avatar_url": None,
        "web_url": f"{world.base}/{login}",
    }


def merge_request(it: "MergeRequest", *, alone: bool = False) -> Json:
    """A merge request as the API has it; `alone` has more than one in a list."""
    world = it.project.world
    source = it.source.id if it.source else None
    answer = {
        "id": it.id,
        "iid": it.number,
        "project_id": it.project.id,
        "title": it.title,
        "description": None,
        "state": it.state,
        "created_at": moment(it.created),
        "updated_at": moment(it.updated),
        "target_branch": it.base,
        "source_branch": it.branch,
        "user_notes_count": len(it.comments),
        "author": user(world, it.author),
        "assignees": [],
        "reviewers": [],
        "source_project_id": source,
        "target_project_id": it.project.id,
        "labels": list(it.labels),
        "draft": it.draft,
        "work_in_progress": it.draft,
        "milestone": None,
        "merge_status": "can_be_merged",
        "detailed_merge_status": "mergeable",
        "sha": it.head,
        "merge_commit_sha": None,
        "references": {
            "short": f"!{it.number}",
            "relative": f"!{it.number}",
            "full": f"{it.project.full_name}!{it.number}",
        },
        "web_url": web(it),
        "has_conflicts": False,
    }
    if alone:
        base = it.project.head
        answer["diff_refs"] = {"base_sha": base, "head_sha": it.head, "start_sha": base}
        answer["head_pipeline"] = _pipeline(it)
    return answer


def note(it: "Note") -> Json:
    """A note as the API has it."""
    project = it.pull.project
    return {
        "id": it.id,
        "type": None,
        "body": it.body,
        "author": user(project.world, it.author),
        "created_at": moment(it.created),
        "updated_at": moment(it.updated),
        "system": it.system,
        "noteable_id": it.pull.id,
        "noteable_type": "MergeRequest",
        "project_id": project.id,
        "resolvable": False,
        "confidential": it.internal,
        "internal": it.internal,
        "noteable_iid": it.pull.number,
        "commands_changes": {},
    }


def status(world: "GitLabWorld", it: "CommitStatus") -> Json:
    """A commit status."""
    return {
        "id": it.id,
        "sha": it.sha,
        "ref": it.pipeline.ref,
        "status": it.state,
        "name": it.name,
        "target_url": it.url,
        "description": it.description,
        "created_at": moment(it.created),
        "started_at": None,
        "finished_at": None,
        "allow_failure": False,
        "coverage": None,
        "pipeline_id": it.pipeline.id,
        "author": user(world, it.author),
    }


def member(world: "GitLabWorld", login: str, it: "Member") -> Json:
    """Somebody in a project."""
    return {
        **user(world, login),
        "state": it.state,
        "access_level": it.level,
        "created_at": moment(0),
        "expires_at": it.expires_at,
        "membership_state": it.membership_state,
    }


def project(it: "Project", level: int) -> Json:
    """A project as the API shows it to somebody of this level."""
    group, _, name = it.full_name.rpartition("/")
    access = {"access_level": level, "notification_level": 3} if level else None
    return {
        "id": it.id,
        "name": name.title(),
        "path": name,
        "path_with_namespace": it.full_name,
        "default_branch": "main",
        "web_url": f"{it.world.base}/{it.full_name}",
        "http_url_to_repo": f"{it.world.base}/{it.full_name}.git",
        "namespace": {"full_path": group, "kind": "group"},
        "visibility": "private",
        "archived": False,
        "permissions": {"project_access": access, "group_access": None},
    }


def hook(it: "Project", leads: str, alert: str, triggers: list[str]) -> Json:
    """The webhook of a project, as whoever may see it is shown it."""
    return {
        "id": 4242,
        "url": leads,
        "name": "",
        "project_id": it.id,
        "push_events": False,
        "merge_requests_events": "merge_requests_events" in triggers,
        "note_events": "note_events" in triggers,
        "confidential_note_events": False,
        "enable_ssl_verification": True,
        "alert_status": alert,
        "disabled_until": "2026-01-01T00:01:00.000Z" if alert == "temporarily_disabled" else None,
        "url_variables": [],
        "created_at": moment(it.created),
        "token_present": True,
    }


def call(it: "Sent", count: int, leads: str) -> Json:
    """One call of a webhook, as its log shows it: without what is secret."""
    trigger = {"Merge Request Hook": "merge_request_hooks", "Note Hook": "note_hooks"}.get(it.event, "push_hooks")
    return {
        "id": it.id * 1000 + count,
        "url": leads,
        "trigger": trigger,
        "request_headers": {**it.headers, "X-Gitlab-Token": "[REDACTED]"},
        "request_data": json.loads(it.body),
        "response_headers": {},
        "response_body": it.answer,
        "execution_duration": 0.1,
        "response_status": str(it.statuses[count] or "internal error"),
    }


def moment(seconds: int) -> str:
    """A time as GitLab writes it."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def _pipeline(it: "MergeRequest") -> Json | None:
    found = next((each for each in reversed(it.project.pipelines) if each.sha == it.head), None)
    if found is None:
        return None
    told = {"id": found.id, "iid": 1, "project_id": it.project.id, "sha": found.sha, "ref": found.ref}
    return {**told, "status": "running", "source": found.source}


def web(it: "MergeRequest") -> str:
    """Where people read it."""
    return f"{it.project.world.base}/{it.project.full_name}/-/merge_requests/{it.number}"
