"""`matinee schema`: the spec's keys, for editors and for people."""

import click

from bot.cli.codes import Code


@click.command(name="schema")
@click.option("--markdown", is_flag=True, help="Print a page of every key instead.")
@click.option("--json", "as_json", is_flag=True, help="Print the JSON Schema, which is what it does anyway.")
def schema_command(*, markdown: bool, as_json: bool) -> int:
    """Print the JSON Schema (draft 2020-12) of matinee.yaml, made from the types that read it.

    \b
    matinee schema >matinee.schema.json
    matinee schema --markdown
    """
    from bot.core.reading import reference, schema

    if markdown and as_json:
        raise click.UsageError("--markdown and --json are two forms of the same; choose one")
    click.echo(reference.page() if markdown else schema.text(), nl=False)
    return Code.DONE
