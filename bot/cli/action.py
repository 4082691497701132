"""`matinee action`: a preview as a step of the forge's own CI, with no bot behind it."""

import os
from pathlib import Path

import click

COMMANDS = ("deploy", "stop", "start", "delete", "run", "check", "plan")


@click.command(name="action")
@click.argument("command", type=click.Choice(COMMANDS), default="deploy")
@click.argument("words", nargs=-1, metavar="[JOB EVENT]")
@click.pass_obj
def action_command(config: Path | None, command: str, words: tuple[str, ...]) -> int:
    """Do what the event of this CI job is for: preview the pull, or take its preview away; as the bot would.

    COMMAND `deploy` (the default) follows the event: a closed pull's preview is deleted, and a comment with
    `/preview` is answered. The others are asked for by whoever the job runs for. It works without a database: what
    stands is kept with the environment, where a bot and other jobs find it.

    \b
    matinee action
    matinee action check
    matinee action run seed deploy
    """
    import logging
    import signal
    import sys
    from tempfile import TemporaryDirectory

    from bot import plugins, settings
    from bot.cli.step.inputs import inputs
    from bot.cli.step.step import Step, chosen, given
    from bot.core.errors import Misused
    from bot.logs import set_up
    from bot.world import world

    environment = given(os.environ)
    pipeline = plugins.pipeline(environment)
    if words and command != "run":
        raise click.UsageError(f"{command} takes no more words")

    def cancelled(*_: object) -> None:
        """Leave off, once: GitHub sends an interrupt, then another signal, then kills; the last words take a while."""
        for each in ends:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    ends = (signal.SIGINT, signal.SIGTERM)
    for each in ends:
        signal.signal(each, cancelled)
    if pipeline is None:
        raise Misused(
            "this is a step of a forge's own CI, and this is none; elsewhere `matinee up` previews a folder, "
            "and `matinee deploy` a pull that a bot knows"
        )
    with TemporaryDirectory(prefix="matinee-") as scratch:
        told = inputs(environment, Path(scratch))
        options = chosen(pipeline, environment, config, Path(scratch), told)
        secrets = (*settings.secrets(options), *told.hidden)
        pipeline.hide(secrets)
        set_up(sys.stderr, level=logging.WARNING, secrets=secrets)
        return Step(world(options), pipeline, told).taken(command, words)
