"""The pages make a site: no link, heading or picture that leads nowhere, no page that is in no list."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def built(root: Path, to: Path) -> subprocess.CompletedProcess[str]:
    sphinx = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-c", ROOT / "docs", "-b", "dirhtml"]
    return subprocess.run([*sphinx, root, to], capture_output=True, text=True, check=False)


def test_the_pages_make_a_site_without_a_warning(tmp_path):
    told = built(ROOT, tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    assert 'href="../docs/spec/"' in (tmp_path / "README" / "index.html").read_text()
    assert 'url=docs/README/"' in (tmp_path / "index.html").read_text()
    assert (tmp_path / "docs" / "README" / "index.html").exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [("[gone](gone.md)", "gone.md"), ("[none](#no-such-heading)", "no-such-heading"), ("![no](no.svg)", "no.svg")],
    ids=["page", "heading", "picture"],
)
def test_what_leads_nowhere_fails_it(tmp_path, text, why):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "README.md").write_text(f"# Pages\n\n{text}\n")
    told = built(tmp_path, tmp_path / "site")
    assert told.returncode != 0
    assert why in told.stderr


def test_a_page_that_is_in_no_list_fails_it(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "README.md").write_text("# Pages\n\n## Some\n\n[one](one.md)\n")
    for name in ("one", "two"):
        (tmp_path / "docs" / f"{name}.md").write_text(f"# {name}\n")
    told = built(tmp_path, tmp_path / "site")
    assert "two.md" in told.stderr
    assert "one.md" not in told.stderr
