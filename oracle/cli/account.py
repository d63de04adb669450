"""`refrain init | whoami | balance | faucet | key`: who somebody is, and what they have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from oracle.cli import units
from oracle.cli.confirm import Change
from oracle.cli.output import facts, table
from oracle.cli.session import Session, command, group
from oracle.cli.units import Malformed
from oracle.domain.access import without_user
from oracle.domain.errors import Inconsistent, Refused

app = group("Your key, your connection and your money.")

DEVELOPMENT = (31337, 1337)
"""Ids of chains whose ether is worth nothing."""
GAS_GIFT = 10 * 10**18


@command(app, "whoami", measured=False)
def whoami(do: Session) -> None:
    """Show the profile, your address, the chain and the deployment."""
    from oracle.client.profile import host_of

    name, profile = do.chosen
    connection = do.connection
    rows = {
        "profile": name, "address": do.address, "key": profile.key,
        "chain": connection.deployment.chain_id, "rpc": host_of(profile.rpc),
        "ledger": connection.deployment.ledger, "deployment": profile.deployment,
        "api": without_user(profile.api),
        "oracles": [without_user(url) for url in profile.oracles],
        "nodes": [without_user(url) for url in profile.nodes],
        "ipfs": without_user(profile.ipfs), "pin": without_user(profile.pin),
    }  # fmt: skip
    shown = [(k, ", ".join(v) if isinstance(v, list) else v) for k, v in rows.items() if v]
    do.out.result(rows, facts(shown))


@command(app, "balance")
def balance(
    do: Session, address: Annotated[str, typer.Argument(help="Default: yours.")] = ""
) -> None:
    """Show the tokens, the escrow and the gas of an address, yours or another."""
    from oracle.client.token import holdings

    who = units.address(address, "ADDRESS") if address else do.address
    there = do.connection
    found = holdings(there.reader, there.contract("token"), there.contract("ledger"), who)
    rows = [
        ("tokens", do.money(found.wallet)), ("in escrow, for orders", do.money(found.escrow)),
        ("waiting to be collected", do.money(found.parked)), ("gas", units.ether_text(found.gas)),
    ]  # fmt: skip
    document = {
        "address": who, "wallet": do.money_json(found.wallet),
        "escrow": do.money_json(found.escrow), "parked": do.money_json(found.parked),
        "gas": {"units": str(found.gas), "decimals": units.ETHER_DECIMALS, "symbol": "ETH"},
    }  # fmt: skip
    do.out.result(document, table(("", who), rows))


@command(app, "faucet", changes=True)
def faucet(
    do: Session, amount: Annotated[str, typer.Argument(help="Test tokens to make.")] = ""
) -> None:
    """Get test tokens and gas, on development chains only."""
    from oracle.client.token import holdings

    there = do.connection
    if there.deployment.chain_id not in DEVELOPMENT:
        raise Refused("this is no development chain: nothing is given away here",
                      field="chain", value=there.deployment.chain_id)  # fmt: skip
    made = do.amount(amount, "AMOUNT") if amount else 1_000 * 10**there.token.decimals
    token, ledger = there.contract("token"), there.contract("ledger")
    before = holdings(there.reader, token, ledger, do.address)
    do.change("Test money", [
        Change("tokens", do.money(before.wallet), do.money(before.wallet + made)),
        Change("gas", units.ether_text(before.gas), units.ether_text(max(before.gas, GAS_GIFT))),
    ])  # fmt: skip
    do.confirmation.ask("out of what you are given")
    if before.gas < GAS_GIFT and not there.rpc.set_balance(do.address, GAS_GIFT):
        raise Refused("the chain gives no gas away; ask its operator", field="rpc")
    try:
        there.app.mint(made)
    except Inconsistent as error:
        raise Refused(f"the token {there.token.symbol} is not one that anybody may make") from error
    after = holdings(there.reader, token, ledger, do.address)
    document = {"address": do.address, "wallet": do.money_json(after.wallet)}
    do.out.result(document, f"{do.address} now has {do.money(after.wallet)}.")


@command(app, "key", measured=False)
def key(do: Session, path: Annotated[Path, typer.Argument(help="File to make.")]) -> None:
    """Make a key file and print its address.

    Only you can read the file. Use the key in a profile, or put its address into a split for a
    holder whose own address you do not know yet. Then give the file to the holder and keep no
    copy: with the file, anybody can claim the holder's money.
    """
    from oracle.adapters.signing.file import FileKey

    if not path.name:
        raise Malformed("must name a file", field="PATH", value=path)
    made = FileKey.create(units.path(path, "PATH"))
    do.out.result({"path": str(path), "address": made.address}, made.address)
