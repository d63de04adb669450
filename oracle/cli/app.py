"""The commands `refrain app`: fund, quote, order, upgrade, show and wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from oracle.cli import evidence, quoted, track, units
from oracle.cli.confirm import Change
from oracle.cli.order_request import request_of
from oracle.cli.recordings import done_json
from oracle.cli.session import Session, command, group
from oracle.cli.units import Malformed
from oracle.domain.errors import Refused

app = group("Pay for tracks and order them.")

View = Mapping[str, Any]

LONGEST_WAIT = 86_400

Prompt = Annotated[str, typer.Option(metavar="TEXT", help="What the track should be like.")]
Length = Annotated[str, typer.Option(metavar="SECONDS", help="5 to 120.")]
References = Annotated[
    list[str],
    typer.Option(
        "--reference", metavar="N[=SHARE]",
        help="Recording and its weight, such as 1=60%; without weights all count alike.",
    ),
]  # fmt: skip
Tier = Annotated[
    str, typer.Option(metavar="TIER", help="The use that you pay for: personal or commercial.")
]
Engine = Annotated[str, typer.Option(metavar="NAME", help="The engine that makes the track.")]
Rule = Annotated[
    str, typer.Option(metavar="RULE", help="What divides the money: realised, declared or audible.")
]
Limit = Annotated[str, typer.Option(metavar="AMOUNT", help="The most that you pay.")]
Ordered = Annotated[str, typer.Argument(help="Id of an order, 0x and 64 digits.")]
Wait = Annotated[str, typer.Option(metavar="SECONDS", help="How long to wait for the end.")]


@command(app, "fund", changes=True)
def fund(
    do: Session,
    amount: Annotated[str, typer.Argument(help="Such as 50.00.")],
    mint: Annotated[bool, typer.Option("--mint", help="Make the test tokens first.")] = False,
    no_permit: Annotated[
        bool, typer.Option("--no-permit", help="Approve in a transaction, not by a signature.")
    ] = False,
) -> None:
    """Put money into escrow. Orders are paid from there and cost no gas."""
    from oracle.client.token import holdings

    units_in, there = do.amount(amount, "AMOUNT"), do.connection
    if not units_in:
        raise Malformed("must be above 0", field="AMOUNT", value=amount)
    token, ledger = there.contract("token"), there.contract("ledger")
    before = holdings(there.reader, token, ledger, do.address)
    held = before.wallet + (units_in if mint else 0)
    if held < units_in:
        raise Refused(f"{do.address} has {do.money(held)} and needs {do.money(units_in)}")
    do.change("Put money into escrow", [
        Change("tokens", do.money(before.wallet), do.money(held - units_in)),
        Change("in escrow", do.money(before.escrow), do.money(before.escrow + units_in)),
    ])  # fmt: skip
    if mint:
        there.app.mint(units_in)
    receipt = there.app.fund(units_in, permit=not no_permit)
    escrow = there.app.escrow()
    do.out.result(done_json(receipt, address=do.address, escrow=do.money_json(escrow)),
                  f"{do.address} has {do.money(escrow)} in escrow.")  # fmt: skip


@command(app, "quote")
def quote(
    do: Session, prompt: Prompt, reference: References, length: Length = "30",
    tier: Tier = "commercial", engine: Engine = "mosaic", rule: Rule = "realised",
) -> None:  # fmt: skip
    """Ask what a track would cost and who would get what. Costs nothing.

    The oracle does not see the prompt.
    """
    from oracle.client.kept_orders import new_salt

    request = request_of(do, prompt, new_salt(), length, reference, tier, engine, rule)
    do.connection.need("api")
    found = do.connection.app.quote(request)
    if found["permitted"]:
        # What is shown is what `refrain app order` would sign.
        do.connection.app.order_from(found, request, int(found["price"]))
    do.out.result(quoted.document(do, found), *quoted.shown(do, found))
    quoted.require_permitted(do, found)


@command(app, "order", changes=True)
def order(
    do: Session, prompt: Prompt, reference: References, length: Length = "30", limit: Limit = "",
    tier: Tier = "commercial", engine: Engine = "mosaic", rule: Rule = "realised",
    wait: Wait = "600",
) -> None:  # fmt: skip
    """Order a track, pay for it, and wait until it is settled.

    The oracles keep the prompt to themselves; the public request holds its hash with a salt. Prompt
    and salt are kept in a file of yours: with them you can prove which prompt you ordered.
    With --yes you name the --limit; otherwise you see the price and are asked.
    Exit code 3 also means that the wait has run out. The order goes on then: do not repeat it, but
    look with `refrain app show` or `refrain app wait`.
    """
    from oracle.client.kept_orders import new_salt

    salt = new_salt()
    request = request_of(do, prompt, salt, length, reference, tier, engine, rule)
    most = _limit(do, limit)
    seconds = units.number(wait, "--wait", 0, LONGEST_WAIT)
    do.connection.need("api")
    app_ = do.connection.app
    found = app_.quote(request)
    quoted.require_permitted(do, found)
    made = app_.order_from(found, request, int(found["price"]) if most is None else most)
    for item in quoted.shown(do, found):
        do.out.note(item)
    quoted.agree(do, "Order a track", made.max_price, found["reserved"])
    signature, number = app_.sign(made), app_.id_of(made)
    with track.placing(do, number):
        app_.place(request, made, signature, prompt, salt)
    if kept := do.connection.orders:
        do.out.note(f"kept, with prompt and salt: {kept.path(number)}")
    track.follow(do, number, seconds, made.max_price)


@command(app, "upgrade", changes=True)
def upgrade(
    do: Session,
    generation: Annotated[str, typer.Argument(help="Id of a settled track, 0x and 64 digits.")],
    limit: Limit = "",
    tier: Tier = "commercial",
    wait: Wait = "600",
) -> None:
    """Pay the difference to a higher tier of a track that you have."""
    original, most = units.word(generation, "GENERATION"), _limit(do, limit)
    seconds = units.number(wait, "--wait", 0, LONGEST_WAIT)
    do.connection.need("api")
    app_ = do.connection.app
    found = app_.quote_upgrade(original, tier)
    quoted.require_permitted(do, found)
    ceiling = int(found["price"]) if most is None else most
    made = app_.upgrade_from(found, original, tier, ceiling)
    for item in quoted.shown(do, found):
        do.out.note(item)
    quoted.agree(do, f"Upgrade to the tier {tier}", made.max_price, found["reserved"])
    signature, number = app_.sign(made), app_.id_of(made)
    with track.placing(do, number):
        app_.place_upgrade(made, signature)
    track.follow(do, number, seconds, made.max_price)


@command(app, "show")
def show(do: Session, generation: Ordered) -> None:
    """Show how far an order is. The chain confirms a settled one."""
    number = units.word(generation, "GENERATION")
    do.connection.need("api")
    app_ = do.connection.app
    track.show(do, app_.proven(app_.view(number)))


@command(app, "wait")
def wait_for(do: Session, generation: Ordered, wait: Wait = "600") -> None:
    """Wait for the end of an order. The chain confirms a settled one.

    Exit code 3 also means that the wait has run out; the order goes on then.
    """
    number = units.word(generation, "GENERATION")
    seconds = units.number(wait, "--wait", 0, LONGEST_WAIT)
    do.connection.need("api")
    track.follow(do, number, seconds)


command(app, "cancel", measured=False)(track.cancel)
command(app, "evidence", measured=False)(evidence.collect)


def _limit(do: Session, text: str) -> int | None:
    if text:
        return do.amount(text, "--limit")
    if do.yes:
        raise Malformed("must be named with --yes", field="--limit")
    return None
