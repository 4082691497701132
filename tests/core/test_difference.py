from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.deciding.difference import changes, listed
from bot.core.group import Group, Task
from bot.core.names import Name

FLUENTD = Task(name=Name("fluentd"), image="f1")
WEB = Group(
    name=Name("web"),
    image="i1",
    version="1",
    variables={"LOG": "debug", "MATINEE_GIT_BRANCH": "a", "QOVERY_OUTPUT_JOB_12345678_KEY": "k"},
    files={"/etc/web.conf": "a"},
    tasks=(FLUENTD,),
)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"image": "i2"}, ("image",)),
        ({"args": ("-v",)}, ("args",)),
        ({"variables": {"LOG": "info"}}, ("variable LOG",)),
        ({"variables": {"MATINEE_GIT_BRANCH": "b", "LOG": "debug"}}, ("its settings",)),
        ({"files": {}}, ("file /etc/web.conf",)),
        ({"tasks": ()}, ("task fluentd is gone",)),
        ({"tasks": (replace(FLUENTD, image="f2"),)}, ("task fluentd: image",)),
        ({"tasks": (FLUENTD, replace(FLUENTD, name=Name("other")))}, ("task other is new",)),
        ({"replicas": 2}, ("replicas: 1 to 2",)),
        ({"volumes": {"/data": 1}}, ("volumes",)),
    ],
)
def test_what_changed_is_named_without_a_value(now, said):
    assert changes(WEB, replace(WEB, version="2", **now)) == said


def test_the_same_version_has_not_changed():
    assert changes(WEB, replace(WEB, variables={"MATINEE_GIT_BRANCH": "b"})) == ()


def test_a_long_list_is_cut():
    assert listed(tuple("abcdefg")) == "a, b, c, d, e and 2 more"


@given(
    st.dictionaries(st.text(max_size=5), st.text(max_size=5)),
    st.dictionaries(st.text(max_size=5), st.text("xyz", min_size=3)),
)
def test_no_value_is_ever_told(old, new):
    said = " ".join(changes(replace(WEB, variables=old), replace(WEB, version="2", variables=new)))
    assert not any(value in said for value in new.values())
