"""What the bot's account may do in a cluster, by `deploy/kubernetes`: all that a preview takes, and nothing else."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.core.errors import Overtaken
from bot.core.telling.checkup import Health
from runners._kubernetes import names, removal, rights
from runners._kubernetes.api import STRATEGIC, Api
from runners._kubernetes.checks import checks
from runners._kubernetes.exec import Spot, execute
from runners._kubernetes.ground import Ground
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Body, Kind, manifest, name_of
from runners._kubernetes.refusals import Rejected
from runners._kubernetes.terms import Terms
from tests.contracts.kubernetes_fixtures import api, by_admin, ground, settings, until
from tests.contracts.runner_fixtures import Place, environment, placed
from tests.world import account, cluster
from tests.world.met_api import MetApi

pytestmark = [pytest.mark.engine, pytest.mark.cluster]

ENFORCE = "pod-security.kubernetes.io/enforce"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from placed("kubernetes", str(tmp_path_factory.mktemp("state")))


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from placed("kubernetes", str(tmp_path_factory.mktemp("state")))


@pytest.fixture
def bot(tmp_path: Path) -> Api:
    """The bot's own client."""
    return api(tmp_path / "bot")


@pytest.fixture
def admin(tmp_path: Path) -> Api:
    return api(tmp_path / "admin", cluster.kubeconfig())


@pytest.fixture
def ours(place: Place, bot: Api) -> Hold:
    """A preview's namespace."""
    return Ground(bot, Terms()).hold(place.home)


@pytest.fixture
def foreign(admin: Api) -> Iterator[Body]:
    """Somebody else's namespace, though it is called like one of ours; with a Secret and a pod."""
    made = admin.create(manifest(Kind.NAMESPACE, f"matinee-{environment()}", {}))
    admin.create(within(name_of(made), manifest(Kind.SECRET, "private", {}, data={})))
    yield made
    again = admin.read(Kind.NAMESPACE, name_of(made))
    assert again is not None
    admin.delete(again)


def within(namespace: str, body: Body) -> Body:
    body["metadata"]["namespace"] = namespace
    return body


def labelled(name: str, **labels: str) -> Body:
    """A namespace as the bot makes them, but for what the test says."""
    return manifest(Kind.NAMESPACE, name, {**names.ours(environment()), ENFORCE: "baseline", **labels})


def binding(namespace: str, role: str, *, kind: str = "ClusterRole", subject: str = "") -> Body:
    subjects = [{"kind": "ServiceAccount", "name": subject or account.bot().name, "namespace": account.bot().name}]
    role_ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role}
    return within(namespace, manifest(Kind.BINDING, "more", {}, roleRef=role_ref, subjects=subjects))


def refused(act: Callable[[], Any], *words: str) -> None:
    """The cluster does not let us, in these words."""
    with pytest.raises(Rejected) as error:
        act()
    assert error.value.status == 403, error.value
    assert all(word in error.value.why for word in words), error.value.why


def cannot(verb: str, what: str) -> str:
    return f'User "{account.bot().user}" cannot {verb} resource "{what}"'


NAMES, LABELS, SAFE = "names begin with matinee-", "that carry its labels", "less safe than PodSecurity's baseline"
OWN_ROLE, OWN_PLACE = "only to itself, and only those of", "only in namespaces of its own"


def test_all_that_it_needs_is_there_and_it_knows(bot):
    found = {check.name: check for check in checks(bot, Terms())}
    assert {found[name].state for name in ("cluster", "rights", "bounds")} == {Health.OK}
    assert "keeps us to our namespaces" in found["bounds"].why


def test_a_right_that_is_missing_is_named_with_what_to_apply(bot, admin):
    role = admin.read(Kind.CLUSTER_ROLE, f"{account.bot().name}-previews")
    assert role is not None
    less = copy.deepcopy(role)
    less["rules"] = [rule for rule in less["rules"] if "pods/ephemeralcontainers" not in rule["resources"]]
    admin.replace(less)
    try:
        found = {check.name: check for check in checks(bot, Terms())}
    finally:
        now = admin.read(Kind.CLUSTER_ROLE, name_of(role))
        assert now is not None
        admin.replace({**now, "rules": role["rules"]})
    assert found["rights"].state is Health.FAILED
    assert f"may not patch pods/ephemeralcontainers (by ClusterRole {name_of(role)})" in found["rights"].why
    assert "apply deploy/kubernetes" in found["rights"].advice


