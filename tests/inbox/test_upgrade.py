"""A database of an older matinee, with what was in it."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from bot.core.events import ActorId, Commented, Ignored, PullKey, Remark, RemarkKind
from bot.inbox import Inbox, schema
from bot.inbox.database import Database
from bot.inbox.upgrade import steps
from tests.inbox.pulls import digest, event

DELIVERIES = (
    ("d1", '{"delivery": "d1"}'),
    ("comment 12 of github-17-1", ""),
    ("review comment 12 of github-17-2", ""),
)


ROW = text(
    "INSERT INTO deliveries (forge, delivery, digest, environment, event, received_at)"
    " VALUES ('github', :delivery, :digest, '', :event, 5)"
)


def older(url: str, version: str) -> Database:
    database = Database.at(url)
    database.write(lambda connection: command.upgrade(steps(connection), version))
    return database


def remark(delivery: str, kind: RemarkKind, *, pull: int) -> Commented:
    return Commented(
        delivery=delivery,
        key=PullKey(forge="github", repository="17", number=pull),
        repository="acme/shop",
        actor="ana",
        actor_id=ActorId("7"),
        text="/preview deploy",
        remark=Remark(id="12", kind=kind),
    )


def test_a_remark_that_an_older_matinee_has_answered_is_answered_still(empty: str):
    database = older(empty, "0004")
    for delivery, told in DELIVERIES:
        values = {"delivery": delivery, "digest": digest(delivery), "event": told}
        database.write(lambda connection, values=values: connection.execute(ROW, values))
    database.close()
    inbox = Inbox.open(empty)
    told = ((RemarkKind.COMMENT, 1), (RemarkKind.REVIEW_COMMENT, 2), (RemarkKind.COMMENT, 2))
    again = []
    for number, (kind, pull) in enumerate(told):
        inbox.receive(remark(f"c{number}", kind, pull=pull), digest(f"c{number}"))
        heard = inbox.hear("bot", lease=10)
        again.append(heard.again)
        inbox.done(heard)
    assert again == [True, True, False]
    assert inbox.receive(event("d1"), digest("d1")) == Ignored("this delivery was received already")
    inbox.close()


def test_an_older_database_comes_to_the_tables_of_today(empty: str):
    older(empty, "0001").close()
    inbox = Inbox.open(empty)
    inbox.close()
    database = Database.at(empty)
    differences = database.read(lambda at: compare_metadata(MigrationContext.configure(at), schema.metadata))
    database.close()
    assert differences == []
