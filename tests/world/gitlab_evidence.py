"""What the fake GitLab shows of who did what: pushes, and who closed and opened a merge request."""

from typing import TYPE_CHECKING

from tests.world.gitlab_shapes import Json, moment, user

if TYPE_CHECKING:
    from tests.world.gitlab_merge_request import MergeRequest
    from tests.world.gitlab_project import Project

STATES = {"close": "closed", "reopen": "reopened", "merge": "merged"}


def pushes(project: "Project") -> list[Json]:
    """The events of a project, those of pushes alone, the newest first."""
    world = project.world
    acts = [
        (at, who, sha, pull) for pull in project.pulls.values() for what, who, sha, at in pull.acts if what == "push"
    ]
    return [
        {
            "id": at,
            "project_id": project.id,
            "action_name": "pushed to",
            "target_id": None,
            "author_id": world.person(who),
            "created_at": moment(at),
            "author": user(world, who),
            "push_data": {
                "commit_count": 1,
                "action": "pushed",
                "ref_type": "branch",
                "commit_from": None,
                "commit_to": sha,
                "ref": pull.branch,
            },
            "author_username": who,
        }
        for at, who, sha, pull in sorted(acts, key=lambda act: -act[0])
        if pull.source is project
    ]


def states(pull: "MergeRequest") -> list[Json]:
    """Who closed, merged and opened it again, oldest first."""
    world = pull.project.world
    return [
        {
            "id": at,
            "user": user(world, who),
            "created_at": moment(at),
            "resource_type": "MergeRequest",
            "resource_id": pull.id,
            "state": STATES[what],
        }
        for what, who, _, at in pull.acts
        if what in STATES
    ]
