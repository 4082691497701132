"""The bot dies before each kind of request to a cluster, once at each: the same end as of a life without a death."""

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.core.events import Want
from bot.core.names import EnvironmentId
from runners._kubernetes.kinds import Kind
from runners._kubernetes.names import Role
from tests.world import account
from tests.world.bot import wait
from tests.world.cluster import client
from tests.world.cluster_pods import Pods, pods
from tests.world.farm import Farm
from tests.world.github import GitHubWorld
from tests.world.github_repository import Pull
from tests.world.undying import Undying

pytestmark = [pytest.mark.engine, pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(900)]

NODE = "10.99.1.1:5000"
"""The testbed's registry as its cluster calls it."""
SPEC = """\
version: 1
services:
  db:
    image: busybox
    entrypoint: [nc, -ll, -p, "5432", -e, sh, -c]
    args: ['read -r line || exit; if [ "$line" = tell ]; then cat /data/rows; else echo "$line" >>/data/rows; fi']
    port: 5432
    volumes: {/data: 16Mi}
    health: {tcp: 5432}
  web:
    image: busybox
    entrypoint: [sh, -c]
    args: ["mkdir /www; echo VERSION $BANNER >/www/index.html; exec httpd -f -p 8080 -h /www"]
    port: 8080
    public: true
    health: {http: /index.html, every: 1s}
    variables: {BANNER: "${jobs.seed.outputs.BANNER}"}
    tasks:
      greet:
        hook: poststart
        image: busybox
        entrypoint: [sh, -c]
        args: ["true"]
      farewell:
        hook: poststop
        image: busybox
        entrypoint: [sh, -c]
        args: ['echo "closed $MATINEE_RESULT" | nc db 5432']
jobs:
  seed:
    image: busybox
    needs: [db]
    on:
      deploy:
        entrypoint: [sh, -c]
        args:
          - |
            echo "seeded $MATINEE_GIT_SHA" | nc db 5432
            echo '{"BANNER": {"value": "hello"}}' >$MATINEE_OUTPUT_FILE
            sleep 2
      delete:
        entrypoint: [sh, -c]
        args: ["echo tell | nc db 5432; echo that is all"]
"""
KINDS = (Kind.SECRET, Kind.CONFIG, Kind.SERVICE, Kind.CLAIM, Kind.DEPLOYMENT, Kind.JOB, Kind.INGRESS)


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def settings(world: GitHubWorld, farm: Farm) -> dict[str, str]:
    cluster = {"runner": "kubernetes", "kubeconfig": account.kubeconfig(), "domain": "preview.test"}
    images = {**farm.settings, "builder": "buildkit", "registry": f"{NODE}/previews", "registry_mirror": NODE}
    return {**world.settings, **cluster, **images, "lease": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One pull's, as one bot leads it, which dies as often as it has to."""

    pull: Pull
    bot: Undying
    deaths: Path | None
    pods: Pods

    @property
    def environment(self) -> EnvironmentId:
        return self.pull.key.environment

    def reach(self, want: Want, state: str) -> int:
        """Get there; how many deaths that took."""
        self.bot.wish(self.pull, want)
        deaths = self.deaths and self.deaths.with_suffix(f".{want}")
        return self.bot.outlive(self.environment, deaths, state)

    def told(self) -> object:
        """What is to be seen of it now, wherever that is."""
        report = self.bot.of(self.environment)
        steps = {step["name"]: step["state"] for step in report["steps"]}
        outputs = sorted(output["name"] for output in report["outputs"])
        return report["state"], steps, outputs, len(self.pull.comments), self._objects()

    def _objects(self) -> list[str]:
        """All that is there to stay, without what of its name is drawn by lot."""
        kinds = [client().resources.get(api_version=kind.version, kind=kind.word) for kind in KINDS]
        there = [each for kind in kinds for each in kind.get(namespace=f"matinee-{self.environment}").items]
        stay = [each for each in there if not each.metadata.deletionTimestamp]
        return sorted(f"{each.kind} {re.sub('[0-9a-f]{8,}', '*', each.metadata.name)}" for each in stay)


@contextmanager
def life(pull: Pull, folder: Path, settings: Mapping[str, str], *, dies: bool) -> Iterator[Life]:
    bot = Undying(folder / "state", settings)
    with pods(pull.key.environment, folder / "cache") as begun:
        try:
            yield Life(pull=pull, bot=bot, deaths=folder / "deaths" if dies else None, pods=begun)
        finally:
            bot.end()


def lived(life: Life) -> list[object]:
    """A pull comes up, is pushed to, and goes: what was to be seen at each of these."""
    seen, shas = [], [life.pull.head]
    deaths = life.reach(Want.DEPLOY, "running")
    seen.append(life.told())
    life.pull.push({"matinee.yaml": SPEC.replace("VERSION", "newer")})
    shas.append(life.pull.head)
    life.reach(Want.DEPLOY, "running")
    seen.append(life.told())
    deaths = min(deaths, life.reach(Want.DELETE, "deleted"))
    seen.append(life.told())
    assert deaths > 10 if life.deaths else deaths == 0

    rows = [*(f"seeded {sha}" for sha in shas), "closed replaced", "closed stopped", "that is all"]
    assert life.bot.run("logs", life.environment, "run seed on delete").splitlines() == rows
    for role, times in ((Role.ATTEMPT, 3), (Role.POSTSTOP, 2)):
        assert list(life.pods.begun(role).values()) == [1] * times, role
    return seen


def test_killed_before_every_kind_of_request_it_comes_to_the_end_of_a_life_without_a_death(
    world: GitHubWorld, settings: dict[str, str], tmp_path: Path
) -> None:
    repository = world.repository("acme/shop", {"matinee.yaml": SPEC})
    pulls = [repository.open_pull(files={"news": "soon"}) for _ in range(2)]
    with (
        life(pulls[0], tmp_path / "spared", settings, dies=False) as spared,
        life(pulls[1], tmp_path / "killed", settings, dies=True) as killed,
        ThreadPoolExecutor(2) as hands,
    ):
        ends = list(hands.map(lived, (spared, killed)))
    assert ends[0] == ends[1]
    assert volumes(*(pull.key.environment for pull in pulls)) == []


def volumes(*environments: EnvironmentId) -> list[str]:
    """The names of those that were made for them; the cluster takes them away in its own time."""
    found = client().resources.get(api_version="v1", kind="PersistentVolume")
    spaces = [f"matinee-{environment}" for environment in environments]

    def left() -> list[str]:
        return [each.metadata.name for each in found.get().items if each.spec.claimRef.namespace in spaces]

    wait(lambda: not left(), "the volumes to go")
    return left()
