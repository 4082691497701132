"""What the chart makes of values, without a cluster: Helm's own checks, the schema, and what never differs."""

import json
import subprocess
from typing import Any

import pytest
import yaml

from bot.settings import KNOWN, SECRET
from tests.docs.snippets import of
from tests.world.chart import CHART, helm, rendered

pytestmark = pytest.mark.slow

LEAST = {
    "image": {"repository": "registry.example/matinee"},
    "credentials": {"existingSecret": "matinee-forge"},
    "settings": {"domain": "preview.example.com", "registry": "registry.example/previews"},
}
MOST = {
    **LEAST,
    "buildkit": {"enabled": True, "config": "[worker.oci]\n  gc = true\n"},
    "ingress": {"enabled": True, "host": "matinee.example.com", "tlsSecret": "certificate", "className": "nginx"},
    "registry": {"credentialsSecret": "push", "pullCredentialsSecret": "pull"},
    "caBundle": {"configMap": "authorities"},
    "database": {"existingSecret": "postgres"},
    "networkPolicy": {"from": [{"namespaceSelector": {}}], "egress": [{}]},
    "imagePullSecrets": [{"name": "pull"}],
    "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy.example:3128"}],
}
OURS = {"state", "listen", "database_url"}
"""Settings that the chart makes itself."""


@pytest.fixture
def written(tmp_path):
    def write(values: dict[str, Any]) -> str:
        file = tmp_path / "values.yaml"
        file.write_text(yaml.safe_dump(values))
        return f"--values={file}"

    return write


