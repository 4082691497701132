import os
from pathlib import Path

import pytest

from bot.core.errors import Gone
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


def untouched(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_snapshot_is_the_working_tree_as_it_is(forge: LocalForge, shop: Checkout, tmp_path: Path) -> None:
    shop.commit({".gitignore": "*.log\n", "kept.log": "tracked though ignored", "old": "", "läuft": "ja"})
    shop.write({"new": "not added", "noise.log": "", "web/Dockerfile": "FROM busybox AS changed\n"})
    (shop.path / "old").unlink()

    pull = forge.pull(forge.snapshot(shop.path).key)

    files = fetched(forge.origin(pull).url, pull.head, tmp_path / "copies")
    assert files == {
        ".gitignore": "*.log",
        "kept.log": "tracked though ignored",
        "läuft": "ja",
        "matinee.yaml": "version: 1",
        "new": "not added",
        "web/Dockerfile": "FROM busybox AS changed",
    }


def test_a_snapshot_leaves_the_repository_as_it_was(forge: LocalForge, shop: Checkout) -> None:
    shop.write({"new": "not added"})
    before = untouched(shop.path)

    forge.snapshot(shop.path)

    assert untouched(shop.path) == before


def test_the_same_files_are_the_same_commit_and_others_are_not(
    forge: LocalForge, shop: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = forge.snapshot(shop.path)
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody")
    same = forge.snapshot(shop.path)
    shop.write({"new": ""})

    assert (first.sha, first.key) == (same.sha, same.key)
    assert first.delivery != same.delivery
    assert forge.snapshot(shop.path).sha != first.sha
    assert forge.pull(first.key).head != first.sha


def test_a_folder_is_seen_as_its_snapshot_would_be_and_no_pull_is_made_or_moved(
    forge: LocalForge, shop: Checkout, tmp_path: Path
) -> None:
    seen = forge.seen(shop.path)
    with pytest.raises(Gone):
        forge.pull(seen.key)
    assert fetched(forge.origin(seen).url, seen.head, tmp_path / "copies").keys() == SHOP.keys()

    before = forge.pull(forge.snapshot(shop.path).key)
    assert before == seen
    shop.write({"new": ""})

    assert forge.seen(shop.path).head != before.head
    assert forge.pull(before.key) == before
    assert fetched(forge.origin(before).url, before.head, tmp_path / "others").keys() == SHOP.keys()


def test_a_folder_without_git_has_a_snapshot(forge: LocalForge, tmp_path: Path) -> None:
    plain = Checkout(tmp_path / "plain")
    plain.write({**SHOP, ".gitignore": "out/\n", "out/x": ""})

    event = forge.snapshot(plain.path)

    files = fetched(forge.origin(forge.pull(event.key)).url, event.sha, tmp_path / "copies")
    assert event.key.number == 0
    assert files.keys() == {*SHOP, ".gitignore"}


def test_a_folder_inside_a_repository_has_a_snapshot_of_its_own(
    forge: LocalForge, shop: Checkout, tmp_path: Path
) -> None:
    event = forge.snapshot(shop.path / "web")

    pull = forge.pull(event.key)
    assert fetched(forge.origin(pull).url, pull.head, tmp_path / "copies").keys() == {"Dockerfile"}
    assert event.key != forge.snapshot(shop.path).key
    assert pull.branch == "main"


def test_links_and_modes_are_kept_and_what_is_no_file_is_left_out(forge: LocalForge, shop: Checkout) -> None:
    shop.commit({"folder/file": "", "run.sh": ""})
    (shop.path / "run.sh").chmod(0o755)
    (shop.path / "link").symlink_to("/etc/passwd")
    (shop.path / "folder" / "file").unlink()
    (shop.path / "folder").rmdir()
    (shop.path / "folder").symlink_to("web")
    os.mkfifo(shop.path / "pipe")
    checkout(shop.path / "nested").commit({"x": ""})

    event = forge.snapshot(shop.path)

    store = Checkout(Path(forge.origin(forge.pull(event.key)).url.removeprefix("file://")))
    modes = {line.split("\t")[1]: line.split(" ")[0] for line in store.git("ls-tree", "-r", event.sha).splitlines()}
    assert modes == {
        "folder": "120000",
        "link": "120000",
        "matinee.yaml": "100644",
        "run.sh": "100755",
        "web/Dockerfile": "100644",
    }


def test_a_state_folder_inside_the_tree_is_not_part_of_it(shop: Checkout) -> None:
    forge = create({"state": str(shop.path / ".state")})

    assert forge.snapshot(shop.path).sha == forge.snapshot(shop.path).sha


def test_nothing_that_a_repository_configures_is_run(forge: LocalForge, shop: Checkout, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    shop.commit({".gitattributes": "* filter=trap\n"})
    for name in ("core.fsmonitor", "filter.trap.clean", "filter.trap.process", "core.sshCommand", "core.pager"):
        shop.git("config", name, str(trap))
    shop.git("config", "core.hooksPath", str(tmp_path))
    (tmp_path / "post-index-change").symlink_to(trap)

    forge.snapshot(shop.path)
    forge.open_pull(shop.path, "main")

    assert not (tmp_path / "sprung").exists()
