"""What of a node hangs on outputs that a job is yet to write, and what to take for those until then."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from bot.core.composing.surroundings import Surroundings
from bot.core.composing.variables import Reference, references, texts
from bot.core.foreseeing.sight import UNKNOWN
from bot.core.model import Health, Job, JobEvent, Service, Task, Trigger
from bot.core.names import Name
from bot.core.standing import Variable


def hinges(node: Service | Job, moving: Collection[Name]) -> tuple[str, ...]:
    """Each part of the node that changes if an output of these jobs does: `variable KEY if the output KEY of seed…`."""
    found = ((part, each) for part, text in _parts(node) for each in _outputs(text) if each.job in moving)
    said = (f"{part} if the output {each.name.rpartition('.')[2]} of {each.job} changes" for part, each in found)
    return tuple(dict.fromkeys(said))


def expected(around: Surroundings, node: Service | Job, moving: Collection[Name]) -> Surroundings:
    """The same, with a value for each output that the node names and that these jobs have never written."""
    outputs = dict(around.stands.outputs)
    for each in (each for text in texts(node) for each in _outputs(text)):
        job, name = each.job, each.name.rpartition(".")[2]
        if job in moving and job is not None and name not in {known.name for known in outputs.get(job, ())}:
            outputs[job] = (*outputs.get(job, ()), _promised(around, job, name))
    return replace(around, stands=replace(around.stands, outputs=outputs))


def _promised(around: Surroundings, job: Name, name: str) -> Variable:
    declared = around.spec.jobs[job].outputs.declare.get(name) if job in around.spec.jobs else None
    return Variable(name=name, value=UNKNOWN, sensitive=declared.sensitive if declared else False)


def _outputs(text: str) -> Iterator[Reference]:
    return (part for part in references(text) if isinstance(part, Reference) and part.job is not None)


def _parts(node: Service | Job) -> Iterator[tuple[str, str]]:
    """Every text that goes into what a deploy starts, and which part it is, as a difference would name it."""
    yield from _contained(node, "")
    run = node if isinstance(node, Service) else node.on.get(JobEvent.DEPLOY)
    yield from _commanded(run, "") if run else ()
    yield from _probed(node.health, "") if isinstance(node, Service) else ()
    for name, task in node.tasks.items():
        of = f"task {name}: "
        yield from (*_contained(task, of), *_commanded(task, of), *_probed(task.health, of))


def _contained(container: Service | Job | Task, of: str) -> Iterator[tuple[str, str]]:
    yield from ((f"{of}variable {name}", text) for name, text in container.variables.items())
    yield from ((f"{of}file {path}", text) for path, text in container.files.items())


def _commanded(run: Service | Task | Trigger, of: str) -> Iterator[tuple[str, str]]:
    yield from ((f"{of}entrypoint", word) for word in run.entrypoint or ())
    yield from ((f"{of}args", word) for word in run.args or ())


def _probed(health: Health | None, of: str) -> Iterator[tuple[str, str]]:
    if health is not None:
        yield from ((f"{of}health", text) for text in (health.http or "", *(health.exec or ())))
