"""`refrain audit`: the independent audit, with the profile's addresses where none are given.

The audit itself imports nothing of Refrain. This command only completes its command line.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import typer

from oracle.cli.session import ANYTHING, group

PROG = "refrain audit"
FILLED = """
--rpc, --deployment and --ipfs are the profile's where you do not name them; --profile NAME chooses
the profile. Exit codes: 0 no mismatch, 1 a mismatch, 2 wrong usage, 3 no mismatch, but the chain or
the gateway does not answer.
"""

app = group("Recompute payouts from chain and IPFS.")


@app.command("audit", context_settings=ANYTHING)
def audit(ctx: typer.Context) -> None:
    """Recompute every payout from the chain and IPFS alone. `refrain audit --help` lists more.

    --rpc, --deployment and --ipfs are the profile's unless you name them; --profile chooses one.
    """
    from refrain_audit.cli import arguments, main, missing, parser_of

    if {"-h", "--help"} & set(ctx.args):
        parser_of(PROG, needed=False).print_help()
        print(FILLED)
        return
    words = completed(ctx.args)
    options = arguments(words, PROG)
    if not missing(options):
        _require_chain(options.rpc)
    raise typer.Exit(main(words, prog=PROG))


def _require_chain(url: str) -> None:
    """Raises Unavailable where no chain answers: then there is nothing to judge."""
    from oracle.adapters.chain.rpc import Rpc
    from oracle.client.connection import chain_id

    chain_id(Rpc(url, token=os.environ.get("REFRAIN_RPC_TOKEN", "")), url)


def completed(given: Sequence[str]) -> list[str]:
    """The audit's options, with those of the profile where none are given."""
    words, profile = _without_profile(list(given))
    if not _missing(words):
        return words
    from oracle.client.profile import choose, config_path, load_config

    _, found = choose(load_config(config_path(os.environ)), os.environ, profile)
    values = {"--rpc": found.rpc, "--deployment": found.deployment, "--ipfs": found.ipfs}
    for option in _missing(words):
        if values[option]:
            words += [option, values[option]]
    return words


def _missing(words: Sequence[str]) -> list[str]:
    """The options that the profile can fill in."""
    named = {word.split("=", 1)[0] for word in words if word.startswith("--")}
    wanted = [option for option in ("--rpc", "--ipfs") if option not in named]
    return wanted if named & {"--ledger", "--deployment"} else [*wanted, "--deployment"]


def _without_profile(words: list[str]) -> tuple[list[str], str]:
    """The words without ``--profile NAME``, and the name."""
    for place, word in enumerate(words):
        if word == "--profile" and place + 1 < len(words):
            return words[:place] + words[place + 2 :], words[place + 1]
        if word.startswith("--profile="):
            return words[:place] + words[place + 1 :], word.partition("=")[2]
    return words, ""
