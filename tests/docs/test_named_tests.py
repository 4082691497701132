"""The tests that a page names, as what shows its promises, are there."""

import re

import pytest

from tests.docs.snippets import PAGES, ROOT

_NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`")
_OTHERS = [page for page in PAGES if not page.name.startswith("extending")]
"""All but those that show a file to be made."""
NAMED = sorted({named for page in _OTHERS for named in _NAMED.findall(page.read_text(encoding="utf-8"))})


def test_the_page_about_security_names_many():
    assert len(_NAMED.findall((ROOT / "docs" / "security.md").read_text(encoding="utf-8"))) > 40


@pytest.mark.parametrize(("file", "name"), NAMED, ids=lambda each: each.rpartition("/")[2])
def test_what_is_named_is_there(file, name):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert not name or re.search(rf"(?m)^def {name}\(", text)
