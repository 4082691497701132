"""`matinee wait`: until a commit's preview is up."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

import click

from bot.cli.codes import Code

if TYPE_CHECKING:
    from bot.cli.sought import Sought
    from bot.cli.until import Ended

_COMMIT = re.compile(r"[0-9a-f]{7,64}")


@click.command(name="wait")
@click.argument("environment", default="")
@click.option("--repository", metavar="NAME", default="", help="The repository, like acme/shop; needs --pull.")
@click.option("--pull", type=click.IntRange(min=0), help="The pull's number; needs --repository.")
@click.option("--commit", metavar="SHA", default="", help="The commit, of which 7 digits do (default: the newest).")
@click.option("--timeout", metavar="DURATION", default="10m", show_default=True, help="Give up after this long.")
@click.option("--json", "as_json", is_flag=True, help="Print the environment as JSON at the end.")
@click.pass_obj
def wait_command(
    config: Path | None,
    environment: str,
    repository: str,
    pull: int | None,
    commit: str,
    timeout: str,
    *,
    as_json: bool,
) -> int:
    """Wait until a commit's preview is up, and print its URLs, one a line: for end-to-end tests.

    It may be called before the forge told of the commit. Name what is waited for by ENVIRONMENT, by --repository and
    --pull, or by --commit alone, which finds the pull that has it.

    \b
    matinee wait --commit "$HEAD_SHA"         what a CI job knows: the pull's head, and not a merge commit
    matinee wait --repository acme/shop --pull 7 --commit 1cda8e8
    URL=$(matinee wait github-1296269-7 --timeout 15m | head -n 1)

    Exit codes: 0 it is up; 1 its deploy failed; 3 its spec is not valid; 4 refused, left out by its spec's drafts,
    label or paths, superseded by a newer commit, or the preview was stopped or deleted; 5 not up in time.
    """
    from bot.cli.open import open_world
    from bot.cli.sought import Sought
    from bot.cli.until import until_up
    from bot.screen.terminal import Terminal

    sought = Sought(environment=environment, repository=repository, pull=pull, commit=commit.lower())
    _check(sought)
    seconds = _seconds(timeout)
    with Terminal(quiet=as_json) as terminal:
        ended = until_up(open_world(config), sought, terminal, seconds=seconds)
    return _told(ended, f"{sought} is not up after {timeout}", as_json=as_json)


def _check(sought: "Sought") -> None:
    from bot.core.names import ENVIRONMENT

    if bool(sought.repository) != (sought.pull is not None):
        raise click.UsageError("--repository and --pull go together")
    if sought.environment and sought.repository:
        raise click.UsageError("name either ENVIRONMENT, or --repository and --pull")
    if not str(sought):
        raise click.UsageError("name what to wait for: ENVIRONMENT, --repository and --pull, or --commit")
    if sought.environment and not ENVIRONMENT.fullmatch(sought.environment):
        raise click.UsageError(f"{sought.environment!r} is no environment; `matinee list` shows them")
    if sought.commit and not _COMMIT.fullmatch(sought.commit):
        raise click.UsageError("--commit: give 7 to 64 hexadecimal digits of a commit's id")


def _seconds(timeout: str) -> float:
    from durationpy import DurationError

    from bot.core.units import seconds

    try:
        found = seconds(timeout)
    except DurationError:
        found = -1.0
    if not 0 <= found < float("inf"):
        raise click.UsageError(f"--timeout: {timeout!r} is no duration; write it like 90s, 10m or 1h30m")
    return found


def _told(ended: "Ended", late: str, *, as_json: bool) -> Code:
    from bot.core.telling.document import document
    from bot.core.telling.waiting import End, NotYet, Over, Up

    if as_json and ended.report is not None:
        click.echo(json.dumps(document(ended.report), indent=2))
    match ended.verdict:
        case Up(report=report):
            if not as_json:
                click.echo("".join(f"{url}\n" for _, url in report.urls), nl=False)
            if not report.urls:
                click.echo("matinee: it is up; none of its services is public", err=True)
            return Code.DONE
        case Over(end, why):
            click.echo(f"matinee: {why}", err=True)
            return {End.FAILED: Code.FAILED, End.INVALID: Code.INVALID}.get(end, Code.REFUSED)
        case NotYet(why):
            click.echo(f"matinee: {late}: it is {why}", err=True)
            return Code.UNAVAILABLE
        case _:
            assert_never(ended.verdict)
