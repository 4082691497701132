"""Specs of every shape, for properties."""

from hypothesis import strategies as st

from bot.core.model import Job, JobEvent, Service, Spec, Trigger
from bot.core.names import Name

EVENTS = st.sets(st.sampled_from(list(JobEvent)), min_size=1)


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """Up to eight nodes, each needing some of those before it, so never a cycle that was written."""
    count = draw(st.integers(0, 8))
    services: dict[Name, Service] = {}
    jobs: dict[Name, Job] = {}
    names: list[Name] = []
    for number in range(count):
        needs = tuple(sorted(draw(st.sets(st.sampled_from(names), max_size=3)))) if names else ()
        name = Name(f"n{number}")
        if draw(st.booleans()):
            after = draw(st.booleans())
            services[name] = Service(image="busybox", needs=needs, after_jobs=after)
        else:
            on = {event: Trigger() for event in draw(EVENTS)}
            variables = {f"OF_{other}": f"${{jobs.{other}.outputs.X}}" for other in draw(_one_of(sorted(jobs)))}
            jobs[name] = Job(image="busybox", needs=needs, on=on, variables=variables)
        names.append(name)
    return Spec(version=1, services=services, jobs=jobs)


def _one_of(names: list[Name]) -> st.SearchStrategy[list[Name]]:
    return st.lists(st.sampled_from(names), max_size=1) if names else st.just([])