def test_a_prefix_that_the_cluster_does_not_take_is_told(bot):
    found = {check.name: check for check in checks(bot, Terms(prefix="elsewhere-"))}
    assert found["bounds"].state is Health.FAILED
    assert NAMES in found["bounds"].why


def test_an_account_that_nothing_bounds_is_warned_of(admin):
    found = {check.name: check for check in checks(admin, Terms())}
    assert found["rights"].state is Health.OK
    assert found["bounds"].state is Health.WARNING


def test_it_binds_itself_to_its_role_in_each_of_its_namespaces(ours):
    made = by_admin(ours).read(Kind.BINDING, rights.BINDING)
    assert made is not None
    assert made["roleRef"]["name"] == f"{account.bot().name}-previews"
    assert [(each["namespace"], each["name"]) for each in made["subjects"]] == [(account.bot().name,) * 2]


def test_an_account_that_may_all_binds_nothing(fresh, admin):
    hold = Ground(admin, Terms()).hold(fresh.home)
    assert hold.read(Kind.BINDING, rights.BINDING) is None


def test_it_takes_its_rights_in_what_it_finds_without_them(fresh, admin, tmp_path):
    made = Ground(admin, Terms()).hold(fresh.home)
    fresh.runner.remember(fresh.home, fresh.standing())
    binding = made.read(Kind.BINDING, rights.BINDING)
    assert binding is not None
    admin.delete(binding)
    until(lambda: not rights.may(api(tmp_path), "get", "secrets", namespace=made.namespace), "the rights to be gone")
    assert ground(tmp_path / "again").held(fresh.home) is not None
    assert fresh.runner.recall(fresh.home) == fresh.standing()


def test_rights_in_a_namespace_that_somebody_removes_meanwhile_are_not_waited_for(admin, tmp_path):
    found = admin.create(labelled(f"matinee-{environment()}"))
    met: list[str] = []

    def meet(write: str) -> None:
        met.append(write)
        if met[-2:] == ["create rolebindings", "create selfsubjectaccessreviews"]:
            admin.delete(found)
            until(lambda: admin.read(Kind.NAMESPACE, name_of(found)) is None, "the namespace to go")

    rights.take(MetApi(meet, kubeconfig=account.kubeconfig(), context="", folder=tmp_path), found)
    assert "create rolebindings" in met


def test_it_sees_nothing_of_other_namespaces(bot, foreign):
    refused(lambda: bot.listed(Kind.SECRET, "kube-system"), cannot("list", "secrets"), "kube-system")
    refused(lambda: bot.read(Kind.SECRET, "private", name_of(foreign)), cannot("get", "secrets"))
    refused(lambda: bot.listed(Kind.POD), cannot("list", "pods"), "at the cluster scope")
    refused(lambda: bot.listed(Kind.SECRET), cannot("list", "secrets"))


def test_of_its_own_namespace_it_reads_the_operators_secrets_and_no_others(bot):
    home = account.bot().name
    assert bot.read(Kind.SECRET, f"{home}-secrets", home) is None
    refused(lambda: bot.read(Kind.SECRET, "other", home), cannot("get", "secrets"))
    refused(lambda: bot.listed(Kind.SECRET, home), cannot("list", "secrets"))


def test_it_makes_nothing_elsewhere(bot, foreign):
    for namespace in ("default", "kube-system", name_of(foreign), account.bot().name):
        refused(lambda: bot.create(within(namespace, settings("ours"))), cannot("create", "configmaps"))  # noqa: B023


