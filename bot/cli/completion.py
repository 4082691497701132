"""`matinee completion`: what makes a shell complete our commands."""

import click

SHELLS = ("bash", "fish", "zsh")


@click.command(name="completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion_command(ctx: click.Context, shell: str) -> None:
    """Print what makes SHELL complete matinee's commands and options.

    \b
    matinee completion bash > ~/.local/share/bash-completion/completions/matinee
    matinee completion zsh > ~/.zfunc/_matinee        with `fpath+=~/.zfunc` before compinit in ~/.zshrc
    matinee completion fish > ~/.config/fish/completions/matinee.fish
    """
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"nothing is known of the shell {shell}")
    click.echo(made(ctx.find_root().command, {}, "matinee", "_MATINEE_COMPLETE").source())
