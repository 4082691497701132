"""What comes out of a container in a cluster: its lines and the answers of commands, over a way that may be cut."""

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runners._kubernetes import names
from runners._kubernetes.exec import Said, Spot, execute
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Kind, manifest, name_of
from runners._kubernetes.logs import Following, Reading
from runners._kubernetes.refusals import CutOff, Rejected
from runners._kubernetes.watch import Watch
from tests.contracts.kubernetes_fixtures import api, by_admin, ground, running, seen, settings, until
from tests.contracts.runner_fixtures import Place, placed
from tests.world import cluster
from tests.world.frail_way import Way, frail_way

pytestmark = [pytest.mark.engine, pytest.mark.cluster]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from placed("kubernetes", str(tmp_path_factory.mktemp("state")))


@pytest.fixture(scope="module")
def hold(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Hold:
    return ground(tmp_path_factory.mktemp("cache")).hold(place.home)


@pytest.fixture
def way(tmp_path: Path) -> Iterator[tuple[Way, str]]:
    with frail_way(cluster.kubeconfig(), tmp_path) as found:
        yield found


def test_a_pod_of_ours_runs_with_what_it_was_given(place, hold):
    script = "exec 2>&1\n"
    script += 'cat /etc/conf; id -u; echo "$GREETING" "$0" \'$(GREETING) $$\'; httpd -p 80 && echo up; : > /etc/conf'
    spot = running(place, hold, script, variables={"GREETING": "hi $HOME"}, files={"/etc/conf": "one\n"}, user="1000")
    lines = list(Reading(hold.api, spot).lines(follow=True))
    assert lines[:4] == ["one", "1000", "hi $HOME sh $(GREETING) $$", "up"]
    assert "ead-only" in lines[4]


def test_a_pod_has_no_token_and_no_word_of_the_cluster(place, hold):
    spot = running(place, hold, "ls /var/run/secrets 2>&1; env | grep -c KUBERNETES_PORT")
    lines = list(Reading(hold.api, spot).lines(follow=True))
    assert "serviceaccount" not in "".join(lines)


def test_every_line_is_told_in_order_however_often_the_way_is_cut(place, hold, way, tmp_path):
    cut, kubeconfig = way
    spot = running(place, hold, "for n in $(seq 1 300); do echo $n; usleep 10000; done; printf last")
    lines: list[str] = []
    following = Following(api(tmp_path / "cache", kubeconfig), spot, lines.append)
    for at in (20, 90, 91, 200):
        until(lambda at=at: len(lines) > at, f"line {at}")
        cut.cut()
    until(lambda: lines[-1] == "last", "the last line")
    following.rest()
    assert lines == [*map(str, range(1, 301)), "last"]
    assert cut.calls >= 4


def test_following_is_ended_by_who_began_it(place, hold):
    spot = running(place, hold, "echo one; sleep 600")
    lines: list[str] = []
    following = Following(hold.api, spot, lines.append)
    until(lambda: lines == ["one"], "the line")
    following.end()
    assert not [each for each in threading.enumerate() if spot.pod in each.name]


def test_each_run_of_a_container_has_its_own_lines(place, hold):
    script = "echo ran$(cat /alloc/n 2>/dev/null); [ -e /alloc/n ] && exec sleep 600; echo ' again' > /alloc/n; exit 1"
    container = {"name": names.OWN, "image": place.image, "command": ["sh", "-c", script]}
    mounted = {**container, "volumeMounts": [{"name": "alloc", "mountPath": "/alloc"}]}
    spec = {"restartPolicy": "OnFailure", "containers": [mounted], "volumes": [{"name": "alloc", "emptyDir": {}}]}
    by_admin(hold).ensure(manifest(Kind.POD, "again", {}, spec=spec))
    spot = Spot(namespace=hold.namespace, pod="again", container=names.OWN)
    until(lambda: seen(hold, spot).vessel(names.OWN).restarts == 1, "a second run")
    until(lambda: list(Reading(hold.api, spot, number=1).lines(follow=False)) == ["ran again"], "its line")
    assert list(Reading(hold.api, spot, number=0).lines(follow=True))[-1] == "ran"


def test_a_pod_that_is_not_there_has_no_lines(hold):
    spot = Spot(namespace=hold.namespace, pod="nobody", container=names.OWN)
    assert list(Reading(hold.api, spot).lines(follow=True)) == []


@pytest.fixture(scope="module")
def idle(place: Place, hold: Hold):
    return running(place, hold, "head -c 1048576 /dev/urandom > /tmp/random; echo ready; sleep 600")


def test_a_command_gives_its_bytes_and_its_code(hold, idle):
    until(lambda: execute(hold.api, idle, ["wc", "-c", "/tmp/random"]).out.startswith(b"1048576"), "the file")
    whole = execute(hold.api, idle, ["cat", "/tmp/random"])
    digest = execute(hold.api, idle, ["sha256sum", "/tmp/random"]).out.split()[0].decode()
    assert (whole.code, hashlib.sha256(whole.out).hexdigest()) == (0, digest)
    assert execute(hold.api, idle, ["sh", "-c", "echo no >&2; exit 7"]) == Said(code=7, out=b"", err=b"no\n")


def test_commands_may_run_side_by_side(hold, idle):
    with ThreadPoolExecutor(8) as hands:
        said = list(hands.map(lambda n: execute(hold.api, idle, ["echo", str(n)]).out, range(16)))
    assert said == [f"{n}\n".encode() for n in range(16)]


def test_a_command_whose_end_nobody_saw_is_no_success(hold, idle, way, tmp_path):
    cut, kubeconfig = way
    frail = api(tmp_path / "cache", kubeconfig)
    frail.read(Kind.POD, idle.pod, idle.namespace)
    calls = cut.calls
    cutting = threading.Thread(target=lambda: (until(lambda: cut.calls > calls, "the call"), cut.cut()))
    cutting.start()
    with pytest.raises(CutOff):
        execute(frail, idle, ["sh", "-c", "echo half; sleep 30"])
    cutting.join()


def test_a_command_that_is_not_there_or_a_container_is_refused_in_words(hold, idle):
    with pytest.raises(Rejected, match="nowhere"):
        execute(hold.api, idle, ["/nowhere"])
    with pytest.raises(Rejected, match="nobody"):
        execute(hold.api, Spot(namespace=idle.namespace, pod=idle.pod, container="nobody"), ["true"])


def test_a_watch_shows_what_comes_changes_and_goes(hold, way, tmp_path):
    cut, kubeconfig = way
    frail = api(tmp_path / "cache", kubeconfig)
    with Watch(frail, Kind.CONFIG, hold.namespace, labels=hold.selector()) as watch:
        before = set(watch.seen)
        hold.ensure(settings("watched", ONE="1"))
        until(lambda: "watched" in watch.seen, "the object")
        cut.cut()
        hold.apply(settings("watched", ONE="2"))
        until(lambda: watch.seen["watched"]["data"] == {"ONE": "2"}, "its change")
        hold.delete(Kind.CONFIG, "watched")
        until(lambda: "watched" not in watch.seen, "its end")
        assert name_of(watch.gone["watched"]) == "watched"
        assert set(watch.seen) == before


def test_a_watch_goes_on_with_what_there_is_where_its_version_has_expired(hold):
    with by_admin(hold).watch(Kind.CONFIG) as watch:
        expired = Rejected(410, "too old resource version")
        hold.ensure(settings("meanwhile"))
        assert watch._may_pass(expired)
        assert "meanwhile" in watch.seen


def test_a_watch_tells_its_reader_that_the_cluster_refuses(hold):
    with pytest.raises(Rejected), Watch(hold.api, Kind.ROUTE, hold.namespace):
        pass
