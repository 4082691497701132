import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

import bot.inbox.schema as schema
from bot.core.errors import Misused, Unavailable
from bot.inbox import Inbox
from tests.inbox.pulls import wished

ROOT = Path(__file__).parents[2]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/state/matinee.db"


def run(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_the_folder_and_the_tables_are_made(url, tmp_path):
    Inbox.open(url).wish(wished())
    assert (tmp_path / "state" / "matinee.db").is_file()
    assert len(Inbox.open(url).lanes()) == 1


def test_the_migrations_make_the_schema_and_end_at_its_head(url):
    Inbox.open(url)
    scripts = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
    assert scripts.get_current_head() == schema.HEAD
    with create_engine(url).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []


def test_a_database_that_is_up_to_date_needs_no_alembic(url):
    Inbox.open(url)
    code = "import sys; from bot.inbox import Inbox; Inbox.open(sys.argv[1]); print('alembic' in sys.modules)"
    assert run(code, url).communicate(timeout=60)[0].strip() == "False"


def test_the_rooms_name_alone_imports_no_sql():
    code = "import sys, bot.inbox; print('sqlalchemy' in sys.modules)"
    assert run(code).communicate(timeout=60)[0].strip() == "False"


def test_processes_that_start_at_once_migrate_once(url):
    code = "import sys; from bot.inbox import Inbox; print('ready', flush=True); input(); Inbox.open(sys.argv[1])"
    children = [run(code, url) for _ in range(3)]
    for child in children:
        assert child.stdout.readline().strip() == "ready"
    for child in children:
        child.stdin.write("\n")
        child.stdin.flush()
    assert [child.communicate(timeout=60)[0].strip() for child in children] == [""] * 3


def test_every_commit_goes_to_the_disk_and_readers_do_not_wait(url, tmp_path):
    inbox = Inbox.open(url)
    pragmas = inbox._database.read(
        lambda connection: [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    )
    assert pragmas == ["wal", 2, 1, 10_000]


def test_a_database_of_a_newer_matinee_is_left_alone(url, tmp_path):
    Inbox.open(url).close()
    with sqlite3.connect(tmp_path / "state" / "matinee.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Misused, match=r"state/matinee.db was written by a newer matinee \(its version is 9999"):
        Inbox.open(url)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match=r"file/state cannot be made: Not a directory; set MATINEE_STATE"):
        Inbox.open(f"sqlite:///{tmp_path}/file/state/matinee.db")


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "matinee.db").write_bytes(b"no database" * 1000)
    with pytest.raises(Unavailable, match=r"matinee.db cannot be used: file is not a database; move that file away"):
        Inbox.open(f"sqlite:///{tmp_path}/matinee.db")


def test_a_folder_in_the_files_place_is_said(tmp_path):
    (tmp_path / "matinee.db").mkdir()
    with pytest.raises(Unavailable, match=r"unable to open database file; give this user the right to write there"):
        Inbox.open(f"sqlite:///{tmp_path}/matinee.db")


def test_a_database_that_may_only_be_read_can_be_read_and_says_so_at_a_write(url):
    Inbox.open(url).wish(wished())
    inbox = Inbox.open(url.replace("sqlite:///", "sqlite:///file:") + "?mode=ro&uri=true")
    assert len(inbox.lanes()) == 1
    with pytest.raises(Unavailable, match=r"readonly database; give this user the right to write there"):
        inbox.wish(wished(commit=2))


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://root:hunter2@db/x", "matinee keeps nothing in mysql: give sqlite:////path"),
        ("hunter2", "the database URL cannot be read: give sqlite:////path"),
        ("sqlite://", "the inbox outlives its process: name a file"),
        ("sqlite:///:memory:", "the inbox outlives its process: name a file"),
    ],
)
def test_a_url_of_another_kind_is_refused_without_its_password(url, sentence):
    with pytest.raises(Misused) as caught:
        Inbox.open(url)
    assert str(caught.value).startswith(sentence)
    assert "hunter2" not in str(caught.value)


def test_a_server_that_does_not_answer_is_named_without_the_password():
    with pytest.raises(Unavailable, match=r"the database matinee at 127.0.0.1:1 cannot be used: .*refused") as caught:
        Inbox.open("postgresql://ada:hunter2@127.0.0.1:1/matinee")
    assert "hunter2" not in str(caught.value)


FULL = """
import resource, signal, sys
from bot.core.errors import Unavailable
from bot.inbox import Inbox
from tests.inbox.pulls import digest, event

inbox = Inbox.open(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
stored = 0
try:
    for count in range(5000):
        inbox.receive(event(f"d{count}", commit=count), digest(f"d{count}"))
        stored += 1
except Unavailable as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
assert inbox.lanes()[0].lane.generation == stored
inbox.receive(event("after", commit=9999), digest("after"))
print(inbox.lanes()[0].lane.generation == stored + 1)
"""


def test_a_full_disk_refuses_what_it_cannot_keep_and_goes_on_when_there_is_room(url):
    said = run(FULL, url).communicate(timeout=120)[0].strip().splitlines()
    assert "matinee.db cannot be used: " in said[0]
    assert "free some space there" in said[0]
    assert said[1:] == ["True"]


@pytest.mark.slow
def test_the_migrations_are_part_of_the_wheel(tmp_path):
    wheel = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(wheel, check=True)
    shutil.unpack_archive(next(tmp_path.glob("*.whl")), tmp_path / "wheel", "zip")
    code = "import sys, bot.inbox; from bot.inbox import Inbox; Inbox.open(sys.argv[1]); print(bot.inbox.__file__)"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "wheel")}
    command = [sys.executable, "-c", code, f"sqlite:///{tmp_path}/matinee.db"]
    said = subprocess.run(command, check=True, cwd=tmp_path, env=environment, capture_output=True, text=True).stdout
    assert said.startswith(str(tmp_path / "wheel"))
