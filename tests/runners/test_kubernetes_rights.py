"""One table of the rights that the bot takes in a cluster: the code's, the manifests' and the page's."""

import re

from runners._kubernetes import rights
from runners._kubernetes.kinds import name_of
from tests.world import account


def test_the_page_shows_every_right_that_is_asked_for():
    page = (account.DEPLOY.parents[1] / "docs" / "kubernetes.md").read_text()
    rows = re.findall(r"^\| (the cluster|a preview) \| `(.+)` \| (.+) \|$", page, re.MULTILINE)
    asked = (("the cluster", rights.EVERYWHERE), ("the cluster", rights.BINDS), ("a preview", rights.INSIDE))
    assert rows == [(where, what, verbs) for where, of in asked for what, verbs in of.items()]


def test_what_the_bot_asks_for_is_what_the_manifests_give():
    given = {
        name_of(body): set(rights.given(body["rules"])) for body in account.manifests() if body["kind"] == "ClusterRole"
    }
    assert given == {
        "matinee": {*rights.each(rights.EVERYWHERE), *rights.each(rights.BINDS)},
        "matinee-previews": set(rights.each(rights.INSIDE)),
    }
