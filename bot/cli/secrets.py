"""`matinee secrets`: what the operator gives to previews, by repository."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.codes import Code

if TYPE_CHECKING:
    from bot.keeping.vault import Vault
    from bot.world import World

_forks = click.option("--forks", is_flag=True, help="For pulls from forks, which see nothing else.")
_HIDEABLE = 4
"""Characters from which on a value is hunted in what programs print."""


@click.group(name="secrets")
def secrets_command() -> None:
    """Give secrets to the previews of a repository.

    REPOSITORY is the forge and its number for the repository, github:1296269; an environment of it or its readable name
    does as well, once there is a preview. A value is never an argument, which everybody could read: it is asked for, or
    read from standard input or a file.

    \b
    matinee secrets set github:1296269 HOOK_URL
    matinee secrets list
    """


@secrets_command.command(name="set")
@click.argument("repository")
@click.argument("name")
@_forks
@click.option(
    "--from-file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Read it there."
)
@click.pass_obj
def set_command(config: Path | None, repository: str, name: str, *, forks: bool, file: Path | None) -> int:
    """Give the secret NAME to the previews of REPOSITORY; the next deploy has it.

    \b
    matinee secrets set github:1296269 HOOK_URL              asks for it
    pass show hook | matinee secrets set acme/shop HOOK_URL
    matinee secrets set acme/shop TLS_KEY --from-file key.pem
    """
    from datetime import UTC, datetime

    vault, owner = _opened(config, repository)
    value = _value(file, name)
    if not value:
        raise click.UsageError("the value is empty; `matinee secrets unset` takes a secret away")
    vault.set(owner, name, value, fork=forks, now=datetime.now(UTC))
    if len(value) < _HIDEABLE:
        click.echo(f"matinee: {name} is too short to be hidden in what programs print", err=True)
    click.echo(f"{name} is set for {_whom(owner, forks=forks)}; the next deploy has it")
    return Code.DONE


@secrets_command.command(name="list")
@click.argument("repository", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def list_command(config: Path | None, repository: str | None, *, as_json: bool) -> int:
    """List the secrets by name, never a value.

    \b
    matinee secrets list
    matinee secrets list acme/shop --json
    """
    vault, owner = _opened(config, repository) if repository else (_vault(config), None)
    found = [each for each in vault.entries() if owner in (None, each.owner)]
    if as_json:
        rows = [{"repository": each.owner, "tier": each.tier, "name": each.name, "set": each.set_at} for each in found]
        click.echo(json.dumps({"secrets": rows}, indent=2))
        return Code.DONE
    for each in found:
        click.echo(f"{each.owner}  {each.tier:<7}  {each.name}  {each.set_at or 'by hand, not encrypted yet'}")
    if not found:
        click.echo("there are none; `matinee secrets set REPOSITORY NAME` gives one", err=True)
    return Code.DONE


@secrets_command.command(name="unset")
@click.argument("repository")
@click.argument("name")
@_forks
@click.pass_obj
def unset_command(config: Path | None, repository: str, name: str, *, forks: bool) -> int:
    """Take the secret NAME away from REPOSITORY; what runs keeps it until its next deploy.

    \b
    matinee secrets unset github:1296269 HOOK_URL
    """
    vault, owner = _opened(config, repository)
    if not vault.unset(owner, name, fork=forks):
        known = [each.name for each in vault.entries() if each.owner == owner]
        raise click.UsageError(f"{_whom(owner, forks=forks)} has no {name}; there are {', '.join(known) or 'none'}")
    click.echo(f"{name} is gone from {_whom(owner, forks=forks)}")
    return Code.DONE


@secrets_command.command(name="rotate")
@click.pass_obj
def rotate_command(config: Path | None) -> int:
    """Encrypt all that is kept with the newest key, so that older ones can be taken out of the settings.

    \b
    MATINEE_ENCRYPTION_KEY="$(matinee secrets key),$OLD" matinee secrets rotate
    """
    from bot.cli.open import open_world

    world = open_world(config)
    secrets, environments = world.vault.reseal(), world.runner.reseal()
    click.echo(f"{secrets} secrets and {environments} environments are encrypted with the newest key")
    return Code.DONE


@secrets_command.command(name="key")
def key_command() -> int:
    """Print a new key for MATINEE_ENCRYPTION_KEY.

    \b
    matinee secrets key
    """
    from bot.keeping.cipher import new_key

    click.echo(new_key())
    return Code.DONE


def _value(file: Path | None, name: str) -> str:
    if file is not None:
        raw = file.read_bytes()
    elif sys.stdin.isatty():
        return str(click.prompt(name, hide_input=True, confirmation_prompt=True))
    else:
        raw = sys.stdin.buffer.read()
    try:
        return raw.decode().removesuffix("\n")
    except UnicodeDecodeError:
        raise click.UsageError("the value is no UTF-8 text; encode it first, for example with base64") from None


def _vault(config: Path | None) -> "Vault":
    from bot.cli.open import read
    from bot.world import vault

    return vault(read(config))


def _opened(config: Path | None, repository: str) -> "tuple[Vault, str]":
    from bot.keeping.vault import OWNER

    if OWNER.fullmatch(repository):
        return _vault(config), repository
    from bot.cli.open import open_world

    world = open_world(config)
    return world.vault, _owner(world, repository)


def _owner(world: "World", repository: str) -> str:
    from bot.core.errors import Misused
    from bot.keeping.vault import owner_of

    lanes = world.inbox.lanes()
    found = {
        owner_of(each.lane.wish.key) for each in lanes if repository in (each.environment, each.lane.wish.repository)
    }
    if len(found) == 1:
        return found.pop()
    known = f"several are called so: {', '.join(sorted(found))}" if found else "no preview of it was ever asked for"
    raise Misused(f"{repository!r}: {known}; name it like github:1296269, with the forge's number for it")


def _whom(owner: str, *, forks: bool) -> str:
    return f"forks of {owner}" if forks else owner
