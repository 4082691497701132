"""What an engine says of a container's end it may say in two parts."""

from datetime import UTC, datetime

import pytest

from runners._docker.engine import Engine, Seen

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def seen(code: int, *, oom: bool = False) -> Seen:
    return Seen(
        id="1",
        name="job",
        image="sha256:1",
        status="exited",
        code=code,
        oom=oom,
        began=NOW,
        finished=NOW,
        policy="",
        labels={},
        ports={},
    )


class Slow(Engine):
    """It shows these one after the other, the last of them for ever."""

    def __init__(self, *shown: Seen | None) -> None:
        super().__init__()
        self.left = list(shown)

    def seen(self, name: str) -> Seen | None:
        return self.left.pop(0) if len(self.left) > 1 else self.left[0]


@pytest.mark.parametrize(
    "shown",
    [
        [seen(137), seen(137), seen(137, oom=True)],
        [seen(137, oom=True)],
        [seen(3)],
        [seen(137), None],
        [seen(137)],
    ],
    ids=["memory ran out", "known at once", "it ended by itself", "removed meanwhile", "somebody killed it"],
)
def test_what_a_container_was_killed_for_is_waited_for(shown: list[Seen | None]) -> None:
    assert Slow(*shown).over("job") == shown[-1]
