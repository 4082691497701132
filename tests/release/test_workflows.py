"""What runs when a version is published: its parts pinned, its rights the least, as a linter of workflows sees it."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ZIZMOR = [Path(sys.executable).parent / "zizmor", "--offline", "--no-progress", "--persona", "pedantic"]


def test_a_linter_finds_nothing_in_the_workflows():
    told = subprocess.run([*ZIZMOR, ROOT / ".github"], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


def test_the_linter_does_find_what_is_wrong(tmp_path):
    workflows = tmp_path / ".github" / "workflows"
    workflows.mkdir(parents=True)
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    (workflows / "release.yml").write_text(re.sub(r"@[0-9a-f]{40} #", "@v1 #", text))
    told = subprocess.run([*ZIZMOR, workflows], capture_output=True, text=True, check=False)
    assert told.returncode != 0
    assert "unpinned-uses" in told.stdout
