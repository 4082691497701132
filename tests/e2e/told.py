"""A comment without what no two plays have in common: ids, commits, addresses, times."""

import re
from typing import Any

from tests.world.pull import Pull

_URL = re.compile(r"https?://[^\s)\]|]+")
_TIME = re.compile(r"\d+(?:\.\d+)? m?s\b|\d+ min(?: \d+ s)?")
_CHATTER = re.compile(r"(<details><summary>.*: )its last \d+ lines")
_NUMBER = re.compile(r"^#\W*\d+ ", re.MULTILINE)
_TAIL = re.compile(r"(```text\n)(?:.*\n)*?(.*\n```)")


def told(pull: Pull[Any]) -> str:
    """What its one comment says; of what a failing step printed the last line alone, for builders chatter before it."""
    text = _URL.sub("URL", pull.comment.body).replace(pull.key.environment, "ENVIRONMENT")
    for number, sha in enumerate(pull.shas, start=1):
        text = text.replace(sha, f"COMMIT-{number}").replace(sha[:7], f"COMMIT-{number}")
    text = _NUMBER.sub("", _TAIL.sub(r"\1\2", _CHATTER.sub(r"\1its last lines", text)))
    return _TIME.sub("TIME", text)
