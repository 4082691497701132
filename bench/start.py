"""How long the command takes to say what it can do, over the start of Python alone."""

import subprocess
import sys
import time

from bench.rounds import Ratio, in_turn


def measured(rounds: int) -> tuple[Ratio, ...]:
    """`matinee --help` over `python -c pass`."""
    found = in_turn(lambda: _ran("-m", "bot.cli", "--help"), lambda: _ran("-c", "pass"), 5 * rounds)
    ours, theirs = tuple(our for our, _ in found), tuple(their for _, their in found)
    return (Ratio(name="matinee --help", against="python -c pass", ours=ours, theirs=theirs),)


def _ran(*words: str) -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began
