import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from bot.core.deciding.outcome import Succeeded
from bot.core.events import Ignored
from bot.inbox import Inbox
from tests.inbox.pulls import event, key, wished

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

LIFE = """
import sys
from bot.core.errors import Overtaken
from bot.core.deciding.outcome import Succeeded
from bot.inbox import Inbox
from tests.inbox.pulls import digest, event

url, life = sys.argv[1:]
inbox = Inbox.open(url)

def work(count, delivery):
    inbox.receive(event(delivery, number=count % 3 + 1, commit=hash(delivery) % 2**60), digest(delivery))
    print("received", delivery, flush=True)
    if (claim := inbox.claim(f"bot {life}", lease=0.5)) is None:
        return
    inbox.record(claim, f"step {delivery}", Succeeded(image=delivery), 1.0)
    print("recorded", claim.environment, claim.lane.generation, delivery, flush=True)
    with inbox.logs.begin(claim.environment, claim.lane.generation, f"step {delivery}", 1) as log:
        log(delivery)
    print("logged", claim.environment, claim.lane.generation, delivery, flush=True)
    if count % 4:
        inbox.settle(claim)
        print("settled", claim.environment, claim.lane.generation, delivery, flush=True)

for count in range(10_000):
    try:
        work(count, f"{life}-{count}")
    except Overtaken:
        pass
"""

RECEIVER = """
import sys
from bot.inbox import Inbox
from tests.inbox.pulls import digest, event

inbox = Inbox.open(sys.argv[1])
for count in range(60):
    inbox.receive(event(f"d{count}", number=count % 3 + 1, commit=count), digest(f"d{count}"))
"""

CLAIMER = """
import sys
from bot.inbox import Inbox

url, owner = sys.argv[1:]
inbox = Inbox.open(url)
print("ready", flush=True)
input()
while claim := inbox.claim(owner, lease=600):
    print(claim.environment)
"""


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def live_and_die(url: str, life: int, lines: int) -> list[list[str]]:
    """All that a process said before it was killed, at any moment after this many lines."""
    child = start(LIFE, url, str(life))
    said = [child.stdout.readline() for _ in range(lines)]
    child.send_signal(signal.SIGKILL)
    said += child.stdout.readlines()
    child.wait()
    return [line.split() for line in said if line.endswith("\n")]


def test_nothing_that_was_acknowledged_is_lost_by_kill_9(url):
    said = [words for life, lines in enumerate((1, 10, 57, 200)) for words in live_and_die(url, life, lines)]
    assert len(said) >= 268
    inbox = Inbox.open(url)
    generations = {status.environment: status.lane for status in inbox.lanes()}
    for what, *words in said:
        match what, words:
            case "received", [delivery]:
                assert inbox.receive(event(delivery), "0" * 64) == Ignored("this delivery was received already")
            case "recorded", [environment, generation, delivery]:
                assert (environment, int(generation), f"step {delivery}", delivery) in recorded(inbox)
            case "logged", [environment, generation, delivery]:
                assert delivery in dict(inbox.logs.lines(environment, int(generation), f"step {delivery}", 1)).values()
            case "settled", [environment, generation, _]:
                assert generations[environment].settled >= int(generation)


def recorded(inbox: Inbox) -> set[tuple[str, int, str, str]]:
    query = "SELECT environment, generation, step, outcome FROM outcomes WHERE kind = 'succeeded'"
    rows = inbox._database.read(lambda connection: list(connection.exec_driver_sql(query)))
    images = ((*row[:3], row[3].partition('"image":"')[2].partition('"')[0]) for row in rows)
    return set(images)


def test_processes_never_share_a_lane(url):
    inbox = Inbox.open(url)
    for number in range(1, 101):
        inbox.wish(wished(number=number))
    children = [start(CLAIMER, url, f"bot {number}") for number in range(2)]
    for child in children:
        assert child.stdout.readline() == "ready\n"
    claimed = Counter(line for child in children for line in child.communicate("\n", timeout=60)[0].split())
    assert claimed == {key(number).environment: 1 for number in range(1, 101)}


def test_processes_that_receive_the_same_deliveries_store_each_once(url):
    children = [start(RECEIVER, url) for _ in range(2)]
    for child in children:
        child.communicate(timeout=60)
        assert child.returncode == 0
    inbox = Inbox.open(url)
    query = "SELECT count(*), count(DISTINCT delivery) FROM deliveries"
    assert inbox._database.read(lambda connection: connection.exec_driver_sql(query).one()) == (60, 60)


def test_what_a_killed_process_had_claimed_another_carries_on(url, clock):
    first = Inbox.open(url, clock=clock)
    first.wish(wished())
    first.record(first.claim("one", lease=30), "build web", Succeeded(image="web:1"), 2.0)
    first.close()
    clock.later(31)
    second = Inbox.open(url, clock=clock)
    assert second.outcomes(second.claim("two", lease=30)) == {"build web": (Succeeded(image="web:1"), 2.0)}


@pytest.mark.parametrize("lease", [0.0, 30.0])
def test_of_two_claims_one_holds(url, clock, lease):
    inbox = Inbox.open(url, clock=clock)
    inbox.wish(wished())
    first, second = inbox.claim("one", lease=lease), inbox.claim("two", lease=lease)
    assert [claim is not None and inbox.beat(claim, lease=30).held for claim in (first, second)].count(True) == 1
