"""The chart in a real cluster, with the image that is built from here: installed, tried, upgraded, taken away."""

import itertools
import json
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.snippets import filled, of, typed
from tests.e2e.golden import golden
from tests.world import farm
from tests.world.bot import wait
from tests.world.chart import Release, image, kubectl, release
from tests.world.front_door import front_door
from tests.world.github import API, GitHubWorld
from tests.world.houses import House, in_namespaces, page
from tests.world.laptop import Laptop
from tests.world.rights_table import allowed, told
from tests.world.tls import behind_tls

pytestmark = [pytest.mark.engine, pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(900)]

SLOW = """\
version: 1
services: {web: {image: busybox, port: 80, entrypoint: [httpd, -f, -p, "80"]}}
jobs: {seed: {image: busybox, on: {deploy: {entrypoint: [sleep], args: ["12"]}}}}
"""
OBJECTS = "{range .items[*]}{.kind}/{.metadata.name}{' '}{.metadata.namespace}{'\\n'}{end}"
ENFORCE = "pod-security.kubernetes.io/enforce"
RBAC = "rbac.authorization.k8s.io"
NODE = farm.FROM_A_CLUSTER.partition(":")[0]
_, SECRETS, INSTALL, _, LOOK, UPGRADE, UNINSTALL, _ = typed("docs/install.md")
(VALUES,) = (each for each in of("yaml") if each.page.name == "install.md")
LEFT = typed("docs/operations.md")[-1]


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def house() -> Iterator[House]:
    with front_door() as proxies:
        yield House(settings={}, page=partial(page, proxies=proxies), left=in_namespaces)


@pytest.fixture
def bot(world: GitHubWorld, tmp_path: Path) -> Iterator[Release]:
    """Set up from a machine without anything of ours, as the page says; the forge's authority alone is trusted."""
    port, files = int(world.base.rpartition(":")[2]), {"github_token": f"{world.token}\n"}
    names = {
        "openssl rand -hex 32": f"echo {world.secret}",
        "registry.example": farm.FROM_A_CLUSTER,
        "$PASSWORD": "none",
    }
    with (
        behind_tls(NODE, port, tmp_path) as forge,
        Laptop() as laptop,
        release(partial(values, forge.base), files, tmp_path, laptop) as bot,
    ):
        bot.type(filled(SECRETS, names))
        bot.kubectl("create", "configmap", "authorities", f"--from-literal=ca.crt={forge.authority}")
        yield bot


def values(forge: str, name: str) -> dict[str, Any]:
    """What the page has an operator write, with a builder and a prefix of the release's own."""
    repository, _, digest = image().partition("@")
    insecure = "".join(f'[registry."{each}"]\n  http = true\n' for each in (farm.FROM_A_CLUSTER, farm.REGISTRY))
    mirror = f'[registry."docker.io"]\n  mirrors = ["{farm.FROM_A_CLUSTER}"]\n'
    shown = yaml.safe_load(VALUES.text)
    ours = {
        "image": {"repository": repository, "digest": digest},
        "caBundle": {"configMap": "authorities"},
        "settings": {
            "github_url": f"{forge}{API}",
            "domain": "preview.test",
            "namespace_prefix": f"{name}-",
            "registry": f"{farm.FROM_A_CLUSTER}/matinee-tests",
            "registry_mirror": farm.FROM_A_CLUSTER,
            "registry_insecure": "true",
        },
        "buildkit": {
            "namespace": f"builds-of-{name}",
            "image": farm.buildkit_image(),
            "config": insecure + mirror,
            "resources": {},
        },
        "persistence": {"size": "1Gi"},
        "resources": {"requests": {"cpu": "10m"}},
    }
    both = {key: {**shown[key], **ours[key]} for key in shown.keys() & ours.keys()}
    return {**shown, **ours, **both}


def test_a_release_from_its_install_to_its_uninstall_and_back(world: GitHubWorld, bot: Release, house: House) -> None:
    assert bot.type(INSTALL.text).count("Phase:          Succeeded") == 2
    world.hook = bot.hook
    golden(world, bot, house)
    may_what_the_table_says(bot)
    uninstalled_and_back(bot, upgraded_in_the_middle_of_a_deploy(world, bot))


