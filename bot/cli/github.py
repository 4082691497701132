"""`matinee github`: what only GitHub needs."""

import json
from pathlib import Path

import click

from bot.cli.codes import Code


@click.group(name="github")
def github_command() -> None:
    """Set the bot up on GitHub."""


@github_command.command(name="manifest")
@click.option("--name", default="matinee", show_default=True, help="The App's name, of which GitHub has each once.")
@click.option("--organization", metavar="LOGIN", help="Whose it is to be (default: whoever follows the link).")
@click.option("--json", "as_json", is_flag=True, help="Print the App's manifest as JSON.")
@click.pass_obj
def manifest_command(config: Path | None, name: str, organization: str | None, *, as_json: bool) -> int:
    """Print what a GitHub App for this bot is to be: its webhook, the least permissions, and the events that are read.

    MATINEE_PUBLIC_URL says where GitHub reaches the bot. Nothing is asked and nothing is made: the link leads to the
    page of GitHub on which the App is made, with all of it filled in.

    \b
    MATINEE_PUBLIC_URL=https://matinee.example matinee github manifest --organization acme
    matinee github manifest --json >manifest.json
    """
    from bot.cli.open import read
    from bot.forges import github
    from bot.forges._github.permissions import EVENTS, PERMISSIONS

    made, link = github.manifest(read(config), name, organization)
    if as_json:
        click.echo(json.dumps(made, indent=2))
        return Code.DONE
    click.echo(f"webhook      {made['hook_attributes']['url']}")
    for permission in PERMISSIONS:
        click.echo(f"permission   {permission.title}: {permission.level}: {permission.why}")
    for event in EVENTS:
        click.echo(f"event        {event.title}: {event.why}")
    click.echo(f"\nmake it at   {link}")
    return Code.DONE
