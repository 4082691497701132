"""What the pages show to be typed is run, by a story or here; what is run by none is named, with the reason."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.keeping.cipher import new_key
from tests.core.importing import golden
from tests.docs.snippets import ROOT, filled, of, typed

FOLLOWED = {
    "README.md",
    "docs/bot.md",
    "docs/commands.md",
    "docs/install.md",
    "docs/operations.md",
    "docs/start.md",
    "examples/shop/README.md",
    "docs/github.md",
    "docs/import.md",
    "docs/secrets.md",
}
"""Pages of which a test unpacks all blocks: here, in test_newcomer.py, or in tests/e2e/test_chart.py."""
NOT_RUN = {
    ("CONTRIBUTING.md", "make check"): "it runs these tests",
    ("README.md", "make demo"): "tests/e2e/test_demo.py plays it",
    ("docs/github.md", "export MATINEE_GITHUB_APP_ID"): "as on docs/bot.md; tests/stories serve as an App",
    ("docs/gitlab.md", "export MATINEE_GITLAB_URL"): "as on docs/bot.md; tests/stories serve with a GitLab",
    ("docs/install.md", "docker buildx build"): "tests/testbed/image.sh says the same",
    ("docs/install.md", "docker run"): "tests/deploy/test_image.py runs commands so",
    ("docs/install.md", "kubectl --namespace matinee logs matinee-test"): "it is for an install that failed",
    ("docs/kubernetes.md", "export MATINEE_RUNNER=kubernetes"): "tests/e2e play it with these settings",
    ("docs/kubernetes.md", "kubectl apply -k deploy/kubernetes"): "tests/world/account.py applies what it would",
    ("docs/kubernetes.md", "kubectl create namespace buildkit"): "tests/testbed/buildkit.sh types the same",
    ("docs/operations.md", "sqlite3"): "tests/world/chart.py copies by the same statement",
    ("docs/secrets.md", "kubectl -n matinee create secret"): "tests/contracts read such a Secret",
}

Shell = Callable[[str], str]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A terminal in an empty folder, with `matinee` on its path; what was printed, also on standard error."""
    folder = tmp_path / "shop"
    folder.mkdir()
    ours = {"STATE": str(tmp_path / "state"), "RUNNER": "memory", "BUILDER": "memory"}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    known = {"PATH": path, "HOME": str(tmp_path), **{f"MATINEE_{name}": value for name, value in ours.items()}}

    def type_(text: str) -> str:
        command = ["bash", "-euo", "pipefail", "-c", f"exec 2>&1\n{text}"]
        done = subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"this ended with {done.returncode}:\n{text}\n{done.stdout}"
        return done.stdout

    return type_


def test_each_block_is_run_or_it_is_said_why_it_is_not():
    shown = [(str(each.page.relative_to(ROOT)), each.text) for each in of("bash")]
    meant = {key: [text for page, text in shown if page == key[0] and text.startswith(key[1])] for key in NOT_RUN}
    assert [key for key, texts in meant.items() if len(texts) != 1] == []
    left = [page for page, text in shown if page not in FOLLOWED and [text] not in meant.values()]
    assert left == []


@pytest.mark.slow
def test_a_spec_comes_of_what_is_there(shell, tmp_path):
    begin, others = typed("docs/import.md")
    (tmp_path / "shop" / "Dockerfile").write_text("FROM busybox\nEXPOSE 8000\n")
    assert "start" in shell(begin.text)
    (tmp_path / "shop" / "matinee.yaml").unlink()
    for system, name in (
        ("compose", "compose.yaml"),
        ("nomad", "shop.nomad.hcl"),
        ("qovery", "main.tf"),
        ("heroku", "app.json"),
    ):
        (tmp_path / "shop" / name).write_bytes(
            next(each for each in golden.FILES if each.parent.name == system).read_bytes()
        )
    over = "services:\n  queue:\n    image: redis:7\n    profiles: [worker]\n"
    (tmp_path / "shop" / "compose.preview.yaml").write_text(over)
    printed = shell(others.text)
    assert printed.count("version: 1") == 4
    assert "redis:7" in printed
    assert "version: 1" in (tmp_path / "shop" / "matinee.yaml").read_text()


@pytest.mark.slow
def test_secrets_are_given_listed_taken_back_and_sealed_anew(shell, tmp_path):
    give, _, rotate = typed("docs/secrets.md")
    (tmp_path / "shop" / "key.pem").write_text("a key")
    asked = "matinee secrets set github:1296269 HOOK_URL"
    names = {asked: f"echo https://hook.example | {asked}", "acme/shop": "github:1296269"}
    old = new_key()
    listed = shell(f"export MATINEE_ENCRYPTION_KEY={old}\n{filled(give, names)}")
    assert "TLS_KEY" in listed
    assert "HOOK_URL" in listed
    shell(f"OLD={old}\n{rotate.text}")


@pytest.mark.slow
def test_an_app_is_described_with_a_link_that_makes_it(shell):
    manifest, _ = typed("docs/github.md")
    assert "https://github.com/organizations/acme/settings/apps/new" in shell(manifest.text)
