"""What the forges tell, in our words, and the wish that each event becomes."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NewType

from bot.core.errand import Errand
from bot.core.names import EnvironmentId, Sha, environment_id

ActorId = NewType("ActorId", str)
"""The forge's number of an account, as text; empty where nobody of the forge's acted, as on the command line."""
NOBODY = ActorId("")
CAP = 25 * 2**20
"""Bytes of a delivery's body; no forge sends more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullKey:
    """Which pull, by ids that no rename changes. `repository` is the forge's numeric id as text."""

    forge: str
    repository: str
    number: int

    def __post_init__(self) -> None:
        environment_id(self.forge, self.repository, self.number)

    @property
    def environment(self) -> EnvironmentId:
        """The one environment of this pull."""
        return environment_id(self.forge, self.repository, self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """A pull as the forge shows it now; read afresh at every turn, never taken from an event."""

    key: PullKey
    repository: str
    """The repository's readable name (`acme/shop`)."""
    branch: str
    head: Sha
    base: str
    author: str
    open: bool
    fork: bool
    """True also where the head's repository is gone: what cannot be shown to be ours is not."""
    draft: bool = False
    author_id: ActorId = NOBODY
    labels: frozenset[str] | None = frozenset()
    """None: the forge has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A webhook's call as it came: nothing in it is believed before `verify`."""

    headers: tuple[tuple[str, str], ...]
    """Names in lower case, each pair as sent; a repeated header stays repeated."""
    body: bytes

    def header(self, name: str) -> str | None:
        """The header's one value; None where it is missing or sent twice."""
        values = [value for key, value in self.headers if key == name]
        return values[0] if len(values) == 1 else None


@dataclass(frozen=True, slots=True)
class Forged:
    """The signature does not hold; `why` never contains a secret or the body."""

    why: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """Rightly signed, but not what the forge documents."""

    why: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Understood, and nothing to do: the reason is answered and kept."""

    why: str
    rule: str = ""
    """Which rule says so, where it is one that somebody may ask about."""


class Happening(StrEnum):
    """What happened to a pull."""

    OPENED = "opened"
    REOPENED = "reopened"
    PUSHED = "pushed"
    READY = "ready for review"
    DRAFTED = "converted to a draft"
    LABELLED = "labelled"
    UNLABELLED = "unlabelled"
    RETARGETED = "base changed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to one pull, as a forge told it. A hint: the pull is read again before any act."""

    delivery: str
    """The forge's own id of the delivery, unique in that forge."""
    happening: Happening
    key: PullKey
    repository: str
    sha: Sha
    actor: str
    actor_id: ActorId = NOBODY


class RemarkKind(StrEnum):
    """What kind of text on a pull it is; forges keep them in different places."""

    COMMENT = "comment"
    REVIEW = "review"
    REVIEW_COMMENT = "review comment"
    NOTICE = "notice"
    """Nobody's: what we say by ourselves, under a name of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A text that somebody wrote on a pull, by the forge's number of it."""

    id: str
    kind: RemarkKind


class Sign(StrEnum):
    """How a remark is acknowledged."""

    SEEN = "seen"
    DONE = "done"
    CONFUSED = "confused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a remark is answered with."""

    body: str
    """The reply, in the forge's markup; empty where the one comment says all."""
    sign: Sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Commented:
    """Somebody wrote something on a pull that may be a command; who may say what is asked before any act."""

    delivery: str
    key: PullKey
    repository: str
    actor: str
    actor_id: ActorId
    text: str
    remark: Remark | None
    """None where it was no text but a button, which stands for a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """A repository has another name or owner; everything of ours is keyed by its number and stays."""

    delivery: str
    forge: str
    repository: str
    """The forge's number of it."""
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """The forge shows us these repositories no more: what stands of them is to go."""

    delivery: str
    forge: str
    repositories: tuple[str, ...]
    """The forge's numbers of them."""
    actor: str
    actor_id: ActorId
    why: str
    final: bool = True
    """Whether it holds whatever the forge still shows of them: False where others may write such a delivery."""


Tidings = Event | Commented | Renamed | Removed
"""All that a delivery may tell."""


class Want(StrEnum):
    """What an environment is wanted to be; or, with `errand`, one thing to be done in it as it is."""

    DEPLOY = "deploy"
    STOP = "stop"
    DELETE = "delete"
    ERRAND = "errand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is wanted of one environment, by whom and why."""

    key: PullKey
    repository: str
    want: Want
    sha: Sha | None
    """The commit that the wish was made for; a turn deploys the pull's head as it is then."""
    actor: str
    why: str
    actor_id: ActorId = NOBODY
    person: bool = False
    """Somebody asked for it by hand; such a wish counts also when it equals the one that was carried out."""
    reopens: bool = False
    """A reopened pull: ends what a person's delete began."""
    afresh: bool = False
    """Something beside the commit has changed, so that a turn that has begun may not have seen it."""
    glance: bool = False
    """Only whether it is still to be previewed may have changed: for it what stands is not deployed again, nor is
    whoever did it asked whether a commit may run."""
    undone: bool = False
    """A glance that took the place of what was not carried out yet."""
    by_hand: bool = False
    """A person's deploy that was not carried out yet is in it; no filter leaves that out."""
    final: bool = False
    """It holds whatever the forge shows of the pull, if it shows anything at all."""
    force: bool = False
    """A delete that goes on without the delete jobs that fail."""
    lapsed: bool = False
    """The time that its spec gives it is over; `sha` is the commit that it had, so that the next push is known."""
    errand: Errand | None = None
    """With the want `errand`: what to do. With `deploy`: what to do before (a reset)."""


def wish(event: Event) -> Wish:
    """Every event wishes for one state; which commit, the turn finds out itself."""
    return replace(
        wish_for(event, Want.DELETE if event.happening is Happening.CLOSED else Want.DEPLOY),
        reopens=event.happening is Happening.REOPENED,
        afresh=event.happening in _AFRESH,
        glance=event.happening in _GLANCES,
    )


def wish_for(event: Event, want: Want) -> Wish:
    """This, wanted in the name of whoever the event is of and because of it, whatever it wishes for by itself."""
    return Wish(
        key=event.key,
        repository=event.repository,
        want=want,
        sha=event.sha if want is Want.DEPLOY else None,
        actor=event.actor,
        actor_id=event.actor_id,
        why=f"the pull was {event.happening}" if event.happening is not Happening.RETARGETED else "its base changed",
    )


_GLANCES = frozenset({Happening.DRAFTED, Happening.LABELLED, Happening.UNLABELLED})
"""What changes at most whether it is previewed."""
_AFRESH = frozenset({Happening.REOPENED, Happening.READY, Happening.DRAFTED, Happening.RETARGETED})
"""What changes something beside the commit, and cannot wait until a deploy has ended."""
