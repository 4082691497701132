"""Bodies of requests as GitHub documents them: these keys, and no other."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Short = Annotated[str, Field(max_length=140)]
Title = Annotated[str, Field(max_length=255)]
Long = Annotated[str, Field(max_length=65_535)]


class Body(BaseModel):
    """A request's body: the keys that GitHub documents, and no other."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Annotation(Body):
    """Of a check run's output."""

    path: str
    start_line: int
    end_line: int
    annotation_level: Literal["notice", "warning", "failure"]
    message: str
    title: Title | None = None


class Output(Body):
    """Of a check run."""

    title: str
    summary: Long
    annotations: Annotated[list[Annotation], Field(max_length=50)] = []


class Checked(Body):
    """Of a check run."""

    name: str
    head_sha: str
    external_id: str | None = None
    details_url: str | None = None
    status: Literal["queued", "in_progress", "completed"] = "queued"
    conclusion: (
        Literal["action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"] | None
    ) = None
    output: Output | None = None


class CheckedAgain(Body):
    """Of a check run that is changed."""

    name: str | None = None
    external_id: str | None = None
    details_url: str | None = None
    status: Literal["queued", "in_progress", "completed"] | None = None
    conclusion: (
        Literal["action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"] | None
    ) = None
    output: Output | None = None


class Deployed(Body):
    """Of a deployment."""

    ref: str
    task: str = "deploy"
    auto_merge: bool = True
    required_contexts: list[str] | None = None
    environment: str = "production"
    description: str = ""
    transient_environment: bool = False
    production_environment: bool | None = None


class DeploymentMarked(Body):
    """Of a deployment's status."""

    state: Literal["error", "failure", "inactive", "in_progress", "queued", "pending", "success"]
    description: Short = ""
    environment_url: str = ""
    log_url: str = ""
    auto_inactive: bool = True


class Reacted(Body):
    """Of a reaction."""

    content: Literal["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"]


class Said(Body):
    """Of a comment."""

    body: str


class Marked(Body):
    """Of a commit status."""

    state: Literal["error", "failure", "pending", "success"]
    target_url: str | None = None
    description: str | None = None
    context: str = "default"


class Permitted(Body):
    """What a token is to be good for."""

    metadata: Literal["read"] = "read"
    contents: Literal["read", "write"] = "read"
    pull_requests: Literal["read", "write"] = "read"
    issues: Literal["read", "write"] = "read"
    statuses: Literal["read", "write"] = "read"
    checks: Literal["read", "write"] = "read"
    deployments: Literal["read", "write"] = "read"


class Scoped(Body):
    """Of a token that is wanted of an installation."""

    repository_ids: list[int] = []
    permissions: Permitted = Permitted()
