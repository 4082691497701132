"""GitLab's JSON, as its webhooks document it, for the fake one's things."""

from typing import TYPE_CHECKING, Any

from tests.world.gitlab_shapes import moment, web

if TYPE_CHECKING:
    from tests.world.gitlab import GitLabWorld
    from tests.world.gitlab_merge_request import MergeRequest, Note
    from tests.world.gitlab_project import Project

Json = dict[str, Any]


def acting(world: "GitLabWorld", login: str) -> Json:
    """An account, as a webhook has it."""
    avatar = f"{world.base}/uploads/{login}.png"
    given = {"id": world.person(login), "name": login.title(), "username": login}
    return {**given, "avatar_url": avatar, "email": "[REDACTED]"}


def project_event(it: "Project") -> Json:
    """A project in a webhook's payload."""
    web = f"{it.world.base}/{it.full_name}"
    group, _, name = it.full_name.rpartition("/")
    ssh = f"git@gitlab.example:{it.full_name}.git"
    return {
        "id": it.id,
        "name": name.title(),
        "description": "",
        "web_url": web,
        "avatar_url": None,
        "git_ssh_url": ssh,
        "git_http_url": f"{web}.git",
        "namespace": group,
        "visibility_level": 0,
        "path_with_namespace": it.full_name,
        "default_branch": "main",
        "ci_config_path": None,
        "homepage": web,
        "url": ssh,
        "ssh_url": ssh,
        "http_url": f"{web}.git",
    }


def label(it: "Project", title: str) -> Json:
    """A label."""
    made = moment(it.created)
    return {
        "id": 206,
        "title": title,
        "color": "#6699cc",
        "project_id": it.id,
        "created_at": made,
        "updated_at": made,
        "template": False,
        "description": None,
        "type": "ProjectLabel",
        "group_id": None,
    }


def merge_request_event(
    it: "MergeRequest", action: str, by: str, *, oldrev: str | None = None, changes: Json | None = None
) -> Json:
    """What a webhook tells of a merge request."""
    attributes = {**_attributes(it), "action": action}
    if oldrev is not None:
        attributes["oldrev"] = oldrev
    touched = {"updated_at": {"previous": moment(it.created), "current": moment(it.updated)}}
    return {
        "object_kind": "merge_request",
        "event_type": "merge_request",
        "user": acting(it.project.world, by),
        "project": project_event(it.project),
        "object_attributes": attributes,
        "labels": attributes["labels"],
        "changes": {**touched, **(changes or {})} if action == "update" else {},
        "repository": _repository(it.project),
    }


def note_event(it: "Note", action: str) -> Json:
    """What a webhook tells of a note on a merge request."""
    project = it.pull.project
    attributes = {
        "attachment": None,
        "author_id": project.world.person(it.author),
        "change_position": None,
        "commit_id": None,
        "created_at": moment(it.created),
        "discussion_id": f"{it.id:040x}",
        "id": it.id,
        "internal": it.internal,
        "line_code": None,
        "note": it.body,
        "noteable_id": it.pull.id,
        "noteable_type": "MergeRequest",
        "original_position": None,
        "position": None,
        "project_id": project.id,
        "resolved_at": None,
        "resolved_by_id": None,
        "st_diff": None,
        "system": it.system,
        "type": None,
        "updated_at": moment(it.updated),
        "updated_by_id": None,
        "description": it.body,
        "url": f"{web(it.pull)}#note_{it.id}",
        "action": action,
    }
    return {
        "object_kind": "note",
        "event_type": "confidential_note" if it.internal else "note",
        "user": acting(project.world, it.author),
        "project_id": project.id,
        "project": project_event(project),
        "object_attributes": attributes,
        "repository": _repository(project),
        "merge_request": _attributes(it.pull),
    }


def _attributes(it: "MergeRequest") -> Json:
    project = it.project
    source = it.source or project
    return {
        "assignee_id": None,
        "author_id": project.world.person(it.author),
        "created_at": moment(it.created),
        "description": "",
        "draft": it.draft,
        "head_pipeline_id": None,
        "id": it.id,
        "iid": it.number,
        "last_edited_at": None,
        "merge_status": "checking",
        "detailed_merge_status": "checking",
        "merge_commit_sha": None,
        "milestone_id": None,
        "source_branch": it.branch,
        "source_project_id": it.source.id if it.source else None,
        "state_id": {"opened": 1, "closed": 2, "merged": 3}[it.state],
        "state": it.state,
        "target_branch": it.base,
        "target_project_id": project.id,
        "title": f"Draft: {it.title}" if it.draft else it.title,
        "updated_at": moment(it.updated),
        "updated_by_id": None,
        "prepared_at": moment(it.created),
        "assignee_ids": [],
        "blocking_discussions_resolved": True,
        "first_contribution": False,
        "labels": [label(project, each) for each in it.labels],
        "last_commit": {
            "id": it.head,
            "message": "Change\n",
            "title": "Change",
            "timestamp": moment(it.updated),
            "url": f"{project.world.base}/{source.full_name}/-/commit/{it.head}",
            "author": {"name": it.author.title(), "email": "[REDACTED]"},
        },
        "reviewer_ids": [],
        "source": project_event(source),
        "target": project_event(project),
        "url": web(it),
        "work_in_progress": it.draft,
        "system": False,
    }


def _repository(it: "Project") -> Json:
    name = it.full_name.rpartition("/")[2].title()
    web = f"{it.world.base}/{it.full_name}"
    return {"name": name, "url": f"git@gitlab.example:{it.full_name}.git", "description": "", "homepage": web}
