"""What only the Kubernetes runner promises of its namespaces: closed doors, and one generation at a time."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bot.core.errors import Overtaken, Unavailable
from bot.core.group import Ended, Fate
from runners._kubernetes import names
from runners._kubernetes.ground import Ground
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Body, Kind, labels_of, manifest, name_of, notes_of
from runners._kubernetes.names import Role
from runners._kubernetes.terms import Terms
from tests.contracts.kubernetes_fixtures import api, at, by_admin, ground, owners, settings, until
from tests.contracts.runner_fixtures import Place, placed
from tests.world import cluster
from tests.world.frail_way import frail_way

pytestmark = [pytest.mark.engine, pytest.mark.cluster]


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from placed("kubernetes", str(tmp_path_factory.mktemp("state")))


@pytest.fixture
def old(tmp_path: Path) -> Ground:
    """A bot of its own."""
    return ground(tmp_path / "old")


@pytest.fixture
def new(tmp_path: Path) -> Ground:
    """Another bot."""
    return ground(tmp_path / "new")


def test_a_namespace_is_furnished_before_anything_runs_in_it(place, old):
    hold = by_admin(old.hold(place.home))
    found = {kind: hold.listed(kind) for kind in (Kind.ACCOUNT, Kind.QUOTA, Kind.LIMITS, Kind.POLICY)}
    assert {kind.word: [name_of(body) for body in bodies] for kind, bodies in found.items()} == {
        "ServiceAccount": ["preview"],
        "ResourceQuota": ["preview"],
        "LimitRange": ["preview"],
        "NetworkPolicy": ["preview"],
    }
    namespace = old.any(place.home)
    assert labels_of(namespace)["pod-security.kubernetes.io/enforce"] == "baseline"


def test_a_quota_counts_before_anything_runs_under_it(place, tmp_path):
    limited = Ground(api(tmp_path / "limited"), Terms(quota={"pods": "7", "limits.cpu": "1500m"}))
    for generation, pods in ((1, "7"), (2, "8")):
        limited.terms = replace(limited.terms, quota={**limited.terms.quota, "pods": pods})
        [quota] = by_admin(limited.hold(at(place, generation))).listed(Kind.QUOTA)
        assert quota["status"]["hard"] == quota["spec"]["hard"]
        assert quota["status"]["hard"]["pods"] == pods


def test_the_next_generation_furnishes_on_the_terms_that_have_changed(place, old, tmp_path):
    old.hold(at(place, 1))
    changed = Ground(api(tmp_path / "changed"), Terms(quota={"pods": "7"}, security="restricted"))
    assert limits(changed.hold(at(place, 1)))["pods"] == "100"
    assert limits(changed.hold(at(place, 2)))["pods"] == "7"
    assert labels_of(changed.any(place.home))["pod-security.kubernetes.io/enforce"] == "restricted"


def test_bots_on_different_terms_do_not_furnish_by_turns(place, old, tmp_path):
    other = Ground(api(tmp_path / "other"), Terms(quota={"pods": "7"}))
    old.hold(at(place, 1))
    other.hold(at(place, 2))
    marked = notes_of(old.any(place.home))
    for each in (old, other, old, other):
        assert limits(each.hold(at(place, 2)))["pods"] == "7"
    assert notes_of(old.any(place.home)) == marked


def limits(hold: Hold) -> Body:
    [quota] = by_admin(hold).listed(Kind.QUOTA)
    return quota["spec"]["hard"]


def test_a_pod_that_reaches_for_the_host_is_refused_whole_and_before_anything_changes(place, old):
    hold = old.hold(place.home)
    container = {"name": "main", "image": place.image, "securityContext": {"privileged": True}}
    pod = manifest(Kind.POD, "evil", {}, spec={"hostNetwork": True, "containers": [container]})
    refused = hold.rehearse(pod)
    assert isinstance(refused, Ended)
    assert refused.fate is Fate.NOT_STARTED
    assert "privileged" in refused.detail
    assert "host namespaces" in refused.detail
    assert hold.listed(Kind.POD) == ()


def test_what_is_no_longer_said_is_no_longer_so(place, old):
    hold = old.hold(place.home)
    hold.apply(settings("shop", ONE="1", TWO="2"))
    for _ in range(2):
        assert hold.apply(settings("shop", TWO="2"))["data"] == {"TWO": "2"}


def test_what_others_say_of_an_object_is_left_to_them(place, old):
    hold = old.hold(place.home)
    made = hold.apply(settings("shop", ONE="1"))
    named = {"metadata": {"annotations": {"example.com/by": "somebody"}}}
    old.api.sdk.request(
        "patch",
        old.api.path(Kind.CONFIG, hold.namespace, name_of(made)),
        body=named,
        query_params=[("fieldManager", "somebody")],
        content_type="application/merge-patch+json",
    )
    assert hold.apply(settings("shop", ONE="2"))["metadata"]["annotations"] == {"example.com/by": "somebody"}


def test_every_write_of_an_overtaken_generation_is_refused_or_collected(place, old, new):
    late = old.hold(at(place, 1))
    late.apply(settings("kept", ONE="1"))
    place.runner.remember(at(place, 2), place.at(2).standing())

    with pytest.raises(Overtaken):
        late.apply(settings("kept", ONE="late"))
    with pytest.raises(Overtaken):
        late.delete(Kind.CONFIG, "kept")
    with pytest.raises(Overtaken):
        late.patch(Kind.CONFIG, "kept", {"data": {"ONE": "late"}})
    with pytest.raises(Overtaken):
        late.check()
    with pytest.raises(Overtaken):
        old.hold(at(place, 1))
    late.ensure(settings("late", ONE="1"))
    hold = new.hold(at(place, 2))
    until(lambda: hold.read(Kind.CONFIG, "late") is None, "the late object to be collected")
    assert hold.read(Kind.CONFIG, "kept")["data"] == {"ONE": "1"}


def test_an_apply_that_was_read_for_before_it_was_overtaken_changes_nothing(place, old, new):
    late = old.hold(at(place, 1))
    made = late.apply(settings("web", ONE="1"))
    new.raised(at(place, 2), new.standing(at(place, 2)))
    new.hold(at(place, 2))
    with pytest.raises(Overtaken):
        late._written(lambda: late.api.apply({**late.owned(settings("web", ONE="late")), **_read(late, made)}))
    assert new.hold(at(place, 2)).read(Kind.CONFIG, "web")["data"] == {"ONE": "1"}


def _read(late, made: Body) -> Body:
    metadata = late.owned(made)["metadata"]
    return {"metadata": {key: metadata[key] for key in ("name", "namespace", "resourceVersion", "ownerReferences")}}


def test_a_newer_generation_takes_over_what_goes_on_and_lets_go_of_the_rest(place, old, new):
    before = old.hold(at(place, 1))
    before.ensure(manifest(Kind.CLAIM, "data", {}, spec=CLAIM))
    before.ensure(manifest(Kind.SECRET, "debt", {names.ROLE: Role.OWED, names.GROUP: "over"}))
    before.ensure(manifest(Kind.SECRET, "env-over", {names.GROUP: "over"}))
    before.ensure(manifest(Kind.SECRET, "env-runs", {names.GROUP: "runs"}))
    before.ensure(job("over", place, "true"))
    before.ensure(job("runs", place, "sleep 600"))
    until(lambda: before.read(Kind.JOB, "over").get("status", {}).get("succeeded"), "the job to end")

    new.raised(at(place, 2), new.standing(at(place, 2)))
    after = new.hold(at(place, 2))

    until(lambda: before.read(Kind.JOB, "over") is None, "the finished job to be collected")
    until(lambda: before.read(Kind.SECRET, "env-over") is None, "what it was given to be collected")
    kept = [(Kind.CLAIM, "data"), (Kind.SECRET, "debt"), (Kind.SECRET, "env-runs"), (Kind.JOB, "runs")]
    assert {name: owners(after.read(kind, name)) for kind, name in kept} == {name: ["generation-2"] for _, name in kept}
    assert [name_of(each) for each in after.listed(Kind.CONFIG, role=Role.ANCHOR)] == ["generation-2"]


CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}


def job(name: str, place: Place, script: str) -> Body:
    container = {"name": "main", "image": place.image, "command": ["sh", "-c", script]}
    nobody = {"serviceAccountName": names.ACCOUNT, "automountServiceAccountToken": False}
    pod = {"restartPolicy": "Never", "terminationGracePeriodSeconds": 0, "containers": [container], **nobody}
    return manifest(Kind.JOB, name, {names.GROUP: name}, spec={"backoffLimit": 0, "template": {"spec": pod}})


def test_a_removed_environment_is_written_to_no_more_by_who_held_it(place, old):
    late = old.hold(place.home)
    assert place.runner.remove(place.home, log=print).objects == ()
    with pytest.raises(Overtaken, match="removed"):
        late.ensure(settings("late"))
    with pytest.raises(Overtaken, match="removed"):
        late.check()


def test_an_environment_that_was_made_anew_is_not_that_of_who_held_it_before(place, old, new):
    old.hold(at(place, 1))
    place.runner.remove(at(place, 2), log=print)
    place.runner.remember(at(place, 3), place.at(3).standing())
    with pytest.raises(Overtaken):
        old.hold(at(place, 1))


def test_a_namespace_that_is_going_is_waited_for_and_made_anew(place, old):
    first = old.any(place.home) or old.standing(place.home)
    old.api.delete(first)
    place.runner.remember(place.home, place.standing())
    assert place.runner.recall(place.home) == place.standing()
    assert old.any(place.home)["metadata"]["uid"] != first["metadata"]["uid"]


def test_what_holds_a_removal_up_is_named_with_its_finalizer(place, old):
    from runners._kubernetes import removal

    hold = old.hold(place.home)
    held = settings("stubborn")
    held["metadata"]["finalizers"] = ["example.com/stays"]
    made = hold.ensure(held)
    left = removal.remove(old, place.home, patience=3)
    assert left[0] == f"namespace {hold.namespace}"
    assert "ConfigMap stubborn (finalizer example.com/stays)" in left
    admin = by_admin(hold)
    admin.api.patch(admin.read(Kind.CONFIG, name_of(made)), {"metadata": {"finalizers": None}})


def test_a_cluster_that_is_away_is_named_with_what_to_do(tmp_path):
    with frail_way(cluster.kubeconfig(), tmp_path) as (way, kubeconfig):
        port = way.port
        way.close()
        nowhere = api(tmp_path / "cache", kubeconfig)
        why = rf"127.0.0.1:{port} does not answer.*MATINEE_KUBECONFIG"
        with pytest.raises(Unavailable, match=why), nowhere.answering():
            nowhere.read(Kind.NAMESPACE, "default")


def test_a_cluster_that_does_not_know_us_says_so(tmp_path):
    stranger = tmp_path / "kubeconfig"
    config = yaml.safe_load(Path(cluster.kubeconfig()).read_text())
    config["users"] = [{**user, "user": {"token": "nobody"}} for user in config["users"]]
    stranger.write_text(yaml.safe_dump(config))
    unknown = api(tmp_path / "cache", str(stranger))
    with pytest.raises(Unavailable, match="does not know us"), unknown.answering():
        unknown.read(Kind.NAMESPACE, "default")


def test_a_hold_that_was_taken_while_another_took_over_is_none(place, old, new):
    namespace = old.standing(at(place, 1))
    new.raised(at(place, 2), new.standing(at(place, 2)))
    new.hold(at(place, 2))
    with pytest.raises(Overtaken):
        old._hold(at(place, 1), namespace)
