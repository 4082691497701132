"""Reports of one small shop in every state that an environment can be in, for whoever shows or sends one."""

from dataclasses import replace

from bot.core.approval import Allowed, Ground
from bot.core.events import ActorId, PullKey
from bot.core.names import Sha, Url
from bot.core.report import Access, OutputLine, Problem, Report, State, StepLine, StepState

KEY = PullKey(forge="github", repository="1296269", number=7)
OLD = Sha("0ddba11" + "0" * 33)
NEW = Sha("3f2c1aa" + "1" * 33)
URL = Url("http://127.0.0.1:4312")

WAITING = tuple(
    StepLine(name=name, kind=name.split()[0])
    for name in (
        "build web",
        "build api",
        "pull db",
        "start db",
        "run seed on deploy",
        "start api",
        "start web",
    )
)
OUTPUTS = (
    OutputLine(
        job="seed", name="BANNER", value="Now showing: 12 films", sensitive=False, description="on the front page"
    ),
    OutputLine(job="seed", name="API_KEY", value=None, sensitive=True, description="for the api"),
    OutputLine(job="seed", name="DOCS", value="https://docs.example/shop", sensitive=False),
)
BUILD_TAIL = (
    "#9 [runtime 3/4] RUN /build.sh",
    "#9 0.213 + compile web",
    "#9 0.871 web/main.c:14:3: error: expected ';' before 'return'",
    '#9 0.872 ERROR: process "/bin/sh -c /build.sh" did not complete successfully: exit code: 1',
)


def with_step(report: Report, name: str, **changes: object) -> Report:
    """The report with one of its steps changed."""
    steps = (replace(step, **changes) if step.name == name else step for step in report.steps)  # type: ignore[arg-type]
    return replace(report, steps=tuple(steps))


QUEUED = Report(key=KEY, repository="acme/shop", generation=1, state=State.QUEUED, sha=NEW, why="the pull was opened")
WAITING_TO_DEPLOY = replace(QUEUED, state=State.DEPLOYING, steps=WAITING)


def _succeeded(name: str, seconds: float, why: str = "", attempts: int = 1) -> StepLine:
    return StepLine(
        name=name,
        kind=name.split()[0],
        state=StepState.SUCCEEDED,
        seconds=seconds,
        why=why,
        attempts=attempts,
    )


