"""`refrain up | deploy`: what needs a checkout, handed on with all of its options."""

from __future__ import annotations

import typer

app = typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)

ANYTHING = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


@app.command("up", context_settings=ANYTHING)
def up(ctx: typer.Context) -> None:
    """Run the whole stack on this machine, as `make up` does."""
    from scripts.stack.__main__ import main

    raise typer.Exit(main(ctx.args, prog="refrain up"))


@app.command("deploy", context_settings=ANYTHING)
def deploy(ctx: typer.Context) -> None:
    """Deploy the contracts and write the deployment file."""
    from scripts.deploy.deploy import main

    raise typer.Exit(main(ctx.args, prog="refrain deploy"))
