"""The inbox as all the others see it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.core.approval import Allowed, Approval
from bot.core.deciding.missed import Seen
from bot.core.deciding.outcome import Outcome
from bot.core.decision import Decision
from bot.core.events import ActorId, Ignored, PullKey, Tidings, Wish
from bot.core.lifetime import Extension
from bot.core.names import EnvironmentId, Sha, StepId
from bot.core.report import Report, State
from bot.core.standing import Standing
from bot.inbox import approvals, bots, decisions, deliveries, lanes, outcomes, remarks, schema
from bot.inbox.bell import Bell
from bot.inbox.chores import Chores
from bot.inbox.database import Database
from bot.inbox.leases import Lease
from bot.inbox.logs import Logs
from bot.inbox.remarks import Answering, Taken
from bot.inbox.rows import read_status
from bot.inbox.times import Times
from bot.inbox.upgrade import upgrade
from bot.inbox.values import Beat, Claim, Heard, Status, Stored, now_utc


class Inbox:
    """One database. Every method is one transaction, durable on return, and may be called from any thread."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._bell = Bell()
        self.chores = Chores(database, clock)
        self.times = Times(database, self._bell, clock)
        self.logs = Logs(database, clock)

    @classmethod
    def open(cls, url: str, *, clock: Callable[[], datetime] = now_utc) -> "Inbox":
        """Reach the database, and make or migrate its tables."""
        database = Database.at(url)
        upgrade(database)
        return cls(database, clock)

    @property
    def place(self) -> str:
        """Which database it is, in words and without any password."""
        return self._database.place

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def receive(self, told: Tidings, digest: str) -> Stored | Ignored:
        """Keep a delivery and what it tells; `digest` is the SHA-256 of its body in hexadecimal."""
        now = self._clock()
        taken = self._database.write(lambda connection: deliveries.receive(connection, told, digest, now))
        return self._ringing(taken)

    def hear(self, owner: str, *, lease: float) -> Heard | None:
        """Take a due remark that nobody answers, for `lease` seconds; None where there is none."""
        self._bell.listen()
        by = Lease(owner=owner, now=self._clock(), seconds=lease)
        return self._database.write(lambda connection: remarks.hear(connection, by))

    def answered(
        self,
        heard: Heard,
        *,
        answer: Answering,
        wishes: tuple[Wish | Extension, ...] = (),
        approved: tuple[Approval, ...] = (),
    ) -> Taken:
        """Take up what a remark comes to, and keep what is to be told of it, for whoever hears it next.

        Raises `Overtaken` where it is another's by now. `answer` may be called more than once.
        """
        now = self._clock()
        taken = self._database.write(
            lambda connection: remarks.answered(
                connection, heard, wishes=wishes, approved=approved, answer=answer, now=now
            )
        )
        self._bell.ring()
        return taken

    def done(self, heard: Heard) -> None:
        """Be done with a remark: what it came to was told."""
        self._database.write(lambda connection: remarks.done(connection, heard))

    def defer(self, heard: Heard, *, seconds: float) -> None:
        """Hand a remark back undone, due once more after so many seconds."""
        again = self._clock() + timedelta(seconds=seconds)
        self._database.write(lambda connection: remarks.defer(connection, heard, again))

    def approved(self, environment: EnvironmentId, sha: Sha) -> Approval | None:
        """Whose word there is for this very commit, if anybody's."""
        return self._database.read(lambda connection: approvals.find(connection, environment, sha))

    def vouched(self, environment: EnvironmentId, allowed: Allowed) -> None:
        """Keep who let a commit run: it may run from now on, whoever acts on the pull."""
        now = self._clock()
        self._database.write(lambda connection: approvals.vouch(connection, environment, allowed, now))

    def brought(self, environment: EnvironmentId, sha: Sha) -> tuple[tuple[str, ActorId], ...]:
        """Who opened the pull with this commit or pushed it, by name and number, the newest first."""
        return self._database.read(lambda connection: deliveries.bringers(connection, environment, sha))

    def decided(self, claim: Claim, decision: Decision, seen: Seen | None = None) -> None:
        """Keep what was decided, and what was seen of the pull."""
        self._database.write(lambda connection: decisions.made(connection, claim, decision, seen))

    def decisions(self, environment: EnvironmentId) -> tuple[Decision, ...]:
        """What was decided of it, the newest first."""
        return self._database.read(lambda connection: decisions.found(connection, environment))

    def delivered(self, environment: EnvironmentId) -> frozenset[Sha]:
        """Every commit of which a delivery told, also where it changed nothing."""
        return self._database.read(lambda connection: deliveries.commits(connection, environment))

    @property
    def now(self) -> datetime:
        """The time by which everything here goes."""
        return self._clock()

    def wish(self, wish: Wish, *, above: int = 0) -> Stored | Ignored:
        """Keep a wish that no forge delivered; `above` is the generation that its runner remembers of it."""
        now = self._clock()
        return self._ringing(self._database.write(lambda connection: lanes.wish(connection, wish, now, above=above)))

    def learn(self, key: PullKey, repository: str, stands: Standing | None) -> None:
        """Take a pull's environment over as it stands, with nothing to do, unless it is known here."""
        now = self._clock()
        self._database.write(lambda connection: lanes.learn(connection, key, repository, stands=stands, now=now))

    def claim(self, owner: str, *, lease: float, environment: EnvironmentId | None = None) -> Claim | None:
        """Take a due lane that nobody carries out, for `lease` seconds; None where there is none."""
        self._bell.listen()
        by = Lease(owner=owner, now=self._clock(), seconds=lease)
        return self._database.write(lambda connection: lanes.claim(connection, by, environment))

    def beat(self, claim: Claim, *, lease: float) -> Beat:
        """Keep the claim for `lease` seconds more, and learn what is wanted by now; logs are brought up to date."""
        now = self._clock()
        beat = self._database.write(lambda connection: lanes.beat(connection, claim, now=now, lease=lease))
        self.logs.keep_up()
        return beat

    def record(self, claim: Claim, step: StepId, outcome: Outcome, seconds: float) -> None:
        """Keep how a step ended, the first time; raises `Overtaken` where the lane is another's by now."""
        now = self._clock()
        self._database.write(
            lambda connection: outcomes.record(connection, claim, step, outcome, seconds=seconds, now=now)
        )

    def outcomes(self, claim: Claim) -> Mapping[StepId, tuple[Outcome, float]]:
        """How steps of the claim's generation ended, and how many seconds each took."""
        return self._database.read(lambda connection: outcomes.recorded(connection, claim))

    def tell(self, claim: Claim, report: Report) -> None:
        """Keep the newest report; raises `Overtaken` where the lane is another's by now."""
        self._database.write(lambda connection: lanes.tell(connection, claim, report))

    def rest(self, claim: Claim, state: State) -> None:
        """Keep what a lane of which nothing is told is; raises `Overtaken` where it is another's by now."""
        self._database.write(lambda connection: lanes.rest(connection, claim, state))

    def settle(self, claim: Claim, *, again: datetime | None = None) -> None:
        """Hand the lane back, done, or due once more at `again`; raises `Overtaken` where it is another's by now."""
        now = self._clock()
        self._database.write(lambda connection: lanes.settle(connection, claim, now=now, again=again))
        self._bell.ring()

    def release(self, claim: Claim, *, above: int = 0) -> None:
        """Hand the lane back undone, due at once, `above` this generation; one that is another's by now stays so."""
        now = self._clock()
        self._database.write(lambda connection: lanes.release(connection, claim, now=now, above=above))
        self._bell.ring()

    def forget(self, environment: EnvironmentId) -> None:
        """Drop lane, outcomes and logs of an environment in which nothing is to be done."""
        now = self._clock()
        self._database.write(lambda connection: lanes.forget(connection, environment, now=now))

    def lanes(self) -> tuple[Status, ...]:
        """Every lane, by environment."""
        now = self._clock()
        query = select(schema.lanes).order_by(schema.lanes.c.environment)
        rows = self._database.read(lambda connection: list(connection.execute(query)))
        return tuple(read_status(row, now) for row in rows)

    def lane(self, environment: EnvironmentId) -> Status | None:
        """One lane; None where nothing was ever wanted of it."""
        query = select(schema.lanes).filter_by(environment=environment)
        row = self._database.read(lambda connection: connection.execute(query).first())
        return read_status(row, self._clock()) if row else None

    def serving(self, owner: str, *, lease: float) -> None:
        """Announce a bot that claims lanes, for `lease` seconds."""
        now = self._clock()
        self._database.write(lambda connection: bots.serving(connection, owner, now=now, lease=lease))

    def leave(self, owner: str) -> None:
        """Take the announcement back."""
        self._database.write(lambda connection: bots.leave(connection, owner))

    def served(self) -> bool:
        """Whether any bot claims lanes here."""
        now = self._clock()
        return self._database.read(lambda connection: bots.served(connection, now))

    def wait(self, timeout: float) -> None:
        """Wait until this process made a lane due since this thread's last `claim`, at most `timeout` seconds."""
        self._bell.wait(timeout)

    def _ringing(self, taken: Stored | Ignored) -> Stored | Ignored:
        if isinstance(taken, Stored):
            self._bell.ring()
        return taken
