import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.errors import Gone, Misused, Unavailable
from bot.core.events import Delivery, Forged, Happening, Ignored, PullKey
from bot.core.names import Sha
from bot.core.report import Report, State
from bot.forges.local import LocalForge, create
from tests.world.local import Checkout, checkout, fetched

SHOP = {"matinee.yaml": "version: 1\n", "web/Dockerfile": "FROM busybox\n"}


@pytest.fixture
def forge(tmp_path: Path) -> LocalForge:
    return create({"state": str(tmp_path / "state")})


@pytest.fixture
def shop(tmp_path: Path) -> Checkout:
    made = checkout(tmp_path / "a shop ü")
    made.commit(SHOP)
    return made


@pytest.fixture
def tea(shop: Checkout) -> Sha:
    return shop.commit({"web/tea": "3"}, branch="tea")


def test_a_branch_is_opened_as_a_pull(forge: LocalForge, shop: Checkout, tea: Sha) -> None:
    event = forge.open_pull(shop.path, "tea")

    pull = forge.pull(event.key)
    assert (event.happening, event.sha, event.repository) == (Happening.OPENED, tea, "a shop ü")
    assert (pull.key.forge, pull.key.number, pull.branch, pull.base, pull.head) == ("local", 1, "tea", "main", tea)
    assert pull.open
    assert not pull.fork


def test_the_head_moves_with_the_branch(forge: LocalForge, shop: Checkout, tea: Sha) -> None:
    key = forge.open_pull(shop.path, "tea").key
    newer = shop.commit({"web/tea": "4"}, branch="tea")

    assert forge.pull(key).head == newer
    event = forge.push(shop.path, "tea")
    assert (event.happening, event.sha, event.key) == (Happening.PUSHED, newer, key)


def test_every_branch_has_a_number_of_its_own_and_keeps_it(forge: LocalForge, shop: Checkout, tea: Sha) -> None:
    assert [forge.open_pull(shop.path, branch).key.number for branch in ("tea", "main", "tea")] == [1, 2, 1]


def test_a_closed_pull_can_be_opened_again(forge: LocalForge, shop: Checkout, tea: Sha) -> None:
    key = forge.open_pull(shop.path, "tea").key

    assert forge.close(shop.path, "tea").happening is Happening.CLOSED
    assert not forge.pull(key).open
    assert forge.open_pull(shop.path, "tea").happening is Happening.REOPENED
    assert forge.pull(key).open


def test_a_branch_that_is_deleted_closes_its_pull(forge: LocalForge, shop: Checkout, tea: Sha) -> None:
    key = forge.open_pull(shop.path, "tea").key
    shop.git("checkout", "--quiet", "main")
    shop.git("branch", "-D", "tea")

    pull = forge.pull(key)
    assert not pull.open
    assert pull.head == tea
    assert forge.close(shop.path, "tea").key == key


def test_a_pull_can_be_closed_when_its_repository_is_gone(
    forge: LocalForge, shop: Checkout, tea: Sha, tmp_path: Path
) -> None:
    key = forge.open_pull(shop.path, "tea").key
    shop.path.rename(tmp_path / "elsewhere")

    with pytest.raises(Unavailable, match="is not there: bring it back, or close its pulls"):
        forge.pull(key)
    forge.close(shop.path, "tea")
    assert not forge.pull(key).open


def test_what_was_opened_is_remembered_by_the_next_process(
    forge: LocalForge, shop: Checkout, tea: Sha, tmp_path: Path
) -> None:
    key = forge.open_pull(shop.path, "tea").key

    assert create({"state": str(tmp_path / "state")}).pull(key) == forge.pull(key)


def test_a_pull_can_be_opened_from_within_the_repository(forge: LocalForge, shop: Checkout, tea: Sha) -> None:
    assert forge.open_pull(shop.path / "web", "tea").key == forge.open_pull(shop.path, "tea").key


def test_a_bare_repository_has_pulls_too(forge: LocalForge, shop: Checkout, tea: Sha, tmp_path: Path) -> None:
    shop.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare"))

    assert forge.open_pull(tmp_path / "bare", "tea").sha == tea


def test_a_branch_that_is_not_there_is_answered_with_those_like_it(forge: LocalForge, shop: Checkout, tea: Sha) -> None:
    with pytest.raises(Misused, match=r"tee: no such branch in .*; there are tea"):
        forge.open_pull(shop.path, "tee")


