"""`matinee list`: the previews that there are."""

import json
from pathlib import Path

import click

from bot.cli.codes import Code


@click.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Show deleted ones too.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def list_command(config: Path | None, *, everything: bool, as_json: bool) -> int:
    """List the previews with their state, commit and URL.

    \b
    matinee list
    matinee list --json | jq -r '.[] | select(.state == "running") | .url'
    """
    from bot.cli.open import open_world
    from bot.core.report import State
    from bot.core.telling.document import document

    reports = [status.report for status in open_world(config).inbox.lanes() if status.report is not None]
    shown = [report for report in reports if everything or report.state is not State.DELETED]
    if as_json:
        click.echo(json.dumps([document(report) for report in shown], indent=2))
        return Code.DONE
    rows = [("environment", "pull", "state", "commit", "url")]
    for report in shown:
        pull = f"{report.repository}#{report.key.number}"
        rows.append((report.key.environment, pull, report.state, (report.sha or "")[:7], report.url or ""))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows if shown else ():
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
    if not shown:
        click.echo("no previews; `matinee up` makes one of the folder here", err=True)
    return Code.DONE
