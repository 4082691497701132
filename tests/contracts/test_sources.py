"""What a fetched commit is, from a folder and over HTTP, from servers that lag, lie or are away."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from bot.core.errors import Gone, Misused, Overtaken, Unavailable
from bot.core.names import Sha
from builders.base import Commit
from builders.source import Sources
from tests.world.git_http import application, credentials
from tests.world.history import History
from tests.world.late import Late

TOKEN = "ghs_0123456789"
NOBODY = Sha("0" * 39 + "1")
Fetch = Callable[..., Commit]


class Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        pass


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "served" / "acme" / "shop.git")


@pytest.fixture
def late(history: History, tmp_path: Path) -> Late:
    return Late(application(tmp_path / "served", TOKEN))


@pytest.fixture
def address(late: Late) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, late, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/acme/shop.git"
    server.shutdown()
    server.server_close()


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    return Sources(tmp_path / "mirrors", pauses=(0.01, 0.01, 0.01))


def fetched(sources: Sources, url: str, sha: str, **different: object) -> Commit:
    chosen = {"header": None, "repository": "github-1", "cancel": threading.Event(), **different}
    return sources.fetch(url, chosen.pop("header"), sha=Sha(sha), **chosen)


def test_a_commit_comes_from_a_folder(sources: Sources, history: History) -> None:
    commit = fetched(sources, history.url, history.commit({"a/b": "x"}))
    assert commit.read("a/b", limit=10) == b"x"


def test_a_commit_comes_over_http_with_the_token(sources: Sources, history: History, address: str) -> None:
    commit = fetched(sources, address, history.commit({"a": "x"}), header=credentials(TOKEN))
    assert commit.read("a", limit=10) == b"x"


def test_a_commit_that_no_branch_names_any_more_is_found(sources: Sources, history: History) -> None:
    lost = history.commit({"a": "x"})
    history.head = None
    history.commit({"b": "y"})
    assert fetched(sources, history.url, lost).read("a", limit=10) == b"x"


def test_what_is_here_is_not_fetched_again(sources: Sources, history: History, address: str, late: Late) -> None:
    sha = history.commit({"a": "x"})
    for _ in range(3):
        fetched(sources, address, sha, header=credentials(TOKEN))
    assert late.fetches == 1


def test_what_was_fetched_as_another_user_is_gone_on_with(sources: Sources, history: History, tmp_path: Path) -> None:
    fetched(sources, history.url, history.commit({"a": "older"}))
    subprocess.run(["chown", "-R", "65534", tmp_path / "mirrors"], check=os.getuid() == 0, capture_output=True)
    newer = history.commit({"a": "newer"})
    assert fetched(sources, history.url, newer).read("a", limit=10) == b"newer"


def test_a_late_commit_is_waited_for(sources: Sources, history: History, address: str, late: Late) -> None:
    sha = history.commit({"a": "x"})
    late.lag[sha] = 3
    assert fetched(sources, address, sha, header=credentials(TOKEN)).read("a", limit=10) == b"x"


def test_a_commit_that_never_comes_is_gone(sources: Sources, history: History, address: str) -> None:
    history.commit({"a": "x"})
    with pytest.raises(Gone, match=f"{address} has no commit {NOBODY}"):
        fetched(sources, address, NOBODY, header=credentials(TOKEN))


def test_waiting_for_a_late_commit_can_be_cancelled(tmp_path: Path, history: History) -> None:
    history.commit({"a": "x"})
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    begun = time.monotonic()
    with pytest.raises(Overtaken, match="was given up"):
        fetched(Sources(tmp_path / "mirrors", pauses=(60,)), history.url, NOBODY, cancel=cancel)
    assert time.monotonic() - begun < 5


def test_a_fetch_from_a_server_that_says_nothing_can_be_cancelled(sources: Sources) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    begun = time.monotonic()
    with pytest.raises(Overtaken, match="was given up"):
        fetched(sources, f"http://127.0.0.1:{silent.getsockname()[1]}/acme/shop.git", NOBODY, cancel=cancel)
    assert time.monotonic() - begun < 3
    silent.close()


@pytest.mark.parametrize("header", [None, credentials("ghs_wrong9876")], ids=["none", "wrong"])
def test_a_refused_token_is_named_and_never_told(
    sources: Sources, history: History, address: str, header: str | None
) -> None:
    sha = history.commit({"a": "x"})
    with pytest.raises(Unavailable, match=r"refuses this token: .*; check the forge's token") as raised:
        fetched(sources, address, sha, header=header)
    assert (header or "!").rpartition(" ")[2] not in str(raised.value)


def test_a_server_that_is_down_is_named(sources: Sources) -> None:
    with pytest.raises(Unavailable, match=r"http://127.0.0.1:1/acme/shop.git cannot be fetched: .*; is the address"):
        fetched(sources, "http://127.0.0.1:1/acme/shop.git", NOBODY, header=credentials(TOKEN))


def test_a_server_that_answers_nonsense_is_named(sources: Sources, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="does not appear to be a git repository"):
        fetched(sources, f"file://{tmp_path}", NOBODY)


def test_the_token_is_in_no_argument_and_no_file(
    sources: Sources, history: History, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {seen}\nPATH="{os.environ["PATH"]}" exec git "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    header = credentials(TOKEN)
    fetched(sources, address, history.commit({"a": "x"}), header=header)
    assert "fetch" in seen.read_text()
    written = [file.read_bytes() for file in [seen, *(tmp_path / "mirrors").rglob("*")] if file.is_file()]
    assert not any(header.rpartition(" ")[2].encode() in text for text in written)


def test_the_bots_own_git_settings_change_nothing(
    sources: Sources, history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = history.commit({"a": "x"})
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "protocol.file.allow")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "never")
    assert fetched(sources, history.url, sha).read("a", limit=10) == b"x"


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% /tmp/pwned",
        "--upload-pack=touch /tmp/pwned",
        "ssh://host/acme/shop.git",
        "git@host:acme/shop.git",
        "/etc",
        "https://user:password@host/acme/shop.git",
        "https://host/acme/shop.git\nhttps://other/",
        "",
    ],
)
def test_an_address_of_another_kind_is_refused(sources: Sources, url: str) -> None:
    with pytest.raises(Misused, match="is no address of a repository; use https") as raised:
        fetched(sources, url, NOBODY)
    assert "password" not in str(raised.value)


@pytest.mark.parametrize("sha", ["", "main", "--upload-pack=x", "A" * 40, "0" * 39, "0" * 40 + "\n", "0" * 64 + ":x"])
def test_what_is_no_commit_id_is_refused(sources: Sources, history: History, sha: str) -> None:
    with pytest.raises(ValueError, match="is no full commit id"):
        fetched(sources, history.url, sha)


@pytest.mark.parametrize("repository", ["", "../x", "a/b", "-x", ".git", "x\n", "x" * 101])
def test_what_is_no_repository_id_is_refused(sources: Sources, history: History, repository: str) -> None:
    with pytest.raises(ValueError, match="is no repository id"):
        fetched(sources, history.url, NOBODY, repository=repository)


def test_a_redirect_to_somewhere_else_is_not_followed(sources: Sources, history: History, address: str) -> None:
    def redirect(environ: dict[str, str], start: Callable[..., object]) -> list[bytes]:
        start("301 Moved", [("Location", f"{address}{environ['PATH_INFO']}?{environ['QUERY_STRING']}")])
        return []

    server = make_server("127.0.0.1", 0, redirect, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    with pytest.raises(Unavailable, match="cannot be fetched"):
        fetched(sources, f"http://127.0.0.1:{server.server_port}/x", history.commit({"a": "x"}))
    server.shutdown()


def test_many_fetches_at_once_of_many_commits_all_succeed(tmp_path: Path, history: History) -> None:
    commits = [history.commit({"a": str(number)}) for number in range(4)]
    read: list[bytes | None] = []

    def fetch(sha: Sha) -> None:
        read.append(fetched(Sources(tmp_path / "mirrors"), history.url, sha).read("a", limit=10))

    threads = [threading.Thread(target=fetch, args=(sha,)) for sha in commits * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(read) == sorted([b"0", b"1", b"2", b"3"] * 2)


KILLED = """
import sys, threading
from pathlib import Path
from builders.source import Sources
url, sha, folder = sys.argv[1:]
commit = Sources(Path(folder)).fetch(url, None, repository="github-1", sha=sha, cancel=threading.Event())
with commit.export("."):
    print("exported", flush=True)
    threading.Event().wait()
