"""How the pages become a site (`make docs`): every page of the repository, in the order of docs/README.md."""

import re
from pathlib import Path

from sphinx.application import Sphinx

project = "matinee"
extensions = ["myst_parser"]
root_doc = "docs/README"
include_patterns = ["*.md", "docs/**.md", "deploy/**.md", "examples/**.md", "tests/testbed/README.md"]
html_theme = "furo"
html_title = "matinee"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
myst_heading_anchors = 4
nitpicky = True

_LINK = re.compile(r"\]\((?!http)([^)#]+\.md)\)")


def with_contents(app: Sphinx, name: str, source: list[str]) -> None:
    """Give each part of docs/README.md its pages as the site's tree, which only a site needs."""
    del app
    if name == root_doc:
        source[0] = re.sub(r"(?ms)^## (.+?)\n(.*?)(?=^## |\Z)", _part, source[0])


def _part(part: re.Match[str]) -> str:
    pages = "\n".join(_LINK.findall(part[2]))
    return f"## {part[1]}\n{part[2]}\n```{{toctree}}\n:hidden:\n:caption: {part[1]}\n\n{pages}\n```\n"


def with_a_front_door(app: Sphinx, failed: Exception | None) -> None:
    """Let the site's own address lead to its first page."""
    if failed is None:
        first = f"{root_doc}/"
        page = f'<!doctype html><title>{project}</title><meta http-equiv="refresh" content="0; url={first}">'
        (Path(app.outdir) / "index.html").write_text(f'{page}<a href="{first}">{project}</a>\n', encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", with_contents)
    app.connect("build-finished", with_a_front_door)
