import pytest

from bot.core.group import Ended, Ending, Fate, Group, Result, ending
from bot.core.names import Name

WEB = Group(name=Name("web"), image="i", version="1")
SEED = Group(name=Name("seed"), image="i", version="1", event="deploy")


def test_a_service_that_ends_has_failed_whatever_its_exit_code_for_it_was_to_go_on():
    assert ending(Ended(fate=Fate.EXITED, code=0), WEB) == Ending(result=Result.FAILED, task="web", code=0)


def test_a_job_that_ends_with_exit_code_0_has_succeeded_and_no_task_is_to_blame():
    assert ending(Ended(fate=Fate.EXITED, code=0), SEED) == Ending(result=Result.SUCCEEDED, code=0)


@pytest.mark.parametrize("fate", [fate for fate in Fate if fate is not Fate.EXITED])
@pytest.mark.parametrize("group", [WEB, SEED], ids=["service", "job"])
def test_any_other_end_is_no_success(fate, group):
    assert ending(Ended(fate=fate, code=0), group).result is not Result.SUCCEEDED


def test_the_task_that_failed_is_named():
    assert ending(Ended(fate=Fate.EXITED, code=3, task="wait"), SEED).variables == {
        "MATINEE_RESULT": "failed",
        "MATINEE_FAILED_TASK": "wait",
        "MATINEE_EXIT_CODE": "3",
    }