"""


def test_an_export_of_a_killed_bot_is_swept_and_one_in_use_stays(
    sources: Sources, history: History, tmp_path: Path
) -> None:
    sha = history.commit({"a": "x"})
    command = [sys.executable, "-c", KILLED, history.url, sha, str(tmp_path / "mirrors")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as bot:
        assert bot.stdout.readline() == b"exported\n"
        with fetched(sources, history.url, sha).export(".") as ours:
            assert len(exports(tmp_path)) == 2
            bot.kill()
            bot.wait()
            fetched(Sources(tmp_path / "mirrors"), history.url, sha)
            assert [path.name for path in exports(tmp_path)] == [ours.parent.name]
    assert not exports(tmp_path)


def exports(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "mirrors" / "exports").iterdir() if path.is_dir()]


def test_an_export_is_the_folder_with_fresh_times_under_another_name_each_time(
    sources: Sources, history: History
) -> None:
    commit = fetched(sources, history.url, history.commit({"web/page": "x", "web/run": "#!/bin/sh\n", "api/b": "y"}))
    begun = time.time()
    with commit.export("web") as one, commit.export("web") as other:
        assert sorted(path.name for path in one.iterdir()) == ["page", "run"]
        assert os.access(one / "run", os.X_OK)
        assert (one / "page").stat().st_mtime > begun - 2
        assert one.name != other.name
    assert not one.parent.exists()


def test_an_export_vanishes_after_an_error(sources: Sources, history: History) -> None:
    commit = fetched(sources, history.url, history.commit({"a": "x"}))
    with pytest.raises(RuntimeError), commit.export(".") as folder:
        raise RuntimeError
    assert not folder.parent.exists()


def test_a_link_stays_a_link_and_is_never_read_through(sources: Sources, history: History) -> None:
    sha = history.commit({"a": "x"}, links={"passwd": "/etc/passwd", "etc": "/etc"})
    commit = fetched(sources, history.url, sha)
    with pytest.raises(ValueError, match="passwd is a symbolic link"):
        commit.read("passwd", limit=10**6)
    assert commit.read("etc/passwd", limit=10**6) is None
    assert commit.identities(("passwd", "etc/passwd"))["etc/passwd"] is None
    with commit.export(".") as folder:
        assert (folder / "passwd").readlink() == Path("/etc/passwd")
    assert Path("/etc/passwd").exists()


@pytest.mark.parametrize("path", ["..", "../x", "a/../../x", "/etc/passwd", "a\0b", "a\nb"])
def test_a_path_out_of_the_repository_is_refused(sources: Sources, history: History, path: str) -> None:
    commit = fetched(sources, history.url, history.commit({"a": "x"}))
    for ask in (lambda: commit.read(path, limit=10), lambda: commit.identities((path,)), lambda: enter(commit, path)):
        with pytest.raises(ValueError, match="is no path inside the repository"):
            ask()


def enter(commit: Commit, path: str) -> None:
    with commit.export(path):
        pass


def test_a_file_over_the_limit_and_a_folder_are_refused(sources: Sources, history: History) -> None:
    commit = fetched(sources, history.url, history.commit({"a/b": "four"}))
    assert commit.read("a/b", limit=4) == b"four"
    with pytest.raises(ValueError, match="a/b has 4 bytes; 3 are allowed"):
        commit.read("a/b", limit=3)
    with pytest.raises(ValueError, match="a is a folder"):
        commit.read("a", limit=3)
    assert commit.read("b", limit=3) is None


def test_identities_are_those_of_the_content(sources: Sources, history: History) -> None:
    paths = (".", "a", "a/b", ":(top)c", "*", "-x", "gone")
    one = fetched(sources, history.url, history.commit({"a/b": "x", "c": "1", ":(top)c": "y"})).identities(paths)
    two = fetched(sources, history.url, history.commit({"c": "2", "-x": "z"})).identities(paths)
    assert {path for path in paths if one[path] != two[path]} == {".", "-x"}
    assert (one["a"] or ("",))[0] == "040000"
    assert (two["*"], two["gone"]) == (None, None)
    assert one[":(top)c"] is not None


def test_hooks_submodules_and_filters_of_a_repository_do_nothing(sources: Sources, history: History) -> None:
    modules = '[submodule "x"]\n\tpath = x\n\turl = ../x\n'
    files = {".gitmodules": modules, ".gitattributes": "* filter=lfs diff=lfs\n", "big": "version https://git-lfs\n"}
    with fetched(sources, history.url, history.commit(files)).export(".") as folder:
        assert (folder / "big").read_text() == "version https://git-lfs\n"


def test_a_ref_is_looked_up_at_its_origin(sources: Sources, history: History) -> None:
    sha = history.commit({"a": "1"})
    subprocess.run(["git", "update-ref", "refs/tags/v1", sha], cwd=history.bare.path, check=True)
    for ref in ("main", "v1", sha):
        assert sources.resolve(history.url, None, ref=ref, cancel=threading.Event()) == sha
    assert sources.resolve(history.url, None, ref="nowhere", cancel=threading.Event()) is None
