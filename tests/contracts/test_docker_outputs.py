"""What a job may leave in the place of its output file: never followed, never read whole, nothing to wait for."""

from collections.abc import Iterator

import pytest

from bot.core.group import Ended, Fate, NoOutput, Unfit
from runners._docker import output
from tests.contracts.runner_fixtures import OUTPUT, Place, placed

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from placed("docker", str(tmp_path_factory.mktemp("state")))


def test_a_link_to_itself_is_refused(shared: Place) -> None:
    ended = shared.run(shared.job(f"ln -s {OUTPUT} {OUTPUT}"))
    assert ended == Ended(fate=Fate.EXITED, code=0, output=Unfit("the engine cannot look at the output file"))


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