def upgraded_in_the_middle_of_a_deploy(world: GitHubWorld, bot: Release) -> str:
    """People go on talking while the bot is replaced: each is heard once, and the job that runs is not started anew."""
    pull = world.repository("acme/slow", {"matinee.yaml": SLOW}).open_pull(files={"news": "soon"})
    environment = pull.key.environment
    wait(lambda: _runs(environment, "seed"), "the job to run", otherwise=bot.told)
    over, said = threading.Event(), itertools.count()

    def talk() -> None:
        while not over.wait(0.5):
            next(said)
            pull.say("ana", "/preview help")

    talking = threading.Thread(target=talk)
    talking.start()
    try:
        bot.type(f"{UPGRADE.text.strip()} --set podAnnotations.again=yes")
    finally:
        over.set()
        talking.join()
    assert 0 in {sent.status for sent in world.deliveries}, "the bot was never away"
    remarks = next(said)
    wait(lambda: len(pull.answers) >= remarks, "all to be heard", otherwise=bot.told)
    up = bot.settled(environment, pull.head, "running")
    assert [step["attempts"] for step in up["steps"] if step["kind"] == "run"] == [1]
    assert len(pull.answers) == remarks
    assert environment in bot.type(LOOK.text)
    return environment


def _runs(environment: str, job: str) -> bool:
    selector = f"matinee.dev/environment={environment},matinee.dev/job={job}"
    path = "{.items[*].status.initContainerStatuses[?(@.name=='main')].state.running.startedAt}"
    return bool(kubectl("get", "pods", "--all-namespaces", "--selector", selector, "--output", f"jsonpath={path}"))


def may_what_the_table_says(bot: Release) -> None:
    """Wherever it is, the bot has the rights that the page lists for the place, and no others."""
    preview = _preview(bot)
    table = told(bot.name)
    everywhere = table["the cluster"]
    inside, own = everywhere | table["a preview"], everywhere | table["its own namespace"]
    for namespace, rights in ((preview, inside), (bot.name, own), ("default", everywhere), ("kube-system", everywhere)):
        assert allowed(bot.user, namespace) == rights
    kubectl("delete", "namespace", preview, "--wait=false")


def _preview(bot: Release) -> str:
    """A preview's namespace, made as the bot makes them."""
    name = f"{bot.name}-table"
    labels = {"app.kubernetes.io/managed-by": "matinee", "matinee.dev/environment": "table", ENFORCE: "baseline"}
    subject = {"kind": "ServiceAccount", "name": bot.name, "namespace": bot.name}
    role = {"apiGroup": RBAC, "kind": "ClusterRole", "name": f"{bot.name}-previews"}
    binding = {"metadata": {"name": "matinee", "namespace": name}, "roleRef": role, "subjects": [subject]}
    for body in (
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}},
        {"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding", **binding},
    ):
        kubectl("create", "--filename", "-", "--as", bot.user, given=json.dumps(body))
    return name


def uninstalled_and_back(bot: Release, standing: str) -> None:
    """Nothing is left in the cluster but what the values keep, and that is found by who comes back."""
    known = {each["id"] for each in json.loads(bot.run("list", "--all", "--json"))}
    bot.type(filled(UNINSTALL, {"github-1296269-7": standing}))
    assert f"{bot.name}-{standing}" not in bot.type(LEFT.text)
    kept = {f"namespace/{bot.name}", f"secret/{bot.name}-encryption-key", f"persistentvolumeclaim/{bot.name}"}
    wait(lambda: set(_objects_of(bot)) == kept, "all the rest to go", otherwise=lambda: "\n".join(_objects_of(bot)))
    bot.helm("install")
    assert {each["id"] for each in json.loads(bot.run("list", "--all", "--json"))} == known


def _objects_of(bot: Release) -> list[str]:
    """All that any kind has of the release or of its previews."""
    listed = kubectl("api-resources", "--verbs", "list", "--output", "name").split()
    kinds = ",".join(kind for kind in listed if not kind.startswith(("events", "componentstatuses")))
    found = kubectl("get", kinds, "--all-namespaces", "--ignore-not-found", "--output", f"jsonpath={OBJECTS}")
    return [line.partition(" ")[0].lower() for line in found.splitlines() if bot.name in line.partition(" ")[0]]
