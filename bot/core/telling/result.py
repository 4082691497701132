"""What a step of a CI leaves for those after it: where the preview is, how it is, and what its jobs left."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.core.names import EnvironmentId, Url
from bot.core.report import Report, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One environment as others script against it. Nothing in it is secret."""

    environment: EnvironmentId
    state: State
    urls: Mapping[str, Url] = field(default_factory=dict)
    """By public service, in the spec's order."""
    outputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What the jobs left, by job and name, without what is sensitive."""

    @property
    def url(self) -> Url | None:
        """The first public service's."""
        return next(iter(self.urls.values()), None)


def result(report: Report) -> Result:
    """What of a report others go on with."""
    outputs: dict[str, dict[str, str]] = {}
    for each in report.outputs:
        if not each.sensitive and each.value is not None:
            outputs.setdefault(each.job, {})[each.name] = each.value
    return Result(
        environment=report.key.environment,
        state=report.state,
        urls=dict(report.urls),
        outputs=outputs,
    )
