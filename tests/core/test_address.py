"""Addresses of repositories are read in one way, and a place covers nothing but what lies below it."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.address import Address

PARTS = st.from_regex(r"[a-z~_.][a-z.~%20-]{0,6}(\.git)?", fullmatch=True)
TEXTS = st.builds(
    lambda scheme, host, parts, end: f"{scheme}://{host}/{'/'.join(parts)}{end}",
    st.sampled_from(["http", "https", "HTTPS", "ssh"]),
    st.sampled_from(
        ["a.example", "A.example", "a.example:443", "a.example:80", "b@a.example", "a.example.", "[::1]:8"]
    ),
    st.lists(st.one_of(PARTS, st.sampled_from(["..", ".", "", "acme", "acme-evil", "%2e%2e", "a\\b"])), max_size=4),
    st.sampled_from(["", "/", ".git", "?x", "#x", ";x", "\n"]),
)


@given(st.one_of(TEXTS, st.text(max_size=40)))
@example("https://a.example/acme/%2e%2e/evil")
def test_what_is_read_is_what_every_other_program_reads(text):
    found = Address.read(text)
    if found is None:
        return
    assert Address.read(str(found)) == found
    other = urlsplit(str(found))
    assert (other.scheme, other.netloc, other.path) == (found.scheme, found.host, "/" + "/".join(found.path))
    assert not any((other.username, other.query, other.fragment))
    assert {".", "..", ""}.isdisjoint(unquote(other.path).split("/")[1:])
    assert unquote(unquote(other.path)) == unquote(other.path)


@given(TEXTS, TEXTS)
def test_a_place_covers_only_what_lies_on_its_host_and_below_it(one, two):
    place, other = Address.read(one), Address.read(two)
    if place is None or other is None or not place.covers(other):
        return
    assert (place.scheme, place.host) == (other.scheme, other.host)
    below = "/".join(place.path).removesuffix(".git")
    path = "/".join(other.path)
    assert path.removesuffix(".git") == below or (path.startswith(f"{'/'.join(place.path)}/") and not place.single)


@pytest.mark.parametrize(
    ("place", "other", "covered"),
    [
        ("acme", "acme/web.git", True),
        ("acme", "acme/group/web", True),
        ("acme/", "acme/web", True),
        ("acme/web", "acme/web.git", True),
        ("acme/web.git", "acme/web", True),
        ("acme/web.git", "acme/web/more", False),
        ("acme/web.git", "acme/web.git/more", False),
        ("acme", "acme-evil/web", False),
        ("acme/web", "acme/web2", False),
        ("acme/web", "acme", False),
        ("acme", "Acme/web", False),
    ],
)
def test_names_are_compared_whole(place, other, covered):
    base = "https://forge.example/"
    assert Address.read(f"{base}{place}").covers(Address.read(f"{base}{other}")) is covered
