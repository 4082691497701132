"""When a preview sleeps, is announced to end, and ends."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.events import Ignored
from bot.core.lifetime import NOTICE, Lifetime, begun, ending, extended, moment
from bot.core.model import Preview

NOW = datetime(2026, 11, 26, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)
MONTH = timedelta(days=30)
HOURS = st.integers(1, 2000)


def preview(ttl: int | None, sleep: int | None) -> Preview:
    return Preview(ttl=ttl and f"{ttl}h", sleep=sleep and f"{sleep}h")


@given(ttl=st.none() | HOURS, sleep=st.none() | HOURS, kept=st.none() | HOURS)
def test_times_lie_ahead_and_none_is_shortened_by_a_push(ttl, sleep, kept):
    if ttl and sleep and sleep >= ttl:
        return
    before = Lifetime(kept_until=kept and NOW + kept * HOUR)
    times = begun(preview(ttl, sleep), before, NOW)
    assert (times.expires_at is None) == (ttl is None)
    assert times.sleeps_at == (NOW + sleep * HOUR if sleep else None)
    if times.expires_at is not None:
        assert times.expires_at == max(NOW + ttl * HOUR, before.kept_until or NOW)
        announced = times.expires_at - NOTICE
        assert times.warns_at == (announced if announced > NOW else None)


@given(ttl=HOURS, by=st.integers(-10, 3000), again=HOURS)
def test_no_number_of_extensions_puts_the_end_further_than_the_operator_lets_it(ttl, by, again):
    times = begun(preview(ttl, None), Lifetime(), NOW)
    for hours in (by, again, again):
        put_off = extended(times, hours * HOUR, most=MONTH, now=NOW)
        if isinstance(put_off, Ignored):
            assert hours <= 0 or times.expires_at + hours * HOUR > NOW + MONTH
            continue
        assert times.expires_at < put_off.expires_at <= NOW + MONTH
        assert put_off.kept_until == put_off.expires_at
        times = put_off


def test_an_extension_puts_the_sleep_off_as_well_unless_it_has_come():
    times = begun(preview(72, 8), Lifetime(), NOW)
    put_off = extended(times, 24 * HOUR, most=MONTH, now=NOW)
    assert (put_off.sleeps_at, put_off.expires_at) == (NOW + 32 * HOUR, NOW + 96 * HOUR)
    asleep = Lifetime(expires_at=NOW + HOUR)
    assert extended(asleep, HOUR, most=MONTH, now=NOW).sleeps_at is None


@pytest.mark.parametrize("by", [timedelta(days=3650), timedelta(0), -HOUR], ids=str)
def test_an_extension_that_cannot_be_says_why(by):
    refused = extended(Lifetime(expires_at=NOW + HOUR), by, most=MONTH, now=NOW)
    assert isinstance(refused, Ignored)
    assert "24h" in refused.why or moment(NOW + MONTH) in refused.why


def test_what_has_no_end_and_no_sleep_ends_never():
    assert ending(Lifetime()) is None
    assert isinstance(extended(Lifetime(), HOUR, most=MONTH, now=NOW), Ignored)
