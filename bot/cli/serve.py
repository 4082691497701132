"""`matinee serve`: the bot."""

from pathlib import Path

import click

from bot.cli.codes import Code


@click.command(name="serve")
@click.pass_obj
def serve_command(config: Path | None) -> int:
    """Receive webhooks at MATINEE_LISTEN and carry out what they ask for, until a signal ends it.

    \b
    export MATINEE_GITHUB_TOKEN_FILE=token MATINEE_GITHUB_WEBHOOK_SECRET_FILE=secret
    matinee serve

    It may be killed at any moment: what was received is kept, and the next start goes on with it.
    """
    import logging
    import os

    from bot.cli.open import open_world, read
    from bot.settings import meant, unknown
    from bot.web.server import serve

    world = open_world(config, level=logging.INFO)
    for variable in unknown(os.environ):
        logging.getLogger(__name__).warning("no setting is called %s: %s", variable, meant(variable))
    serve(read(config), world)
    return Code.DONE