@pytest.mark.parametrize("branch", ["main~1", "main@{0}", "HEAD", "refs/heads/main", "--all", "-", "", "ma*n"])
def test_only_a_branch_is_a_branch(forge: LocalForge, shop: Checkout, branch: str) -> None:
    with pytest.raises(Misused, match="no such branch"):
        forge.open_pull(shop.path, branch)


def test_a_pull_that_is_not_open_can_neither_be_pushed_nor_closed(forge: LocalForge, shop: Checkout, tea: Sha) -> None:
    for act in (forge.push, forge.close):
        with pytest.raises(Misused, match=r"tea: no pull of it is open in .*; open it: matinee pull open tea"):
            act(shop.path, "tea")


@pytest.mark.parametrize("there", [True, False], ids=["no repository", "no folder"])
def test_a_pull_needs_a_repository(forge: LocalForge, tmp_path: Path, *, there: bool) -> None:
    folder = tmp_path / "plain"
    if there:
        folder.mkdir()

    with pytest.raises(Misused, match=r"plain is (in no git repository|no folder): name"):
        forge.open_pull(folder, "main")


def test_a_pull_that_was_never_opened_is_gone(forge: LocalForge, shop: Checkout) -> None:
    key = forge.open_pull(shop.path, "main").key
    for unknown in (replace(key, number=7), PullKey(forge="local", repository="0" * 12, number=1)):
        with pytest.raises(Gone, match="no such pull was ever opened here"):
            forge.pull(unknown)


def test_anybody_can_fetch_the_head_from_the_origin(
    forge: LocalForge, shop: Checkout, tea: Sha, tmp_path: Path
) -> None:
    pull = forge.pull(forge.open_pull(shop.path, "tea").key)

    origin = forge.origin(pull)
    assert origin.header is None
    assert fetched(origin.url, pull.head, tmp_path / "copies")["web/tea"] == "3"


def test_opening_many_pulls_at_once_loses_none(forge: LocalForge, shop: Checkout) -> None:
    branches = [f"branch-{number}" for number in range(8)]
    for branch in branches:
        shop.git("branch", branch)

    with ThreadPoolExecutor() as threads:
        events = list(threads.map(lambda branch: forge.open_pull(shop.path, branch), branches))

    assert {event.key.number for event in events} == set(range(1, 9))
    assert len({event.delivery for event in events}) == 8


def test_the_comment_is_kept_and_replaced(forge: LocalForge, shop: Checkout, tea: Sha) -> None:
    pull = forge.pull(forge.open_pull(shop.path, "tea").key)
    assert forge.comment_of(pull.key) is None

    for state in (State.DEPLOYING, State.RUNNING):
        forge.tell(pull, Report(key=pull.key, repository="shop", generation=1, state=state, sha=tea))

    comment = forge.comment_of(pull.key)
    assert comment is not None
    assert comment.startswith(f"<!-- matinee:v1 {pull.key.environment} -->")
    assert "deploying" not in comment.lower()


def test_no_delivery_is_believed(forge: LocalForge) -> None:
    delivery = Delivery(headers=(), body=b"{}")

    assert forge.verify(delivery) == Forged("the local forge sends no webhooks")
    assert forge.read(delivery) == Ignored("the local forge sends no webhooks")


def test_a_book_that_is_damaged_says_so(forge: LocalForge, shop: Checkout, tmp_path: Path) -> None:
    key = forge.open_pull(shop.path, "main").key
    (tmp_path / "state" / "local" / key.repository / "pulls.json").write_text("{")

    with pytest.raises(Unavailable, match=r"pulls\.json is damaged"):
        forge.pull(key)


def test_a_git_hook_may_call_us(
    forge: LocalForge, shop: Checkout, tea: Sha, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = checkout(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.path / ".git" / "index"))

    assert forge.open_pull(shop.path, "tea").sha == tea


def test_a_repository_of_somebody_else_is_read(forge: LocalForge, shop: Checkout, tea: Sha) -> None:
    subprocess.run(["chown", "-R", "65534", str(shop.path)], check=os.getuid() == 0, capture_output=True)

    assert forge.open_pull(shop.path, "tea").sha == tea
    assert forge.snapshot(shop.path).key.number == 0


def test_a_missing_git_is_said_in_one_sentence(
    forge: LocalForge, shop: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(Unavailable, match="git cannot be found"):
        forge.snapshot(shop.path)
