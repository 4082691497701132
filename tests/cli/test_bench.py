"""The measures of `python -m bench`, without measuring anything."""

import json

import pytest
from click.testing import CliRunner

from bench.__main__ import BENCHES, bench
from bench.rounds import Ratio, document, in_turn, told

RATIO = Ratio(name="ten jobs", against="a script", ours=(1.2, 1.0, 9.0), theirs=(1.0, 1.0, 1.0), target=1.15)


def test_a_ratio_is_of_medians_so_that_one_bad_round_does_not_count():
    assert RATIO.value == 1.2
    assert RATIO.spread == (1.0, 9.0)


def test_a_ratio_is_told_with_its_rounds_its_spread_and_its_target():
    line = told(RATIO)
    for part in ("ten jobs", "1.20 × a script", "1.00–9.00 in 3 rounds", "1.20 s over 1.00 s", "target ≤ 1.15"):
        assert part in line
    assert json.loads(json.dumps(document(RATIO)))["ours"] == [1.2, 1.0, 9.0]


def test_both_sides_are_measured_in_each_round_and_take_turns_in_going_first():
    order: list[str] = []
    found = in_turn(lambda: order.append("ours") or 1, lambda: order.append("theirs") or 2, 3)
    assert found == [(1, 2)] * 3
    assert order == ["ours", "theirs", "theirs", "ours", "ours", "theirs"]


def test_the_help_names_every_bench():
    answer = CliRunner().invoke(bench, ["--help"])
    assert answer.exit_code == 0
    assert all(f"\n  {name} " in answer.output for name in BENCHES)


@pytest.mark.parametrize("words", [["nothing"], ["--rounds", "0"]], ids=["an unknown name", "no rounds"])
def test_what_cannot_be_measured_is_wrong_usage(words):
    assert CliRunner().invoke(bench, words).exit_code == 2
