"""What a lane and its report are where all that is known of an environment is what stands."""

from datetime import UTC, datetime

from bot.core.deciding.lane import Lane
from bot.core.events import PullKey, Want, Wish
from bot.core.report import Report, output_lines, urls
from bot.core.standing import Standing
from bot.core.telling.progress import at_rest

_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def found(key: PullKey, repository: str, stands: Standing | None, now: datetime) -> tuple[Lane, Report | None]:
    """A lane with nothing to do, and what it would have told last.

    Its generation is as high as the time is late: of two that know nothing of each other the later one goes first,
    and takes nothing that the other did for its own.
    """
    generation = max(_seconds(now), stands.generation if stands else 0)
    lane = Lane(wish=_wish(key, repository, stands), generation=generation, settled=generation, state=at_rest(stands))
    return lane, _report(stands, generation) if stands else None


def _wish(key: PullKey, repository: str, stands: Standing | None) -> Wish:
    wants = Want.DELETE if stands is None else Want.STOP if stands.down else Want.DEPLOY
    asleep = stands is not None and stands.asleep
    return Wish(
        key=key, repository=repository, want=wants, sha=None, actor="matinee", why="it is so already", lapsed=asleep
    )


def _report(stands: Standing, generation: int) -> Report:
    return Report(
        key=stands.key,
        repository=stands.repository,
        generation=generation,
        state=at_rest(stands),
        sha=stands.sha,
        serving=None if stands.down else stands.serving,
        urls=() if stands.down else urls(stands, stands.spec),
        outputs=output_lines(stands),
        sleeps_at=stands.lifetime.sleeps_at,
        expires_at=stands.lifetime.expires_at,
        lapsed=stands.asleep,
    )


def _seconds(now: datetime) -> int:
    return max(int((now - _BEGINNING).total_seconds()), 0)
