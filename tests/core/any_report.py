"""Every report there can be, within reason: for properties of whatever shows one."""

from hypothesis import strategies as st

from bot.core.approval import Allowed, Ground
from bot.core.events import ActorId
from bot.core.names import Url
from bot.core.report import Access, OutputLine, Problem, Report, State, StepLine, StepState
from tests.core.reports import KEY, NEW, OLD

LONG = st.sampled_from(["|" * 400, "`" * 400, "<" * 400, "\U0001f600" * 400, "@a #1 /x\n" * 60])


def reports(words: st.SearchStrategy[str], *, most: int) -> st.SearchStrategy[Report]:
    """Reports of these words, with up to three different steps, outputs and problems, each repeated `most` times."""
    return st.builds(
        Report,
        key=st.just(KEY),
        repository=words,
        generation=st.just(1),
        state=st.sampled_from(State),
        sha=st.sampled_from([NEW, None]),
        serving=st.sampled_from([OLD, NEW, None]),
        urls=st.lists(st.tuples(words, words.map(Url)), max_size=3).map(tuple),
        why=words,
        left_out=words,
        steps=_some(_steps(words), most),
        outputs=_some(_outputs(words), most),
        problems=_some(_problems(words), most),
        access=st.none() | _access(words),
        open=st.none() | st.booleans(),
        filtered=st.booleans(),
    )


def _access(words):
    allowed = st.builds(
        Allowed, sha=st.just(NEW), by=words, by_id=st.just(ActorId("1")), ground=st.sampled_from(Ground)
    )
    secrets = st.lists(words, max_size=30).map(tuple)
    return st.builds(Access, allowed=st.none() | allowed, fork=st.booleans(), secrets=secrets, out=st.booleans())


def _some(values, most):
    return st.tuples(st.lists(values, max_size=3), st.sampled_from([1, 1, most])).map(
        lambda drawn: tuple(drawn[0] * drawn[1])
    )


def _steps(words):
    return st.builds(
        StepLine,
        name=words,
        kind=st.just("run"),
        state=st.sampled_from(StepState),
        seconds=st.none() | st.floats(0, 1e6),
        why=words,
        attempts=st.integers(0, 9),
        tail=_some(words, 20),
        file=words,
        line=st.none() | st.integers(1, 9999),
    )


def _outputs(words):
    return st.builds(
        OutputLine, job=words, name=words, value=st.none() | words, sensitive=st.booleans(), description=words
    )


def _problems(words):
    return st.builds(
        Problem,
        path=words,
        line=st.integers(1, 9999),
        column=st.integers(1, 99),
        message=words,
        allowed=st.lists(words, max_size=4).map(tuple),
    )
