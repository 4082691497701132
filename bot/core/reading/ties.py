"""What ties the nodes of a spec together: names, `needs`, references; and every way in which that can be wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import islice

from bot.core.composing.variables import Broken, Reference, references
from bot.core.names import NAME
from bot.core.reading.mistakes import Mistake
from bot.core.reading.texts import Text, texts
from bot.core.reading.vocabulary import Place, Vocabulary
from bot.core.reading.yaml_marks import Field, Mark, Path, Tree, fields, scalars

_MOST_CYCLES = 20
_MOST_NAMES = 200
_MOST_IN_A_TEXT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tie:
    """One node waits for another, because of what stands here."""

    path: Path
    at: Mark
    waits: str
    on: str


def ties(tree: Tree) -> Iterator[Mistake]:
    """Every mistake in names, needs and references."""
    nodes = {**fields(tree, "services"), **fields(tree, "jobs")}
    needs, said = tuple(_needs(tree)), tuple(text for text in texts(tree) if text.place is not Place.NOWHERE)
    yield from _same_names(tree)
    yield from (mistake for tie in needs for mistake in _need(tie, nodes))
    vocabulary = Vocabulary(tree)
    yield from (mistake for text in said for mistake in _references(text, vocabulary))
    jobs = fields(tree, "jobs")
    yield from _cycles([tie for tie in (*needs, *_used(said, jobs)) if tie.on in nodes])


def hopes(tree: Tree) -> Iterator[Mistake]:
    """References where none are filled in. What else is wrong with such a value is not worth saying."""
    vocabulary = Vocabulary(tree)
    for text in texts(tree):
        if text.place is Place.NOWHERE:
            yield from islice(_references(text, vocabulary), 1)


def _same_names(tree: Tree) -> Iterator[Mistake]:
    services, jobs = fields(tree, "services"), fields(tree, "jobs")
    for name in services.keys() & jobs.keys():
        pair = (("services", services[name].key, "service"), ("jobs", jobs[name].key, "job"))
        first, second = sorted(pair, key=lambda each: (each[1].at.line, each[1].at.column))
        message = f"the {first[2]} in line {first[1].at.line} has this name already; give each its own"
        yield Mistake(path=(second[0], name), at=second[1].at, message=message)


def _nodes(tree: Tree) -> Iterator[tuple[Path, str]]:
    for kind in ("services", "jobs"):
        yield from (((kind, name), name) for name in fields(tree, kind))


def _needs(tree: Tree) -> Iterator[_Tie]:
    for path, name in _nodes(tree):
        for place, scalar in scalars(tree, (*path, "needs")):
            listed = isinstance(place[-1], int)
            if listed and isinstance(scalar.value, str) and NAME.fullmatch(scalar.text):
                yield _Tie(path=place, at=scalar.at, waits=name, on=scalar.text)


def _need(tie: _Tie, nodes: Mapping[str, Field]) -> Iterator[Mistake]:
    if tie.on == tie.waits:
        yield Mistake(path=tie.path, at=tie.at, message=f"{tie.waits} needs itself; leave this out")
    elif tie.on not in nodes:
        others = tuple(islice((name for name in nodes if name != tie.waits), _MOST_NAMES))
        message = f"there is no service or job {tie.on}"
        yield Mistake(path=tie.path, at=tie.at, message=message, allowed=others, word=tie.on)


def _references(text: Text, vocabulary: Vocabulary) -> Iterator[Mistake]:
    """The first mistakes of one text; whoever mends these mends the others."""
    return islice(_wrong(text, vocabulary), _MOST_IN_A_TEXT)


def _wrong(text: Text, vocabulary: Vocabulary) -> Iterator[Mistake]:
    for part in references(text.scalar.text):
        if isinstance(part, Broken) and text.place is not Place.NOWHERE:
            yield Mistake(path=text.path, at=text.scalar.inside(part.at), message=part.why)
        elif isinstance(part, Reference) and (fault := vocabulary.fault(part, text.place)):
            at = text.scalar.inside(part.at)
            yield Mistake(path=text.path, at=at, message=fault.message, allowed=fault.allowed, word=fault.word)


def _used(said: tuple[Text, ...], jobs: Mapping[str, Field]) -> Iterator[_Tie]:
    for text in said:
        if text.place not in (Place.VARIABLE, Place.ARGUMENT):
            continue
        first: dict[str, int] = {}
        for part in references(text.scalar.text):
            if isinstance(part, Reference) and part.job in jobs:
                first.setdefault(str(part.job), part.at)
        for job, at in first.items():
            yield _Tie(path=text.path, at=text.scalar.inside(at), waits=text.node, on=job)


def _cycles(found: list[_Tie]) -> Iterator[Mistake]:
    """Each ring once; a ring that shares a node with one already named waits until that is mended."""
    ties = [tie for tie in found if tie.waits != tie.on]
    yield from (_own_output(tie) for tie in found if tie.waits == tie.on and tie.path[2] != "needs")
    for _ in range(_MOST_CYCLES):
        ring = _ring(ties)
        if not ring:
            return
        first = next(tie for tie in ties if tie.waits in ring and ring[tie.waits] == tie.on)
        names = [first.waits]
        while (after := ring[names[-1]]) != names[0]:
            names.append(after)
        message = f"these wait for each other: {' -> '.join((*names, names[0]))}"
        yield Mistake(path=first.path, at=first.at, message=message)
        ties = [tie for tie in ties if tie.waits not in ring]


def _ring(ties: list[_Tie]) -> dict[str, str]:
    """One ring as each node → the one that it waits for; empty where there is none."""
    order: TopologicalSorter[str] = TopologicalSorter()
    for tie in ties:
        order.add(tie.waits, tie.on)
    try:
        order.prepare()
    except CycleError as error:
        nodes: list[str] = error.args[1]
        return dict(zip(nodes[1:], nodes[:-1], strict=True))
    return {}


def _own_output(tie: _Tie) -> Mistake:
    return Mistake(path=tie.path, at=tie.at, message=f"{tie.waits} cannot use its own outputs; they come when it ended")