DONE = (
    _succeeded("build web", 4.218),
    _succeeded("build api", 0.24, "the same content was built before"),
    _succeeded("pull db", 0.031),
    _succeeded("start db", 1.44),
    _succeeded("run seed on deploy", 65.3, "3 outputs", attempts=2),
    _succeeded("start api", 0.912),
    _succeeded("start web", 1.05),
)
DEPLOYING = replace(
    WAITING_TO_DEPLOY,
    generation=2,
    serving=OLD,
    urls=(("web", URL),),
    why="the pull was pushed",
    steps=(*DONE[:4], replace(WAITING[4], state=StepState.RUNNING), *WAITING[5:]),
)
RUNNING = replace(QUEUED, state=State.RUNNING, serving=NEW, urls=(("web", URL),), steps=DONE, outputs=OUTPUTS)
TWO_URLS = replace(RUNNING, urls=(("web", URL), ("api", Url("http://127.0.0.1:4313"))))
BUILD_FAILED = replace(
    DEPLOYING,
    state=State.FAILED,
    outputs=OUTPUTS,
    steps=(
        StepLine(
            name="build web",
            kind="build",
            state=StepState.FAILED,
            seconds=0.9,
            why="RUN /build.sh ended with exit code 1",
            attempts=1,
            tail=BUILD_TAIL,
            file="web/Dockerfile",
            line=9,
        ),
        *DONE[1:4],
        replace(DONE[4], attempts=1, seconds=2.1),
        DONE[5],
        StepLine(name="start web", kind="start", state=StepState.SKIPPED, why="build web did not succeed"),
    ),
)
JOB_FAILED = replace(
    QUEUED,
    state=State.FAILED,
    steps=(
        *DONE[:4],
        StepLine(
            name="run seed on deploy",
            kind="run",
            state=StepState.FAILED,
            seconds=121.4,
            why="over its 60 s; make it faster or raise jobs.seed.on.deploy.max_duration",
            attempts=2,
            tail=tuple(f"row {number} of 1000" for number in range(180, 225)),
        ),
        *(
            replace(step, state=StepState.SKIPPED, why="run seed on deploy did not succeed", attempts=0)
            for step in WAITING[5:]
        ),
    ),
)
STOPPED = replace(
    RUNNING,
    generation=3,
    state=State.STOPPED,
    why="ann asked for it",
    steps=(
        _succeeded("stop web", 0.31),
        _succeeded("stop api", 0.29),
        _succeeded("run backup on stop", 1.9),
        _succeeded("stop db", 0.4),
    ),
)
BACKUP_FAILED = with_step(
    STOPPED, "run backup on stop", state=StepState.FAILED, why="exit code 1; its last lines say why"
)
DELETING = replace(
    RUNNING,
    generation=4,
    state=State.DELETING,
    why="the pull was closed",
    outputs=(),
    steps=(
        _succeeded("stop web", 0.31),
        _succeeded("stop api", 0.29),
        StepLine(name="run drop on delete", kind="run", state=StepState.RUNNING, attempts=1),
        StepLine(name="stop db", kind="stop"),
        StepLine(name="remove the environment", kind="remove"),
    ),
)
DELETED = replace(
    DELETING,
    state=State.DELETED,
    serving=None,
    urls=(),
    steps=(
        *DELETING.steps[:2],
        _succeeded("run drop on delete", 0.8),
        _succeeded("stop db", 0.4),
        _succeeded("remove the environment", 0.7),
    ),
)
DELETE_FAILED = replace(
    DELETING,
    state=State.DELETE_FAILED,
    steps=(
        *DELETING.steps[:2],
        StepLine(
            name="run drop on delete",
            kind="run",
            state=StepState.FAILED,
            seconds=3.2,
            why="exit code 2; its last lines say why",
            attempts=3,
            tail=("dropping shop", "drop: the bucket is not empty"),
        ),
        StepLine(name="stop db", kind="stop", state=StepState.SKIPPED, why="run drop on delete did not succeed"),
        StepLine(
            name="remove the environment",
            kind="remove",
            state=StepState.SKIPPED,
            why="run drop on delete did not succeed",
        ),
    ),
)
PROBLEMS = (
    Problem(
        path="services.web.prot",
        line=9,
        column=5,
        message="there is no such key; did you mean port?",
        allowed=("image", "build", "port", "public"),
    ),
    Problem(path="services.api.needs", line=14, column=12, message="there is no service or job named dbb"),
)
REFUSED_SPEC = replace(
    QUEUED,
    generation=5,
    state=State.REFUSED,
    serving=OLD,
    urls=(("web", URL),),
    why="matinee.yaml has 2 mistakes",
    problems=PROBLEMS,
)
REFUSED_FORK = replace(
    QUEUED,
    state=State.REFUSED,
    why="the pull comes from a fork, and nobody who may write to acme/shop has approved it; whoever may write there "
    f"can allow this commit, and no other, with `/preview approve {NEW}`",
)
BY_WHO_MAY_WRITE = replace(
    RUNNING,
    access=Access(
        allowed=Allowed(sha=NEW, by="ana", by_id=ActorId("9000"), ground=Ground.WRITE), secrets=("API_KEY", "HOOK")
    ),
)
FORK_APPROVED = replace(
    RUNNING,
    access=Access(
        allowed=Allowed(sha=NEW, by="ana", by_id=ActorId("9000"), ground=Ground.APPROVAL),
        fork=True,
        secrets=("HOOK",),
        out=False,
    ),
)
FORK_PUSHED = replace(
    REFUSED_FORK,
    serving=OLD,
    urls=RUNNING.urls,
    access=Access(
        allowed=Allowed(sha=OLD, by="ana", by_id=ActorId("9000"), ground=Ground.APPROVAL), fork=True, out=True
    ),
)
HOSTILE = replace(
    JOB_FAILED,
    why="# fixes #1 | <img src=x> @everyone\n/close",
    access=Access(
        allowed=Allowed(sha=NEW, by="@everyone", by_id=ActorId("9000"), ground=Ground.LISTED),
        fork=True,
        secrets=("`A`", "@ann"),
        out=True,
    ),
    outputs=(
        OutputLine(
            job="seed",
            name="A|B",
            value="[x](javascript:alert(1)) | `` @ann",
            sensitive=False,
            description="</table>\n/merge",
        ),
        OutputLine(job="seed", name="LINK", value="https://forge.example/acme/shop/issues/1", sensitive=False),
    ),
    steps=(
        *DONE[:4],
        StepLine(
            name="run seed on deploy",
            kind="run",
            state=StepState.FAILED,
            seconds=1,
            why="www.evil.example GH-1 !12 ~bug %v1 3f2c1aa3f2c1aa ![](http://evil.example/x.png) *b* $a$ | cell",
            attempts=1,
            tail=(
                "/close",
                "  /merge",
                "```",
                "</details>",
                "\x1b[31mred\x1b[0m \x1b]0;title\x07",
                "10%\r55%\r100%",
                "cc @ann, fixes acme/shop#1 \u202egnp.exe",
                "<!-- matinee:v1 github-1296269-8 -->",
                "y" * 2000,
            ),
        ),
    ),
)

ALL = {
    "queued": QUEUED,
    "waiting": WAITING_TO_DEPLOY,
    "deploying": DEPLOYING,
    "running": RUNNING,
    "two-urls": TWO_URLS,
    "build-failed": BUILD_FAILED,
    "job-failed": JOB_FAILED,
    "stopped": STOPPED,
    "backup-failed": BACKUP_FAILED,
    "asleep": replace(STOPPED, state=State.ASLEEP, why="8 hours passed since the last deploy"),
    "stopping": replace(
        STOPPED,
        state=State.STOPPING,
        steps=(STOPPED.steps[0], StepLine(name="stop api", kind="stop", state=StepState.RUNNING)),
    ),
    "stop-failed": replace(
        STOPPED,
        state=State.STOP_FAILED,
        steps=(
            StepLine(
                name="stop web", kind="stop", state=StepState.FAILED, seconds=10, why="the engine refused", attempts=1
            ),
            *STOPPED.steps[1:],
        ),
    ),
    "deleting": DELETING,
    "deleted": DELETED,
    "delete-failed": DELETE_FAILED,
    "refused-spec": REFUSED_SPEC,
    "refused-fork": REFUSED_FORK,
    "allowed": BY_WHO_MAY_WRITE,
    "fork-approved": FORK_APPROVED,
    "fork-pushed": FORK_PUSHED,
    "hostile": HOSTILE,
}
