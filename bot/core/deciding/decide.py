"""The whole of the product's judgement: a situation in, a plan out, or why there is none."""

from dataclasses import dataclass, field

from bot.core.composing.variables import listed, secret_references
from bot.core.deciding.by_hand import Impossible, errand_plan, unknown_services
from bot.core.deciding.downward import halt, teardown
from bot.core.deciding.filters import Touched, left_out
from bot.core.deciding.plan import Plan
from bot.core.deciding.trust import Trust, Untrusted, judged
from bot.core.deciding.upward import deployment
from bot.core.events import Ignored, Pull, Want, Wish
from bot.core.model import Service, Spec
from bot.core.overlay import laid_over
from bot.core.reading.spec import Unreadable
from bot.core.report import Problem
from bot.core.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a decision may depend on, read fresh from the forge and the runner."""

    wish: Wish
    pull: Pull | None
    """None: the forge shows none."""
    spec: Spec | Unreadable | None
    """None where nothing needs it: a closed pull, a stop. Of a head that nobody allowed it is the base branch's."""
    stands: Standing | None
    secrets: frozenset[str] = frozenset()
    """The names of the secrets that the operator gave for this pull."""
    trust: Trust = field(default_factory=Trust)
    touched: Touched | None = None
    """What the head touches; None where it does not matter, or cannot be known any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Nothing is done, for this reason; `problems` where it is the spec."""

    why: str
    problems: tuple[Problem, ...] = ()
    rule: str = ""


def decide(at: Situation) -> Plan | Refused | Ignored:
    """One rule a line, the first that applies."""
    if at.wish.want is Want.DELETE:
        return teardown(at.stands, why=at.wish.why, force=at.wish.force)
    if at.wish.want is Want.STOP:
        return halt(at.stands, why=at.wish.why)
    if at.wish.want is Want.ERRAND:
        found = errand_plan(at.wish.errand, at.stands, at.secrets, why=at.wish.why)
        return Refused(why=found.why) if isinstance(found, Impossible) else found
    return _deploy(at)


def _deploy(at: Situation) -> Plan | Refused | Ignored:
    if at.pull is None:
        why = "the forge shows no such pull (any more); nothing was changed, a delete removes what stands"
        return Refused(why=why, rule="a pull that the forge does not show is left as it is")
    if left := left_out(at):
        return left
    if isinstance(word := judged(at.wish, at.pull, at.trust), Untrusted):
        return Refused(why=word.why, rule="only what somebody who may write has let run is run")
    if isinstance(at.spec, Unreadable):
        why = f"{at.spec.file} has {_count(at.spec.problems)}"
        return Refused(why=why, problems=at.spec.placed, rule="the spec has to be valid")
    if at.spec is None:
        raise ValueError("a deploy is decided with its spec")
    if lacking := secret_references(at.spec) - at.secrets:
        return Refused(why=_lacking(sorted(lacking), at.pull), rule="no secret may be missing")
    spec = laid_over(at.spec, at.stands.overlay) if at.stands else at.spec
    if why := unknown_services(at.wish.errand, spec) or _turned(spec, at.stands):
        return Refused(why=why)
    return deployment(spec, at.stands, why=at.wish.why, reset=at.wish.errand)


def _turned(spec: Spec, stands: Standing | None) -> str:
    """Why a name cannot stand for another kind of node: what stood under it would lose its end."""
    for name, placed in stands.nodes.items() if stands else ():
        node = spec.nodes.get(name)
        if node is not None and isinstance(node, Service) != (placed.service is not None):
            was, now = ("job", "service") if isinstance(node, Service) else ("service", "job")
            return f"{name} stands here as a {was} and is a {now} now; give the {now} another name, or delete first"
    return ""


def _lacking(names: list[str], pull: Pull) -> str:
    owner = f"{pull.key.forge}:{pull.key.repository}"
    whom, flag = (" to pulls from forks", " --forks") if pull.fork else ("", "")
    commands = "; ".join(f"`matinee secrets set {owner} {name}{flag}`" for name in names[:5])
    return f"the operator has not given {listed(names)}{whom}; {commands}"


def _count(problems: tuple[Problem, ...]) -> str:
    return "one mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