def test_it_enters_no_foreign_pod(bot, admin):
    pods = admin.listed(Kind.POD, "kube-system").items
    name = name_of(pods[0]) if pods else "any"
    refused(lambda: execute(bot, Spot(namespace="kube-system", pod=name, container="main"), ["true"]), "cannot")
    path = f"{bot.path(Kind.POD, 'kube-system', name)}/log"
    refused(lambda: bot.opened(path, [], silence=5), cannot("get", "pods/log"))
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "kube-system"}}
    joined = {"spec": {"ephemeralContainers": [{"name": "x", "image": "x"}]}}
    refused(
        lambda: bot.patch(pod, joined, of="ephemeralcontainers", content=STRATEGIC),
        cannot("patch", "pods/ephemeralcontainers"),
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(labelled("shop"), NAMES, id="outside of the prefix"),
        pytest.param(labelled("matinee"), NAMES, id="its own"),
        pytest.param(manifest(Kind.NAMESPACE, "matinee-bare", {ENFORCE: "baseline"}), LABELS, id="without our labels"),
        pytest.param(labelled("matinee-open", **{ENFORCE: "privileged"}), SAFE, id="privileged"),
        pytest.param(labelled("matinee-old", **{f"{ENFORCE}-version": "v1.0"}), SAFE, id="of an older PodSecurity"),
    ],
)
def test_it_makes_no_namespace_that_is_not_a_previews(bot, body, words):
    refused(lambda: bot.create(body), words)


def test_it_makes_no_namespace_whose_pods_nobody_judges(bot):
    body = labelled("matinee-unjudged")
    del body["metadata"]["labels"][ENFORCE]
    refused(lambda: bot.create(body), SAFE)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ({names.MANAGED: None}, LABELS),
        ({names.MANAGED: "helm"}, LABELS),
        ({names.ENVIRONMENT: None}, LABELS),
        ({ENFORCE: "privileged"}, SAFE),
        ({ENFORCE: None}, SAFE),
        ({f"{ENFORCE}-version": "v1.0"}, SAFE),
    ],
    ids=str,
)
def test_it_changes_no_label_of_its_namespaces_that_bounds_it(ours, labels, words):
    found = ours.api.read(Kind.NAMESPACE, ours.namespace)
    refused(lambda: ours.api.patch(found, {"metadata": {"labels": labels}}), words)


def test_it_takes_no_foreign_namespace_over(bot, foreign):
    ours = {**names.ours(environment()), ENFORCE: "baseline"}
    refused(lambda: bot.patch(foreign, {"metadata": {"labels": ours}}), LABELS)
    refused(lambda: bot.delete(foreign), LABELS)
    refused(lambda: bot.create(binding(name_of(foreign), f"{account.bot().name}-previews")), OWN_PLACE)


def test_it_deletes_no_namespace_outside_of_the_prefix_whatever_its_labels(bot, admin):
    found = admin.create(labelled(f"shop-{environment()}"))
    refused(lambda: bot.delete(found), NAMES)
    refused(lambda: bot.patch(found, {"metadata": {"annotations": {"by": "matinee"}}}), NAMES)
    refused(lambda: bot.create(binding(name_of(found), f"{account.bot().name}-previews")), OWN_PLACE)
    admin.delete(found)


@pytest.mark.parametrize("name", ["default", "kube-system"])
def test_it_deletes_and_changes_no_namespace_of_the_clusters(bot, admin, name):
    found = admin.read(Kind.NAMESPACE, name)
    refused(lambda: bot.delete(found), "may not be deleted")
    refused(lambda: bot.patch(found, {"metadata": {"annotations": {"by": "matinee"}}}), NAMES)
    refused(lambda: bot.create(binding(name, f"{account.bot().name}-previews")), OWN_PLACE)


def test_it_gives_nobody_else_rights_and_itself_no_more(ours):
    bot, namespace, role = ours.api, ours.namespace, f"{account.bot().name}-previews"
    refused(lambda: bot.create(binding(namespace, "cluster-admin")), "attempting to grant RBAC permissions")
    refused(lambda: bot.create(binding(namespace, "view")), "attempting to grant RBAC permissions")
    refused(lambda: bot.create(binding(namespace, role, subject="default")), OWN_ROLE)
    everybody = {**binding(namespace, role)}
    everybody["subjects"] = [{"kind": "Group", "name": "system:authenticated", "apiGroup": "rbac.authorization.k8s.io"}]
    refused(lambda: bot.create(everybody), OWN_ROLE)
    made = by_admin(ours).read(Kind.BINDING, rights.BINDING)
    refused(lambda: bot.patch(made, {"subjects": []}), cannot("patch", "rolebindings"))
    refused(lambda: bot.delete(made), cannot("delete", "rolebindings"))


