"""What a namespace of ours refuses, even to whoever may everything in the cluster; and what it does not."""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from kubernetes import config
from kubernetes.client.rest import ApiException
from kubernetes.dynamic import DynamicClient

from runners._kubernetes.hold import Hold
from tests.contracts.kubernetes_fixtures import ground, until
from tests.contracts.runner_fixtures import Place, placed
from tests.world import cluster
from tests.world.escapes import ESCAPES, SAFE_DEPLOYMENT, SAFE_POD, Body, Guard, guarded

pytestmark = [pytest.mark.engine, pytest.mark.cluster]
POLICIES = Path(__file__).parents[2] / "deploy" / "kubernetes" / "previews.yaml"
BOTH = (Guard.BASELINE, Guard.QUOTA)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from placed("kubernetes", str(tmp_path_factory.mktemp("state")))


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    for one in placed("kubernetes", str(tmp_path_factory.mktemp("strict"))):
        yield replace(one, home=replace(one.home, fork=True))


@pytest.fixture(scope="module")
def hold(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Hold:
    place.runner.remember(place.home, place.standing())
    return ground(tmp_path_factory.mktemp("bot")).hold(place.home)


@pytest.fixture(scope="module")
def of_fork(strict: Place, tmp_path_factory: pytest.TempPathFactory) -> Hold:
    strict.runner.remember(strict.home, strict.standing())
    return ground(tmp_path_factory.mktemp("other-bot")).hold(strict.home)


@pytest.fixture(scope="module")
def bot(of_fork: Hold) -> Iterator[DynamicClient]:
    """Somebody with all rights of a namespace's admin, whom our policies take for the bot."""
    user, suffix = f"bot-{uuid.uuid4().hex[:8]}", uuid.uuid4().hex[:8]
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "bot", "namespace": of_fork.namespace},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
    }
    text = POLICIES.read_text(encoding="utf-8").replace("system:serviceaccount:matinee:matinee", user)
    policies = list(yaml.safe_load_all(re.sub(r"\bmatinee-(pods|services)\b", rf"\1-{suffix}", text)))
    create(binding)
    for body in policies:
        create(body)
    client = config.new_client_from_config(config_file=cluster.kubeconfig())
    client.set_default_header("Impersonate-User", user)
    try:
        bot = DynamicClient(client)
        until(lambda: enforced(bot, of_fork.namespace), "the policies to be enforced")
        yield bot
    finally:
        for body in policies:
            kind = cluster.client().resources.get(api_version=body["apiVersion"], kind=body["kind"])
            kind.delete(name=body["metadata"]["name"])


def enforced(bot: DynamicClient, namespace: str) -> bool:
    """Policies are enforced some moments after they were made: both of them."""
    tried = (ESCAPES["a node"], ESCAPES["somebody's address"])
    return all("ValidatingAdmissionPolicy" in (said(each.within(namespace), bot) or "") for each in tried)


def said(body: Body, client: DynamicClient) -> str | None:
    """Why it would be refused; None where it would be taken."""
    try:
        create(body, client, dryRun="All")
    except ApiException as error:
        return str(json.loads(error.body)["message"])
    return None


def create(body: Body, client: DynamicClient | None = None, **options: str) -> None:
    """As whoever may everything, unless somebody else is named."""
    kind = (client or cluster.client()).resources.get(api_version=body["apiVersion"], kind=body["kind"])
    kind.create(body=body, query_params=list(options.items()))


def refusal(body: Body) -> str:
    with pytest.raises(ApiException) as refused:
        create(body)
    assert refused.value.status == 403
    return str(json.loads(refused.value.body)["message"])


@pytest.mark.parametrize("name", guarded(*BOTH))
def test_what_reaches_out_of_a_preview_is_refused_by_its_namespace(hold: Hold, name: str) -> None:
    escape = ESCAPES[name]
    words = {Guard.BASELINE: 'violates PodSecurity "baseline', Guard.QUOTA: "exceeded quota: preview"}
    assert words[escape.guard] in refusal(escape.within(hold.namespace))


@pytest.mark.parametrize("name", guarded(*BOTH, Guard.RESTRICTED))
def test_that_of_a_fork_refuses_all_that_and_more(of_fork: Hold, name: str) -> None:
    escape = ESCAPES[name]
    words = "exceeded quota: preview" if escape.guard is Guard.QUOTA else 'violates PodSecurity "restricted'
    assert words in refusal(escape.within(of_fork.namespace))


@pytest.mark.parametrize("name", guarded(Guard.POLICY, Guard.NONE))
def test_what_only_we_refuse_a_namespace_would_take(of_fork: Hold, name: str) -> None:
    create(ESCAPES[name].within(of_fork.namespace), dryRun="All")


@pytest.mark.parametrize("name", guarded(Guard.POLICY))
def test_our_policies_refuse_it_to_the_bots_account(of_fork: Hold, bot: DynamicClient, name: str) -> None:
    why = said(ESCAPES[name].within(of_fork.namespace), bot)
    assert why is not None
    assert "denied request: the bot's " in why


def test_our_policies_let_the_bot_make_what_it_makes(of_fork: Hold, bot: DynamicClient) -> None:
    for body in (SAFE_POD, SAFE_DEPLOYMENT):
        assert said(body.within(of_fork.namespace), bot) is None


def test_a_pod_that_reaches_for_nothing_is_taken(of_fork: Hold) -> None:
    create(SAFE_POD.within(of_fork.namespace), dryRun="All")
