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
