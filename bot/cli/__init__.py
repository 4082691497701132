"""The door for people and scripts: commands parse and print; what they need is imported when they are chosen."""

import importlib
import os
import sys
from pathlib import Path

import click

COMMANDS = {
    "init": "bot.cli.init",
    "import": "bot.cli.imports",
    "up": "bot.cli.up",
    "pull": "bot.cli.pulls",
    "check": "bot.cli.check",
    "schema": "bot.cli.schema",
    "plan": "bot.cli.plan",
    "deploy": "bot.cli.wishes",
    "start": "bot.cli.wishes",
    "stop": "bot.cli.wishes",
    "delete": "bot.cli.wishes",
    "cancel": "bot.cli.errands",
    "run": "bot.cli.errands",
    "clone": "bot.cli.errands",
    "reset": "bot.cli.errands",
    "extend": "bot.cli.extend",
    "list": "bot.cli.lists",
    "why": "bot.cli.why",
    "logs": "bot.cli.logs",
    "wait": "bot.cli.wait",
    "secrets": "bot.cli.secrets",
    "github": "bot.cli.github",
    "read": "bot.cli.read",
    "sweep": "bot.cli.sweep",
    "action": "bot.cli.action",
    "doctor": "bot.cli.doctor",
    "serve": "bot.cli.serve",
    "completion": "bot.cli.completion",
}
SUMMARIES = {
    "init": "Write a first matinee.yaml from what a folder has.",
    "import": "Make a matinee.yaml from a compose file, Nomad job, Qovery or app.json.",
    "up": "Preview a local checkout as it is, uncommitted changes included.",
    "pull": "Open, push or close a branch of a local repository as a pull.",
    "check": "Check matinee.yaml; every mistake at once, with its place.",
    "schema": "Print the JSON Schema of matinee.yaml, or a page of its keys.",
    "plan": "Show what a deploy, a stop or a delete would do, and why; do nothing.",
    "deploy": "Deploy the head of a pull again.",
    "start": "Start a stopped preview (the same as deploy).",
    "stop": "Stop a preview and keep its volumes.",
    "delete": "Run a preview's delete jobs and remove it, or one service or job of it.",
    "cancel": "End the deploy or errand that is under way; what serves goes on.",
    "run": "Run one job of a preview now.",
    "clone": "Copy a service or job beside itself or into another preview.",
    "reset": "Empty volumes, forget what ran once, and deploy again.",
    "extend": "Let a preview live longer.",
    "list": "List the previews.",
    "why": "Say what was decided of a preview, and why.",
    "logs": "Print the log of a step or of a running service.",
    "wait": "Wait until a commit's preview is up, and print its URLs.",
    "secrets": "Give secrets to the previews of a repository; rotate encryption keys.",
    "github": "Show what a GitHub App for the bot is to be, and where to make it.",
    "read": "Show what a stored delivery of a forge becomes, or why nothing.",
    "sweep": "Look once for what no event told: lost deliveries, closed pulls, times.",
    "action": "Preview a pull from a job of the forge's own CI, without a bot.",
    "doctor": "Look whether all that a bot needs is there.",
    "serve": "Run the bot: receive webhooks and carry them out.",
    "completion": "Print what makes a shell complete these commands.",
}


class Lazy(click.Group):
    """A group that knows its commands' names and one line each, and imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which one meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import the command's module."""
        if name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[name])
        command: click.Command = getattr(module, f"{name}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Answer an unknown command with the nearest one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            ctx.fail(f"There is no command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUMMARIES[name]) for name in COMMANDS])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config", type=click.Path(path_type=Path), help="Settings (default: ./matinee.toml where there is one)."
)
@click.version_option(package_name="matinee", message="matinee %(version)s")
@click.pass_context
def group(ctx: click.Context, config: Path | None) -> None:
    """Every pull request gets its own running copy of the application.

    \b
    matinee up examples/shop     preview a folder here, on Docker
    matinee list                 what there is
    matinee delete <id>          and away with it

    Exit codes: 0 done, 1 your build, job or service failed, 2 wrong usage, 3 matinee.yaml is not valid, 4 refused,
    5 something outside does not answer, 6 a fault of matinee's own, 130 interrupted.
    """
    ctx.obj = config


def main() -> None:
    """The command `matinee`."""
    from bot.cli.codes import Code, run

    code = run(group)
    if code in (Code.INTERRUPTED, Code.UNAVAILABLE):
        sys.stdout.flush()
        os._exit(code)  # what is under way would be waited for, and goes on from what is kept anyway
    sys.exit(code)
