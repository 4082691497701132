from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.core.events import PullKey
from bot.core.group import Group
from bot.core.model import Declared, JobEvent, OnInvalid, Outputs
from bot.core.names import Name, Sha
from bot.core.standing import FORMER, FORMER_SIZE, Placed, Standing, Variable, dumps, loads

KEY = PullKey(forge="github", repository="1", number=7)
EMPTY = Standing(key=KEY, repository="acme/shop", generation=1, sha=Sha("a" * 40))
SEED = Name("seed")


def secret(value: str, name: str = "KEY") -> Variable:
    return Variable(name=name, value=value, sensitive=True)


def test_sensitive_outputs_generated_and_given_secrets_and_those_of_old_are_hidden():
    stands = replace(EMPTY, generated={"A": "made"}, given={"B": "given"}, former=("old",))
    left = stands.leaving(SEED, (secret("output"), Variable(name="URL", value="plain")))
    assert set(left.hidden) == {"made", "given", "old", "output"}


def test_a_sensitive_output_that_is_rotated_stays_hidden():
    stands = EMPTY.leaving(SEED, (secret("first"),)).leaving(SEED, (secret("second"),))
    assert set(stands.hidden) == {"first", "second"}


def test_an_output_that_is_no_longer_sensitive_stays_hidden():
    stands = EMPTY.leaving(SEED, (secret("first"),)).leaving(SEED, (Variable(name="KEY", value="first"),))
    assert stands.hidden == ("first",)


def test_an_operators_secret_that_is_rotated_or_no_longer_named_stays_hidden():
    stands = EMPTY.holding({"TOKEN": "first"}).holding({"TOKEN": "second"}).holding({})
    assert set(stands.hidden) == {"first", "second"}


def test_the_same_secrets_again_change_nothing():
    stands = EMPTY.holding({"TOKEN": "first"})
    assert stands.holding({"TOKEN": "first"}) is stands


def test_former_secrets_are_bounded_and_the_newest_are_kept():
    stands = EMPTY
    for number in range(FORMER + 10):
        stands = stands.leaving(SEED, (secret(f"value {number}"),))
    assert len(stands.former) == FORMER
    assert stands.former[-1] == f"value {FORMER + 8}"


@given(st.lists(st.lists(st.text(max_size=FORMER_SIZE // 3), max_size=3), max_size=8))
def test_former_secrets_have_no_more_characters_than_fit_and_none_twice(rotations):
    stands = EMPTY
    for values in rotations:
        stands = stands.leaving(SEED, tuple(secret(value, f"K{at}") for at, value in enumerate(values)))
    assert sum(map(len, stands.former)) <= FORMER_SIZE
    assert len(set(stands.former)) == len(stands.former)
    assert {each.value for each in stands.outputs.get(SEED, ())} <= set(stands.hidden)


def test_a_standing_is_read_back_as_it_was_written():
    group = Group(name=SEED, event="delete", image="i", version="1", variables={"A": "b"})
    expects = Outputs(on_invalid=OnInvalid.WARN, declare={"KEY": Declared(sensitive=True)})
    placed = Placed(
        name=SEED, pinned={JobEvent.DELETE: group}, expects=expects, inputs="abc", ingredients={"image": "f"}
    )
    stands = EMPTY.placing(placed).leaving(SEED, (secret("first"),)).holding({"TOKEN": "t"})
    assert loads(dumps(stands)) == stands


def test_a_standing_prints_no_secret():
    stands = EMPTY.leaving(SEED, (secret("first"),)).leaving(SEED, (secret("second"),)).holding({"TOKEN": "third"})
    assert not any(value in repr(stands) for value in ("first", "second", "third"))
