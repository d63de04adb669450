"""The nine chapters of the demo. Nothing is simulated: chain, audio, signatures, payments."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from oracle.client.app import App
from oracle.client.artist import Artist
from oracle.client.kept_orders import new_salt
from oracle.domain.errors import RefrainError
from oracle.domain.request import Request
from scripts.demo import after_settlement, outputs
from scripts.demo.selection import PROMPT, Cast, a_request, choose
from scripts.stack.app_account import make_app
from scripts.stack.catalogue_folder import Catalogue
from scripts.stack.chain import wallet_of
from scripts.stack.console import Console, DemoFailed, money, share
from scripts.stack.layout import ORACLES
from scripts.stack.registration import Registered, artist_of, register_offers
from scripts.stack.stack import Stack

BUDGET = 10_000_000
LENGTH = 30
PROGRESS = ("ordered", "consented", "generated", "published", "signed", "posted", "settled")


def start(stack: Stack, console: Console) -> None:
    console.chapter(1, "Start: a chain with the contracts, two generation nodes, three oracles")
    stack.start(console.line)
    console.line("two of the three oracles must sign before money moves")


def register(stack: Stack, catalogue: Catalogue, console: Console) -> list[Registered]:
    registered = register_offers(stack, catalogue.offers, console, catalogue.left_out)
    rows = [
        (f"{item.recording} {item.offer.title}", item.offer.artist, f"{item.seconds:.0f} s",
         f"{item.bpm:.0f}" if item.bpm else "no beat",
         "personal, commercial" if item.offer.uses & 4 else "personal")
        for item in registered
    ]  # fmt: skip
    console.table("Registered", ("recording", "artist", "length", "bpm", "consent to"), rows)
    return registered


def order(
    app: App, cast: Cast, salt: str, console: Console
) -> tuple[Mapping[str, Any], Request]:
    console.chapter(3, "An app asks for a price and signs an order")
    app.mint(BUDGET)
    app.fund(BUDGET)
    console.line(f"the app puts {money(BUDGET)} into escrow, in one transaction with a permit")
    request = cast.request(LENGTH, "personal", salt)
    quote = app.quote(request)
    price, node, protocol = (money(int(quote[k])) for k in ("price", "node_fee", "protocol_fee"))
    permitted = "permitted" if quote["permitted"] else "not permitted"
    console.line(f"quote: {request.tier} use is {permitted}; {LENGTH} s cost {price}, of which the "
                 f"node gets {node} and the protocol {protocol}")
    titles = {item.recording: item.offer.title for item in cast.chosen}
    rows = [(titles[row["recording"]], share(row["weight"]), money(int(row["amount"])))
            for row in quote["split"]]
    console.table("Expected split", ("recording", "weight", "amount"), rows)
    return quote, request


def generate(
    app: App, quote: Mapping[str, Any], request: Request, salt: str, console: Console
) -> Mapping[str, Any]:
    console.chapter(4, "A node makes the track; the oracles sign, settle and then publish it")
    signed = app.order_from(quote, request, BUDGET)
    generation = app.place(request, signed, app.sign(signed), PROMPT, salt)
    console.line(f"order {generation}; the prompt goes to the oracles only, the public request "
                 "holds its hash with a salt")

    with console.bar("generation", len(PROGRESS)) as bar:
        seen: list[str] = []

        def tell(view: Mapping[str, Any]) -> None:
            if view["stage"] not in seen:
                seen.append(view["stage"])
                console.line(f"stage: {view['stage']}")
            done = PROGRESS.index(view["stage"]) + 1 if view["stage"] in PROGRESS else 0
            bar.at(done)

        view = app.wait(generation, 300, tell)
    if view["stage"] != "settled":
        raise DemoFailed(f"the generation ended as {view['stage']}: {view['detail']}")
    console.line(f"settled in block {view['block']}, in one transaction: {view['transaction']}")
    return view


def refusals(stack: Stack, app: App, cast: Cast, console: Console) -> None:
    console.chapter(8, "What is not permitted is refused, before anything is made or paid")
    escrow = app.escrow()
    if cast.unlicensed:
        refuse(app, cast.unlicensed, "not licensed for commercial use", console)
    else:
        console.line("the first refusal is left out: a recording for personal use only needs a "
                     "catalogue of five files")
    artist: Artist = artist_of(stack, cast.revoked.offer.owner)
    artist.revoke(cast.revoked.recording)
    console.line(f"{cast.revoked.offer.artist} revokes the consent for "
                 f"{cast.revoked.offer.title}")
    wait_closed(stack)
    refuse(app, cast.revoked, "revoked", console)
    refuse(app, None, "unknown", console)
    if app.escrow() != escrow:
        raise DemoFailed(f"a refusal moved money: escrow {escrow} became {app.escrow()}")
    console.line(f"the escrow is unchanged: {money(escrow)}")


def refuse(app: App, item: Registered | None, why: str, console: Console) -> None:
    """Orders a recording that the oracle must refuse; the demo fails if it does not."""
    number = item.recording if item else 4_000_000_000
    name = f"{number} {item.offer.title}" if item else str(number)
    request = a_request({number: 1_000_000}, LENGTH, new_salt())
    try:
        app.order_from(app.quote(request), request, BUDGET)
    except RefrainError as refusal:
        console.refused(f"{name}, {why}: {refusal}")
        return
    raise DemoFailed(f"recording {name} is {why}, but the oracle did not refuse it")


def wait_closed(stack: Stack) -> None:
    """Waits until the newest block has enough confirmations for the oracles."""
    rpc = wallet_of(stack, "app").rpc
    target = rpc.block().number + stack.confirmations + 1
    while rpc.block().number < target:
        time.sleep(0.2)


def audit(
    stack: Stack,
    view: Mapping[str, Any],
    cast: Cast,
    payees: Sequence[str],
    out: Path,
    console: Console,
) -> tuple[int, str]:
    """Shows the results of the audit; its exit code and its last line."""
    console.chapter(9, "Anybody can check all of it: the audit reads only the chain and IPFS")
    outputs.fetch_pinned(view["links"], out)
    outputs.draw_timeline(out, {item.recording: item.offer.title for item in cast.chosen})
    for payee in payees:
        outputs.write_statement(stack.url(ORACLES[0]), payee, out)
    references = cast.chosen[0].offer.path.parent
    code, lines = outputs.run_audit(stack.describe(), out, references)
    rows = [(shortened(title), str(good), str(wrong))
            for title, good, wrong in outputs.sections(lines)]
    console.table("Results of the audit; each check is in audit.txt", ("what", "ok", "wrong"), rows)
    for line in lines:
        if line.startswith(("MISMATCH", "UNREADABLE", "     largest difference")):
            console.line(line.strip())
    names = ", ".join(sorted(path.name for path in out.iterdir()))
    console.line(f"results in {out}: {names}")
    return code, lines[-1]


def shortened(title: str, most: int = 56) -> str:
    return title if len(title) <= most else title[: most - 1] + "…"


def play(stack: Stack, catalogue: Catalogue, out: Path, console: Console) -> int:
    """All chapters after the first; returns the exit code of the audit."""
    registered = register(stack, catalogue, console)
    cast = choose(registered)
    app, salt = make_app(stack), new_salt()
    quote, request = order(app, cast, salt, console)
    view = generate(app, quote, request, salt, console)
    upgraded = after_settlement.upgrade(app, view, console)
    after_settlement.dispute(stack, upgraded, console)
    payees = after_settlement.withdraw(stack, cast, console)
    refusals(stack, app, cast, console)
    code, verdict = audit(stack, view, cast, payees, out, console)
    for item in catalogue.left_out:
        console.left_out(str(item))
    console.plain(verdict)
    return code
