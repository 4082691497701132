"""`matinee read`: what a stored delivery becomes."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from bot.cli.codes import Code

if TYPE_CHECKING:
    from bot.core.events import Ignored, Malformed, Tidings
    from bot.forges.base import Forge


@click.command(name="read")
@click.argument("forge")
@click.argument("event")
@click.argument("payload", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="Print the event, or why there is none, as JSON.")
@click.pass_obj
def read_command(config: Path | None, forge: str, event: str, payload: BinaryIO, *, as_json: bool) -> int:
    """Show what a delivery of FORGE would become: the EVENT as the forge names it, its body in the file PAYLOAD.

    It asks nobody, needs no token or secret, changes nothing, and does not check any signature: `serve` does.

    \b
    matinee read github pull_request payload.json
    matinee read github pull_request - <payload.json --json | jq .want
    """
    from bot import plugins
    from bot.cli.open import read
    from bot.core.events import Malformed

    adapter: Forge = plugins.create("forges", forge, read(config))
    outcome = _outcome(adapter, event, payload)
    click.echo(json.dumps(_document(outcome), indent=2) if as_json else _text(outcome))
    return Code.REFUSED if isinstance(outcome, Malformed) else Code.DONE


def _outcome(forge: "Forge", event: str, payload: BinaryIO) -> "Tidings | Ignored | Malformed":
    from bot.core.events import CAP, Malformed

    try:
        body = payload.read(CAP + 1)
    except OSError as error:
        raise click.UsageError(f"{payload.name} cannot be read: {error.strerror}") from error
    if len(body) > CAP:
        return Malformed(f"the body has more than {CAP} bytes")
    return forge.read(forge.delivery(event, body))


def _document(outcome: "Tidings | Ignored | Malformed") -> dict[str, object]:
    from bot.core.events import Ignored, Malformed
    from bot.core.telling.document import told_document

    match outcome:
        case Ignored(why):
            return {"status": "ignored", "why": why}
        case Malformed(why):
            return {"status": "malformed", "why": why}
        case told:
            return told_document(told)


def _text(outcome: "Tidings | Ignored | Malformed") -> str:
    from bot.core.telling.markdown import line

    document = {name: line(str(value)) for name, value in _document(outcome).items()}
    if document["status"] in ("ignored", "malformed"):
        return f"{document['status']}: {document['why']}"
    width = max(map(len, document))
    return "\n".join(f"{name:<{width}}  {value}" for name, value in document.items() if name != "status")
