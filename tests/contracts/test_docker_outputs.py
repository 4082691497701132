"""What a job may leave in the place of its output file: never followed, never read whole, nothing to wait for."""

from collections.abc import Iterator

import pytest

from bot.core.group import Ended, Fate, NoOutput, Unfit
from runners import _docker_output as output
from tests.contracts.runner_fixtures import OUTPUT, Place, placed

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from placed("docker", str(tmp_path_factory.mktemp("state")))


FORMS = {
    "nothing": ("true", NoOutput()),
    "empty": (f": > {OUTPUT}", NoOutput()),
    "no outputs": (f"echo '{{}}' > {OUTPUT}", b"{}\n"),
    "sparse and huge": (f"truncate -s 10G {OUTPUT}", "10737418240 bytes"),
    "too large": (f"head -c 2097152 /dev/zero > {OUTPUT}", "2097152 bytes"),
    "a link": (f"ln -s /etc/passwd {OUTPUT}", "a link"),
    "a link to a folder": (f"ln -s /etc {OUTPUT}", "a link"),
    "a link to itself": (f"ln -s {OUTPUT} {OUTPUT}", "cannot look at it"),
    "a pipe": (f"mkfifo {OUTPUT}", "a pipe"),
    "a folder": (f"mkdir -p {OUTPUT}/deep", "a folder"),
    "of nobody": (f"echo well > {OUTPUT}; chmod 000 {OUTPUT}", b"well\n"),
}


@pytest.mark.parametrize("user", ["0", "1000"])
@pytest.mark.parametrize("form", FORMS)
def test_an_output_of_this_form_does_no_harm(shared: Place, form: str, user: str) -> None:
    script, wanted = FORMS[form]
    ended = shared.run(shared.job(script, user=user))
    assert (ended.fate, ended.code) == (Fate.EXITED, 0), shared.lines
    if isinstance(wanted, str):
        assert isinstance(ended.output, Unfit)
        assert wanted in ended.output.why
    else:
        assert ended.output == wanted


def test_the_output_folder_cannot_be_led_elsewhere(shared: Place) -> None:
    ended = shared.run(
        shared.job("rm -rf /qovery-output; ln -s /etc /qovery-output; echo '{}' > /etc/qovery-output.json")
    )
    assert ended == Ended(fate=Fate.EXITED, code=0, output=NoOutput())


@pytest.mark.parametrize(("bits", "what"), [(1 << 24, "a socket"), (1 << 26, "a device"), (1 << 19, "no regular file")])
def test_what_no_test_can_make_is_told_by_its_mode(bits: int, what: str) -> None:
    unfit = output.judged({"mode": bits | 0o644, "size": 0})
    assert unfit is not None
    assert what in unfit.why
