"""The output file of a job in every form, as root and as somebody else: read, or refused without a byte of it."""

import json

import pytest

from bot.core.group import Ended, Fate, NoOutput, Output, Unfit
from bot.core.model import Hook
from tests.contracts.runner_fixtures import OUTPUT, Place

CANARY = "canary-0815"
TERRAFORM = {"URL": {"value": "http://db", "type": "string", "sensitive": False}, "PORTS": {"value": [1, 2]}}
FOLDER = OUTPUT.rpartition("/")[0]

FIT: dict[str, tuple[str, Output]] = {
    "nothing": ("true", NoOutput()),
    "an empty file": (f": > {OUTPUT}", NoOutput()),
    "an empty object": (f"echo '{{}}' > {OUTPUT}", b"{}\n"),
    "what terraform prints": (f"echo '{json.dumps(TERRAFORM)}' > {OUTPUT}", f"{json.dumps(TERRAFORM)}\n".encode()),
    "no JSON": (f"echo '{CANARY}' > {OUTPUT}", f"{CANARY}\n".encode()),
    "a file that nobody may read": (f"echo '{{}}' > {OUTPUT}; chmod 000 {OUTPUT}", b"{}\n"),
    "a file of just the limit": (f"head -c 1048576 /dev/zero > {OUTPUT}", bytes(2**20)),
}
UNFIT = {
    "a byte over the limit": f"head -c 1048577 /dev/zero > {OUTPUT}",
    "2 MiB": f"echo {CANARY} > {OUTPUT}; head -c 2097152 /dev/zero >> {OUTPUT}",
    "10 GB that are not there": f"echo {CANARY} > {OUTPUT}; truncate -s 10G {OUTPUT}",
    "a link to a file of the system": f"ln -s /etc/passwd {OUTPUT}",
    "a link to a fit file": f"echo {CANARY} > {FOLDER}/other; ln -s {FOLDER}/other {OUTPUT}",
    "a link to nothing": f"ln -s /nowhere {OUTPUT}",
    "a pipe": f"mkfifo {OUTPUT}",
    "a folder": f"mkdir {OUTPUT}; echo {CANARY} > {OUTPUT}/file",
}


@pytest.mark.parametrize("user", [None, "1000"], ids=["root", "user 1000"])
@pytest.mark.parametrize(("script", "output"), FIT.values(), ids=FIT)
def test_a_fit_output_file_is_given_back_as_it_is(place: Place, script: str, output: Output, user: str | None) -> None:
    assert place.run(place.job(script, user=user)) == Ended(fate=Fate.EXITED, code=0, output=output)


@pytest.mark.parametrize("user", [None, "1000"], ids=["root", "user 1000"])
@pytest.mark.parametrize("script", UNFIT.values(), ids=UNFIT)
def test_an_unfit_output_file_is_refused_without_a_byte_of_it(place: Place, script: str, user: str | None) -> None:
    ended = place.run(place.job(script, user=user))
    assert ended.succeeded
    assert isinstance(ended.output, Unfit)
    assert len(ended.output.why) > 10
    assert not [secret for secret in (CANARY, "root:", "passwd", "nowhere", "\0") if secret in ended.output.why]
    assert place.lines == []


@pytest.mark.parametrize("script", ["exit 3", "sleep 60"], ids=["failed", "over its time"])
def test_the_file_of_a_failed_attempt_is_never_read(place: Place, script: str) -> None:
    ended = place.run(place.job(f"echo {CANARY} > {OUTPUT}; {script}", max_duration=1))
    assert not ended.succeeded
    assert ended.output == NoOutput()
    assert CANARY not in f"{ended}{place.lines}"


def test_each_attempt_begins_with_an_empty_output_folder(place: Place) -> None:
    job = place.job(f"test -e {OUTPUT} && echo found; echo left > {OUTPUT}; exit 1")
    place.run(job)
    place.run(job, attempt=2)
    assert place.lines == []


def test_a_task_cannot_write_the_output_of_its_job(place: Place) -> None:
    job = place.job("true", tasks=(place.task("init", f"echo x > {OUTPUT}", Hook.PRESTART, required=False),))
    assert place.run(job).output == NoOutput()
