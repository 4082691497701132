"""What the values of a deploy are filled from, and what every container is told without having asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bot.core.composing.variables import Known, fill, tells
from bot.core.events import Pull
from bot.core.model import JobEvent, Spec
from bot.core.names import Name, job_id, output_variable, shouted
from bot.core.overlay import laid_over
from bot.core.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The spec, the pull, what stands at this moment, and the operator's secrets."""

    spec: Spec
    pull: Pull
    stands: Standing
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The operator's for this environment, by name."""

    @property
    def known(self) -> Mapping[str, Known]:
        """Every name that `${…}` may say now."""
        known = {name: Known(value) for name, value in _plain(self).items()}
        known |= {f"secrets.{name}": Known(value, secret=True) for name, value in self.given_secrets.items()}
        for job, variables in self.stands.outputs.items():
            known |= {f"jobs.{job}.outputs.{each.name}": Known(each.value, secret=each.sensitive) for each in variables}
        return known | _shared(self.spec, known)

    @property
    def given_secrets(self) -> Mapping[str, str]:
        """All secrets that the spec may name; the operator's word counts before one that is made here."""
        return {**self.stands.generated, **self.secrets}


def surroundings(spec: Spec, pull: Pull, stands: Standing, secrets: Mapping[str, str]) -> Surroundings:
    """What surrounds a node in this environment: the spec with what was changed here by hand."""
    return Surroundings(spec=laid_over(spec, stands.overlay), pull=pull, stands=stands, secrets=secrets)


def environment_name(spec: Spec, pull: Pull) -> str:
    """What people call this preview: `shop-7`."""
    return f"{spec.name or pull.repository.rpartition('/')[2]}-{pull.key.number}"


def built_in(around: Surroundings) -> dict[str, str]:
    """What services and jobs are told alike."""
    pull = around.pull
    given = {
        "MATINEE_ENVIRONMENT_ID": str(pull.key.environment),
        "MATINEE_ENVIRONMENT_NAME": environment_name(around.spec, pull),
        "MATINEE_PROJECT": pull.repository,
        "MATINEE_GIT_BRANCH": pull.branch,
        "MATINEE_PULL_NUMBER": str(pull.key.number),
    }
    for service, address in around.stands.addresses.items():
        stem = f"MATINEE_SERVICE_{shouted(service)}"
        given[f"{stem}_HOST"] = address.host
        given |= {f"{stem}_URL": str(address.url)} if address.url else {}
        given |= {f"{stem}_PORT": str(address.port)} if address.port else {}
    return given


def for_jobs(name: Name, event: JobEvent, around: Surroundings) -> dict[str, str]:
    """What only jobs are told: in a service the commit would restart it at every push."""
    job = job_id(around.pull.key.repository, name)
    return {"MATINEE_EVENT": event.value, "MATINEE_JOB_ID": job, "MATINEE_GIT_SHA": str(around.stands.sha)}


def all_outputs(around: Surroundings) -> dict[str, str]:
    """Every output so far under its long name."""
    repository = around.pull.key.repository
    return {
        output_variable(repository, job, each.name): each.value
        for job, variables in around.stands.outputs.items()
        for each in variables
    }


def _plain(around: Surroundings) -> dict[str, str]:
    stands, pull = around.stands, around.pull
    public = [service for service in around.spec.services if around.spec.services[service].public]
    first = stands.addresses.get(public[0]) if public else None
    plain = {
        "git.sha": stands.sha,
        "git.branch": pull.branch,
        "git.repository": pull.repository,
        "pull.number": str(pull.key.number),
        "pull.author": pull.author,
        "pull.base": pull.base,
        "environment.id": pull.key.environment,
        "environment.name": environment_name(around.spec, pull),
    }
    plain |= {"environment.host": host} if first and (host := urlsplit(first.url).hostname) else {}
    for service, address in stands.addresses.items():
        plain[f"services.{service}.host"] = address.host
        plain |= {f"services.{service}.url": str(address.url)} if address.url else {}
        plain |= {f"services.{service}.port": str(address.port)} if address.port else {}
    return plain


def _shared(spec: Spec, known: Mapping[str, Known]) -> dict[str, Known]:
    """The environment's variables by name; one that holds a secret is one itself."""
    filled = ((name, text, fill(text, known, secrets=True)) for name, text in spec.variables.items())
    return {
        f"variables.{name}": Known(value, secret=tells(text, known))
        for name, text, value in filled
        if isinstance(value, str)
    }
