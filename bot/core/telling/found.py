"""What a lane and its report are where nothing is known but what stands: another bot made it, or our inbox is new."""

from bot.core.deciding.lane import Lane
from bot.core.events import Want, Wish
from bot.core.report import Report, output_lines, urls
from bot.core.standing import Standing
from bot.core.telling.progress import at_rest

AHEAD = 1000
"""By how much its generation is above the one that stands: whoever counts on beside us is not to reach it."""


def found(stands: Standing) -> tuple[Lane, Report]:
    """A lane with nothing to do, and what it would have told last."""
    state = at_rest(stands)
    by = stands.allowed
    wish = Wish(
        key=stands.key,
        repository=stands.repository,
        want=Want.STOP if stands.down else Want.DEPLOY,
        sha=None,
        actor=by.by if by else "matinee",
        why="it stood already",
        lapsed=stands.asleep,
    )
    lane = Lane(wish=wish, generation=stands.generation + AHEAD, settled=stands.generation + AHEAD, state=state)
    report = Report(
        key=stands.key,
        repository=stands.repository,
        generation=lane.generation,
        state=state,
        sha=stands.sha,
        serving=None if stands.down else stands.serving,
        urls=() if stands.down else urls(stands, stands.spec),
        outputs=output_lines(stands),
        sleeps_at=stands.lifetime.sleeps_at,
        expires_at=stands.lifetime.expires_at,
        lapsed=stands.asleep,
    )
    return lane, report
