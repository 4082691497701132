"""The tables of methods that the pages show are the ports' own."""

import pytest

from tests.docs.ports import PORTS, between, table
from tests.docs.snippets import PAGES


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.__name__)
def test_the_table_of_a_port_says_what_the_port_says(port):
    begin, end = between(port)
    (page,) = (text for page in PAGES if begin in (text := page.read_text(encoding="utf-8")))
    assert page.partition(begin)[2].partition(end)[0] == table(port)
