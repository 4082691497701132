import pytest

from bot.core.errors import Gone, Misused, Unavailable
from bot.core.telling.checkup import Blame, Check, Health, all_tried, blame, failed, hidden, ok, tried, warning


@pytest.mark.parametrize(
    ("error", "whose", "why", "advice"),
    [
        (
            Misused("LEASE: 'x' is no number; write 15"),
            Blame.SETTINGS,
            "LEASE: 'x' is no number",
            "write 15",
        ),
        (Unavailable("the engine is away; start it"), Blame.OUTSIDE, "the engine is away", "start it"),
        (Gone("there is none"), Blame.OUTSIDE, "there is none", ""),
        (
            PermissionError(13, "No", "/x"),
            Blame.OUTSIDE,
            "[Errno 13] No: '/x'",
            "look at this",
        ),
        (ZeroDivisionError("oh"), Blame.OURS, "a fault of matinee's own: ZeroDivisionError: oh", "please report it"),
    ],
    ids=["settings", "outside", "no advice", "this machine", "a fault"],
)
def test_an_error_becomes_a_check_that_says_who_must_act(error, whose, why, advice):
    check = failed("engine", error)
    assert (check.name, check.state, check.blame, check.why) == ("engine", Health.FAILED, whose, why)
    assert check.advice.startswith(advice)
    assert bool(check.advice) == bool(advice)


def raising() -> Check:
    raise RuntimeError("not expected")


def test_a_look_that_raises_hides_no_other():
    def looks():
        yield ok("first", "is there")
        yield raising()

    assert tried("alone", raising).state is Health.FAILED
    assert [check.state for check in all_tried("engine", looks)] == [Health.OK, Health.FAILED]


def test_wrong_settings_are_to_be_mended_first_and_warnings_by_nobody():
    wrong, away, ours = (failed("x", error) for error in (Misused("a"), Unavailable("b"), ValueError("c")))
    assert blame([ours, away, wrong]) is Blame.SETTINGS
    assert blame([ours, away]) is Blame.OUTSIDE
    assert blame([ours]) is Blame.OURS
    assert blame([ok("x", "well"), warning("y", "nearly", "do")]) is None


def test_a_mask_is_laid_over_all_that_is_said():
    shown = hidden(warning("token", "s3cret is short", "replace s3cret"), lambda text: text.replace("s3cret", "•••"))
    assert (shown.why, shown.advice) == ("••• is short", "replace •••")