def one(bodies: list[dict[str, Any]], kind: str, name: str = "matinee") -> dict[str, Any]:
    found = [each for each in bodies if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("values", [LEAST, MOST], ids=["least", "most"])
def test_helm_finds_nothing_to_complain_of(written, values):
    assert "0 chart(s) failed" in helm("lint", "--strict", str(CHART), written(values)).stdout


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"credentials": {"existingSecret": "s"}}, "image.repository"),
        ({"image": {"repository": "registry.example/matinee"}}, "credentials.existingSecret"),
        ({**LEAST, "replicas": 2}, "replicas"),
        ({**LEAST, "settings": {"domian": "preview.example.com"}}, "domian"),
        ({**LEAST, "settings": {"github_token": "ghp_x"}}, "github_token"),
        ({**LEAST, "settings": {"database_url": "postgresql://x:y@db/m"}}, "database_url"),
        ({**LEAST, "settings": {"workers": 8}}, "workers"),
        ({**LEAST, "settings": {"namespace_prefix": "x') || ('"}}, "namespace_prefix"),
        ({**LEAST, "settings": {"namespace_prefix": "mat-", "runner": "docker"}}, "runner"),
        ({**LEAST, "settings": {"namespace_prefix": "mat"}}, "namespace_prefix"),
        ({**LEAST, "credentials": {"existingSecret": "s", "keys": ["token"]}}, "keys"),
        ({**LEAST, "ingress": {"enabled": True}}, "ingress.host"),
        ({**LEAST, "image": {"repository": "r.example/matinee", "digest": "latest"}}, "digest"),
        (
            {**LEAST, "buildkit": {"enabled": True, "certificates": {"existingSecret": "tls"}}},
            "buildkit.clientSecret",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_wrong_value_is_refused_and_named(written, values, said):
    refused = helm("template", "matinee", str(CHART), "--namespace", "matinee", written(values), code=1)
    assert said in refused.stderr


def test_the_values_of_the_page_on_the_install_are_taken(written):
    [shown] = [each for each in of("yaml") if each.page.name == "install.md"]
    values = yaml.safe_load(shown.text)
    assert "0 chart(s) failed" in helm("lint", "--strict", str(CHART), written(values)).stdout
    volumes = one(rendered(written(values)), "Deployment")["spec"]["template"]["spec"]["volumes"]
    assert {each["secret"]["secretName"] for each in volumes if "secret" in each} == {
        "forge",
        "registry",
        "matinee-buildkit",
        "matinee-encryption-key",
    }


def test_a_bot_among_its_own_previews_is_refused(written):
    refused = helm("template", "matinee", str(CHART), "--namespace", "matinee-bot", written(LEAST), code=1)
    assert "matinee-bot begins as those of previews do" in refused.stderr


def test_every_setting_that_is_no_secret_may_be_given_and_no_other():
    schema = json.loads((CHART / "values.schema.json").read_text())["properties"]
    assert schema["settings"]["properties"].keys() == KNOWN.keys() - SECRET - OURS
    assert set(schema["credentials"]["properties"]["keys"]["items"]["enum"]) == SECRET - {"encryption_key"}
    assert yaml.safe_load((CHART / "values.yaml").read_text()).keys() == schema.keys() - {"global"}


@pytest.mark.parametrize("values", [LEAST, MOST], ids=["least", "most"])
def test_no_pod_but_buildkits_is_more_than_a_restricted_one(written, values):
    bodies = rendered(written(values))
    pods = [each["spec"]["template"]["spec"] for each in bodies if each["kind"] == "Deployment"]
    pods += [each["spec"] for each in bodies if each["kind"] == "Pod"]
    ours = [pod for pod in pods if "buildkitd" not in {each["name"] for each in pod["containers"]}]
    assert len(ours) == 3
    for pod in ours:
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert all(each["securityContext"]["readOnlyRootFilesystem"] for each in pod["containers"])
        assert all(each["securityContext"]["capabilities"] == {"drop": ["ALL"]} for each in pod["containers"])


def test_hooks_alone_are_led_to_the_bot_from_outside(written):
    bodies = rendered(written(MOST))
    paths = [path for rule in one(bodies, "Ingress")["spec"]["rules"] for path in rule["http"]["paths"]]
    assert [(path["path"], path["pathType"]) for path in paths] == [("/hooks/", "Prefix")]
    assert [port["name"] for port in one(bodies, "Service")["spec"]["ports"]] == ["hooks"]
    [allowed] = one(bodies, "NetworkPolicy")["spec"]["ingress"]
    assert allowed["ports"] == [{"protocol": "TCP", "port": "hooks"}]
    [container] = one(bodies, "Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["ports"] == [{"name": "hooks", "containerPort": 8080}]
    assert "MATINEE_ADMIN_LISTEN" not in {each["name"] for each in container["env"]}


def test_on_sqlite_one_bot_goes_before_the_next_comes_and_on_postgresql_they_overlap(written):
    alone, shared = (one(rendered(written(values)), "Deployment")["spec"] for values in (LEAST, MOST))
    assert (alone["replicas"], alone["strategy"]) == (1, {"type": "Recreate"})
    assert shared["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert {"name": "state", "emptyDir": {}} in shared["template"]["spec"]["volumes"]
    assert not [each for each in rendered(written(MOST)) if each["kind"] == "PersistentVolumeClaim"]


def test_no_secret_stands_in_a_pod(written):
    [container] = one(rendered(written(MOST)), "Deployment")["spec"]["template"]["spec"]["containers"]
    plain = {each["name"] for each in container["env"] if "value" in each}
    assert not plain & {f"MATINEE_{name.upper()}" for name in SECRET | {"database_url"}}


def test_what_is_to_be_kept_says_so(written):
    keep = {"helm.sh/resource-policy": "keep"}
    bodies = rendered(written(LEAST))
    kept = [each["metadata"]["name"] for each in bodies if each["metadata"].get("annotations") == keep]
    assert kept == ["matinee-encryption-key", "matinee"]
    forgetful = {**LEAST, "encryptionKey": {"keep": False}, "persistence": {"keep": False}}
    assert not [each for each in rendered(written(forgetful)) if each["metadata"].get("annotations") == keep]


def test_the_manifests_for_who_takes_no_helm_are_the_charts(tmp_path):
    made = CHART.parent / "kubernetes"
    subprocess.run([made / "make.sh", tmp_path], check=True)
    files = sorted(file.name for file in tmp_path.iterdir())
    assert files == ["boundaries.yaml", "buildkit.yaml", "previews.yaml", "rights.yaml"]
    assert [name for name in files if (tmp_path / name).read_text() != (made / name).read_text()] == []