@pytest.mark.parametrize(
    ("verb", "resource", "namespace"),
    [
        ("create", "clusterroles.rbac.authorization.k8s.io", ""),
        ("create", "clusterrolebindings.rbac.authorization.k8s.io", ""),
        ("create", "roles.rbac.authorization.k8s.io", "ours"),
        ("escalate", "clusterroles.rbac.authorization.k8s.io", ""),
        ("bind", "clusterroles.rbac.authorization.k8s.io", ""),
        ("patch", "validatingadmissionpolicies.admissionregistration.k8s.io", ""),
        ("delete", "validatingadmissionpolicybindings.admissionregistration.k8s.io", ""),
        ("create", "mutatingwebhookconfigurations.admissionregistration.k8s.io", ""),
        ("impersonate", "users", ""),
        ("impersonate", "serviceaccounts", "kube-system"),
        ("create", "serviceaccounts/token", "ours"),
        ("create", "serviceaccounts/token", "kube-system"),
        ("get", "nodes/proxy", ""),
        ("get", "nodes", ""),
        ("create", "pods/portforward", "ours"),
        ("create", "pods/attach", "ours"),
        ("create", "daemonsets.apps", "ours"),
        ("create", "persistentvolumes", ""),
        ("update", "namespaces/finalize", ""),
        ("approve", "certificatesigningrequests.certificates.k8s.io", ""),
    ],
)
def test_it_has_no_right_that_leads_further(ours, verb, resource, namespace):
    where = ours.namespace if namespace == "ours" else namespace
    assert not rights.may(ours.api, verb, resource, namespace=where)


def test_it_acts_as_nobody_else(bot):
    def impersonate() -> None:
        bot.sdk.client.default_headers["Impersonate-User"] = "system:admin"
        bot.listed(Kind.NAMESPACE)

    refused(impersonate, account.bot().user, "cannot impersonate")


def test_a_pod_of_its_own_hand_reaches_for_the_host_as_little_as_a_preview(ours):
    container = {"name": "main", "image": "x", "securityContext": {"privileged": True}}
    host = {"name": "host", "hostPath": {"path": "/"}}
    pod = manifest(Kind.POD, "evil", {}, spec={"hostPID": True, "volumes": [host], "containers": [container]})
    refused(lambda: ours.api.create(within(ours.namespace, pod)), "PodSecurity", "hostPath", "privileged", "hostPID")


def test_what_holds_a_removal_up_is_named_when_its_rights_are_gone_already(fresh, tmp_path):
    ours = ground(tmp_path / "bot")
    hold = ours.hold(fresh.home)
    held = settings("stubborn")
    held["metadata"]["finalizers"] = ["example.com/stays"]
    hold.ensure(held)
    removal.remove(ours, fresh.home, patience=1)
    until(lambda: not rights.may(hold.api, "get", "configmaps", namespace=hold.namespace), "the rights to be gone", 60)
    try:
        until(lambda: "stubborn" in str(left := removal.remove(ours, fresh.home, patience=1)) and left, "the name", 60)
        assert fresh.runner.recall(fresh.home) is None
        assert list(fresh.runner.logs(fresh.home, fresh.service("true").name, follow=False)) == []
        assert hold.read(Kind.CONFIG, "stubborn") is None
        with pytest.raises(Overtaken, match="removed"):
            hold.ensure(settings("late"))
        with hold.watch(Kind.POD) as pods:
            assert dict(pods.seen) == {}
    finally:
        admin = by_admin(hold)
        found = admin.read(Kind.CONFIG, "stubborn")
        assert found is not None
        admin.api.patch(found, {"metadata": {"finalizers": None}})
