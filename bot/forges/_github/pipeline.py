"""GitHub Actions, in a job of which this process runs: its event in; masks, annotations, outputs and a summary out."""

import json
import secrets
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bot.core.errors import Misused
from bot.core.events import CAP, Ignored, Malformed, Tidings
from bot.core.telling.annotation import Annotation
from bot.core.telling.result import Result
from bot.forges.base import Forge

MOST = 10
"""Annotations of a kind; GitHub shows no more of one step."""
SHORTEST = 4
"""Characters of what is masked: less would blacken half of the log."""
_PULLS = {"pull_request_target": "pull_request"}
"""Events with the body of another."""


class GitHubActions:
    """One job of GitHub Actions."""

    forge = "github"

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    @property
    def settings(self) -> Mapping[str, str]:
        """Which GitHub it is, and the job's own token where the step was given it."""
        known = {"github_url": "GITHUB_API_URL", "github_token": "GITHUB_TOKEN"}
        return {name: self._environment[its] for name, its in known.items() if self._environment.get(its)}

    def tidings(self, forge: Forge) -> Tidings | Ignored | Malformed:
        """What the event of the workflow tells, as a webhook would."""
        event = self._environment.get("GITHUB_EVENT_NAME", "")
        try:
            with Path(self._environment.get("GITHUB_EVENT_PATH", "")).open("rb") as file:
                body = file.read(CAP + 1)
        except OSError as error:
            raise Misused(f"GITHUB_EVENT_PATH: the event cannot be read: {error.strerror}") from error
        if len(body) > CAP:
            return Malformed(f"the event has more than {CAP} bytes")
        if event == "pull_request" and _of_fork(body):
            _say(_BARE)
        sent = forge.delivery(_PULLS.get(event, event), body)
        unique = {**dict(sent.headers), "x-github-delivery": str(uuid.uuid4())}
        return forge.read(replace(sent, headers=tuple(unique.items())))

    def hide(self, values: Iterable[str]) -> None:
        """Mask each line of each value."""
        lines = (line.strip() for value in values for line in value.splitlines())
        for line in dict.fromkeys(line for line in lines if len(line) >= SHORTEST):
            _command("add-mask", line)

    @contextmanager
    def foreign(self) -> Iterator[None]:
        """Stop commands until a word is printed that nobody else knows."""
        token = secrets.token_hex(32)
        _command("stop-commands", token)
        try:
            yield
        finally:
            _command(token, "")

    def annotate(self, annotations: Sequence[Annotation]) -> None:
        """Show the first ten as errors at their lines."""
        for each in annotations[:MOST]:
            _command("error", each.message, file=each.path, line=str(each.line), title=each.title)

    def warn(self, sentences: Sequence[str]) -> None:
        """Show the first ten beside the run."""
        for each in sentences[:MOST]:
            _command("warning", each, title="matinee")

    def publish(self, result: Result | None, summary: str) -> None:
        """Write outputs and summary into the files of the step."""
        self._append("GITHUB_STEP_SUMMARY", f"{summary}\n")
        if result is None:
            return
        told = {
            "url": result.url or "",
            "urls": json.dumps(result.urls),
            "environment": result.environment,
            "state": result.state.value,
            "outputs": json.dumps(result.outputs),
        }
        self._append("GITHUB_OUTPUT", "".join(_output(name, value) for name, value in told.items()))

    def _append(self, variable: str, text: str) -> None:
        if not (path := self._environment.get(variable)):
            return
        try:
            with Path(path).open("a", encoding="utf-8", newline="") as file:
                file.write(text)
        except OSError as error:
            raise Misused(f"{variable}: {path} cannot be written: {error.strerror}") from error


_BARE = (
    "the pull is from a fork: such a job has no secrets and a token that only reads, unless the repository's settings "
    "give it more; docs/action.md says how forks are previewed"
)


def _of_fork(body: bytes) -> bool:
    try:
        pull = json.loads(body)["pull_request"]
        return bool(pull["head"]["repo"] is None or pull["head"]["repo"]["id"] != pull["base"]["repo"]["id"])
    except (ValueError, RecursionError, LookupError, TypeError):
        return False  # what is no event is said to be none where it is read


def _say(text: str) -> None:
    sys.stderr.write(f"matinee: {text}\n")


def _command(name: str, message: str, **properties: str) -> None:
    told = ",".join(f"{key}={_escaped(value, ':', ',')}" for key, value in properties.items())
    # On the stream that all the rest is printed on: the runner reads the two side by side, and late lines of the other
    # would come after the end of `foreign`.
    sys.stderr.write(f"::{name}{' ' if told else ''}{told}::{_escaped(message)}\n")
    sys.stderr.flush()


def _escaped(text: str, *more: str) -> str:
    for char in ("%", "\r", "\n", *more):
        text = text.replace(char, f"%{ord(char):02X}")
    return text


def _output(name: str, value: str) -> str:
    end = secrets.token_hex(16)
    return f"{name}<<{end}\n{value}\n{end}\n"
