"""Reports in every state with one text in every place that a stranger can fill, and what may be linked in them."""

from collections.abc import Iterator

from bot.core.names import Url
from bot.core.report import OutputLine, Problem, Report, State, StepLine, StepState
from bot.core.telling.markdown import address
from tests.core.reports import KEY, NEW, OLD
from tests.world import judge

WEB = "https://web.example/"
KNOWN = (NEW[:7], OLD[:7])


def reports(text: str) -> Iterator[Report]:
    """In every state, with addresses that are the text and, where they show, with such as it is a part of."""
    for state in State:
        yield _report(text, state, text, f"{WEB}{text}")
    for state in (State.RUNNING, State.FAILED):
        yield _report(text, state, f"{WEB}{text}", text)


def linked(report: Report) -> frozenset[str]:
    """The preview's own URLs, and a value that is an address from its first to its last letter."""
    given = (*(url for _, url in report.urls), *(output.value or "" for output in report.outputs))
    destinations = (address(each) for each in given if each)
    return frozenset(each.replace("&amp;", "&") for each in destinations if each)


def wrong(description: str, report: Report) -> list[str]:
    """All that is wrong with one short line; our own URL in it may be cut."""
    said = "Preview is running at "
    if description.startswith(said) and report.url and address(report.url):
        assert f"{said}{report.url}".startswith(description.removesuffix("…"))
        return []
    return judge.plain(description, limit=140, known=KNOWN)


def _report(text: str, state: State, *urls: str) -> Report:
    return Report(
        key=KEY,
        repository=text,
        generation=1,
        state=state,
        sha=NEW,
        serving=OLD,
        urls=tuple((text, Url(url)) for url in urls),
        why=text,
        steps=tuple(_steps(text)),
        outputs=(OutputLine(job=text, name=text, value=text, sensitive=False, description=text),),
        problems=(Problem(path=text, line=2, column=1, message=text, allowed=(text, text)),),
    )


def _steps(text: str) -> Iterator[StepLine]:
    for state in (StepState.RUNNING, StepState.FAILED):
        for file in (text, f"web/{text}"):
            yield StepLine(
                name=text,
                kind="build",
                state=state,
                why=text,
                tail=(text, f"x {text}", text),
                printed=9,
                file=file,
                line=3,
            )
