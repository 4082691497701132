"""Which names `${…}` may say at which place of a spec, and why not the others. Judges names; fills in nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from bot.core.composing.variables import Reference, hidden, references, shown
from bot.core.names import VARIABLE
from bot.core.reading.yaml_marks import Field, Scalar, Table, Tree, below, fields

FIXED = {
    "git": ("sha", "branch", "repository"),
    "pull": ("number", "author", "base"),
    "environment": ("id", "name", "host"),
}
OF_A_SERVICE = ("host", "port", "url")
_FILLED = "variables, files, entrypoint, args, probes and build.args"


class Place(Enum):
    """The places of a spec at which a reference may stand, and one for all others."""

    SHARED = "a variable of the whole environment"
    VARIABLE = "a variable or file"
    ARGUMENT = "an argument or probe"
    BUILD = "a build argument"
    NOWHERE = "a value that is taken as it is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a name may not be said here."""

    message: str
    allowed: tuple[str, ...] = ()
    word: str = ""


class Vocabulary:
    """The names that one spec gives, read from a tree that may be wrong elsewhere."""

    def __init__(self, tree: Tree) -> None:
        self._services, self._jobs = fields(tree, "services"), fields(tree, "jobs")
        shared = fields(tree, "variables")
        self._shared, self._secrets = tuple(shared), tuple(fields(tree, "secrets"))
        self._telling = frozenset(name for name, each in shared.items() if _tells(each))
        self._ports = frozenset(name for name, each in self._services.items() if below(each.value, "port") is not None)
        self._public = any(_is_true(below(each.value, "public")) for each in self._services.values())
        self._names = {place: tuple(self._known(place)) for place in Place}

    def fault(self, reference: Reference, place: Place) -> Fault | None:
        """Why this reference may not stand at this place; None where it may."""
        if place is Place.NOWHERE:
            return Fault(message=f"no references are filled in here, only in {_FILLED}")
        match reference.name.split("."):
            case ["secrets", name] if VARIABLE.fullmatch(name):
                return _of_secrets(reference, place)
            case ["secrets", *_]:
                return Fault(message=f"{_said(reference)} is no secret; its name is letters, digits and _")
            case ["services", service, what] if service in self._services and what in OF_A_SERVICE:
                return self._of_service(service, what)
            case ["jobs", job, "outputs", output] if job in self._jobs and VARIABLE.fullmatch(output):
                return self._of_job(reference, job, output, place)
            case ["variables", name] if name in self._shared:
                return self._of_variables(reference, name, place)
            case ["environment", "host"] if not self._public:
                return Fault(message="environment.host is the first public service's host, and no service is public")
            case [root, name] if name in FIXED.get(root, ()):
                return None
            case _:
                return self._unknown(reference, place)

    def _of_service(self, service: str, what: str) -> Fault | None:
        if what == "host" or service in self._ports:
            return None
        if what == "port":
            return Fault(message=f"{service} has no port; set services.{service}.port")
        return Fault(message=f"{service} has no port, which its url needs; set services.{service}.port")

    def _of_job(self, reference: Reference, job: str, output: str, place: Place) -> Fault | None:
        if place is Place.SHARED:
            return Fault(message=f"outputs are known only after {job} ran; put this into the variables of what uses it")
        if place is Place.BUILD:
            return Fault(message=f"images are built before {job} runs, so that its outputs are no build arguments")
        declared = below(self._jobs[job].value, "outputs", "declare", output, "sensitive")
        if place is Place.ARGUMENT and _is_true(declared):
            return Fault(message=hidden(reference.name))
        return None

    def _of_variables(self, reference: Reference, name: str, place: Place) -> Fault | None:
        if place is Place.SHARED:
            return Fault(message="a variable of the whole environment cannot use another one; write its value out")
        if place in (Place.ARGUMENT, Place.BUILD) and name in self._telling:
            reads = (
                "read it inside the container" if place is Place.ARGUMENT else "list that secret under build.secrets"
            )
            return Fault(message=f"{_said(reference)} holds a secret, and can be read here by others; {reads}")
        return None

    def _unknown(self, reference: Reference, place: Place) -> Fault:
        allowed = self._names[place]
        return Fault(message=f"{_said(reference)} is not known", allowed=allowed, word=reference.name)

    def _known(self, place: Place) -> Iterator[str]:
        """Every name that may be said here; NAME stands for what only the job or the operator knows."""
        yield from (f"{root}.{name}" for root, names in FIXED.items() for name in names)
        for service in self._services:
            yield from (f"services.{service}.{what}" for what in OF_A_SERVICE[: 3 if service in self._ports else 1])
        if place in (Place.VARIABLE, Place.ARGUMENT):
            yield from (f"jobs.{job}.outputs.{name}" for job in self._jobs for name in self._outputs(job))
        if place in (Place.SHARED, Place.VARIABLE):
            yield from (f"secrets.{name}" for name in (*self._secrets, "NAME"))
        if place is not Place.SHARED:
            hides = self._telling if place in (Place.ARGUMENT, Place.BUILD) else frozenset()
            yield from (f"variables.{name}" for name in self._shared if name not in hides)

    def _outputs(self, job: str) -> tuple[str, ...]:
        return tuple(fields(self._jobs[job].value, "outputs", "declare")) or ("NAME",)


def _of_secrets(reference: Reference, place: Place) -> Fault | None:
    if place in (Place.SHARED, Place.VARIABLE):
        return None
    return Fault(message=hidden(reference.name, build=place is Place.BUILD))


def _tells(shared: Field) -> bool:
    text = shared.value.text if isinstance(shared.value, Scalar) else ""
    return any(isinstance(part, Reference) and part.name.startswith("secrets.") for part in references(text))


def _said(reference: Reference) -> str:
    return f"${{{shown(reference.name)}}}"


def _is_true(tree: Tree | None) -> bool:
    return tree is not None and not isinstance(tree, Table) and getattr(tree, "value", None) is True
