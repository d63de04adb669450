"""The demo's nine chapters, each of them real: chain, audio, signatures, money."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.markup import escape

from oracle.adapters.chain import deployment
from oracle.adapters.chain.artifacts import Artifacts
from oracle.adapters.signing.keystore import open_key
from oracle.domain.errors import RefrainError
from oracle.domain.request import Request
from scripts.app import App
from scripts.artist import Artist
from scripts.compile import ARTIFACTS
from scripts.demo import outcome, settled
from scripts.demo.choice import Cast, a_request, choose
from scripts.demo.show import DemoFailed, Show, money, share
from scripts.offers import Offer
from scripts.registration import Registered, artist_of, register_offers
from scripts.stack import ORACLES, Stack
from scripts.stack_chain import give_ether, wallet_of

BUDGET = 10_000_000
LENGTH = 30
PROGRESS = ("ordered", "consented", "generated", "published", "signed", "posted", "settled")


def make_app(stack: Stack) -> App:
    give_ether(stack, ["app"])
    key = open_key(str(stack.accounts.key_file("app")))
    found = deployment.load(stack.deployment)
    api = stack.url(ORACLES[0])
    return App(wallet_of(stack, "app"), key, found, Artifacts(ARTIFACTS), api)


def start(stack: Stack, show: Show) -> None:
    show.chapter(1, "Chain, contracts, generation nodes, oracles")
    stack.start(show.line)
    made = json.loads(stack.deployment.read_text())
    show.line(f"chain {made['chainId']}, ledger {made['ledger']}, token {made['token']}")
    show.line(f"2 generation nodes, 3 oracles of which 2 must sign, pins: {stack.pinning.name}")


def register(stack: Stack, offers: Sequence[Offer], show: Show) -> list[Registered]:
    registered = register_offers(stack, offers, show)
    rows = [
        (f"{item.recording} {item.offer.title}", item.offer.artist, f"{item.seconds:.0f} s",
         f"{item.bpm:.0f}", "personal, commercial" if item.offer.uses & 4 else "personal")
        for item in registered
    ]  # fmt: skip
    show.table("Registered", ("recording", "artist", "length", "bpm", "consent to"), rows)
    return registered


def order(app: App, cast: Cast, show: Show) -> tuple[Mapping[str, Any], Request]:
    show.chapter(3, "An app asks, sees the price, signs an order")
    app.mint(BUDGET)
    app.fund(BUDGET)
    show.line(f"the app put {money(BUDGET)} into escrow: one transaction, by its permit")
    request = cast.request(LENGTH, "personal")
    quote = app.quote(request)
    price, node, protocol = (money(int(quote[k])) for k in ("price", "node_fee", "protocol_fee"))
    permitted = "permitted" if quote["permitted"] else "not permitted"
    show.line(f"quote: {request.tier} use {permitted}, {price} for {LENGTH} s; "
              f"the node gets {node}, the protocol {protocol}")
    titles = {item.recording: item.offer.title for item in cast.chosen}
    rows = [(titles[row["recording"]], share(row["weight"]), money(int(row["amount"])))
            for row in quote["split"]]
    show.table("Expected split", ("recording", "weight", "amount"), rows)
    return quote, request


def generate(app: App, quote: Mapping[str, Any], request: Request, show: Show) -> Mapping[str, Any]:
    show.chapter(4, "The oracles have it made, check it, pin it, sign it, post it")
    signed = app.order_from(quote, request, BUDGET)
    generation = app.place(request, signed, app.sign(signed))
    show.line(f"order {generation}")

    with show.bar("generation", len(PROGRESS)) as bar:
        seen: list[str] = []

        def tell(view: Mapping[str, Any]) -> None:
            if view["stage"] not in seen:
                seen.append(view["stage"])
                show.line(str(view["stage"]))
            done = PROGRESS.index(view["stage"]) + 1 if view["stage"] in PROGRESS else 0
            bar.at(done)

        view = app.wait(generation, 300, tell)
    if view["stage"] != "settled":
        raise DemoFailed(f"the generation ended as {view['stage']}: {view['detail']}")
    show.line(f"settled in block {view['block']}, one transaction {view['transaction']}")
    return view


def refusals(stack: Stack, app: App, cast: Cast, show: Show) -> None:
    show.chapter(8, "What is refused, before anything is made or spent")
    escrow = app.escrow()
    if cast.unlicensed:
        refuse(app, cast.unlicensed, "not licensed for commercial use", show)
    else:
        show.line("no recording without a commercial licence: that refusal needs five files")
    artist: Artist = artist_of(stack, cast.revoked.offer.owner)
    artist.revoke(cast.revoked.recording)
    show.line(f"{cast.revoked.offer.artist} revokes {cast.revoked.offer.title}")
    wait_closed(stack)
    refuse(app, cast.revoked, "revoked", show)
    refuse(app, None, "unknown", show)
    if app.escrow() != escrow:
        raise DemoFailed(f"a refusal moved money: escrow {escrow} became {app.escrow()}")
    show.line(f"escrow is what it was: {money(escrow)}")


def refuse(app: App, item: Registered | None, why: str, show: Show) -> None:
    """Asks for a recording that must be refused, and fails the demo when it is not."""
    number = item.recording if item else 4_000_000_000
    name = f"{number} {item.offer.title}" if item else str(number)
    request = a_request({number: 1_000_000}, LENGTH)
    try:
        app.order_from(app.quote(request), request, BUDGET)
    except RefrainError as refusal:
        show.refused(f"{name}, {why}: {refusal}")
        return
    raise DemoFailed(f"recording {name} is {why}, and was not refused")


def wait_closed(stack: Stack) -> None:
    """Until the block just mined is deep enough for the oracles to read."""
    import time

    rpc = wallet_of(stack, "app").rpc
    target = rpc.block().number + stack.confirmations + 1
    while rpc.block().number < target:
        time.sleep(0.2)


def audit(
    stack: Stack, view: Mapping[str, Any], cast: Cast, payees: Sequence[str], out: Path, show: Show
) -> int:
    show.chapter(9, "Anyone checks all of it: chain and IPFS in, a verdict per field out")
    outcome.fetch_pinned(view["links"], out)
    outcome.draw_timeline(out, {item.recording: item.offer.title for item in cast.chosen})
    for payee in payees:
        outcome.write_statement(stack.url(ORACLES[0]), payee, out)
    references = cast.chosen[0].offer.path.parent
    code, lines = outcome.run_audit(stack.describe(), out, references)
    rows = [(title[:54], str(good), str(wrong)) for title, good, wrong in outcome.sections(lines)]
    show.table("Verdicts, all of them in audit.txt", ("what", "ok", "wrong"), rows)
    for line in lines:
        if line.startswith(("MISMATCH", "UNREADABLE", "     largest difference")):
            show.line(escape(line.strip()))
    show.line(f"left behind in {out}: " + ", ".join(sorted(path.name for path in out.iterdir())))
    show.console.print(lines[-1], markup=False)
    return code


def play(stack: Stack, offers: Sequence[Offer], out: Path, show: Show) -> int:
    """All chapters after the catalogue; the audit's exit code."""
    registered = register(stack, offers, show)
    cast = choose(registered)
    app = make_app(stack)
    quote, request = order(app, cast, show)
    view = generate(app, quote, request, show)
    upgraded = settled.upgrade(app, view, show)
    settled.dispute(stack, upgraded, show)
    payees = settled.withdraw(stack, cast, show)
    refusals(stack, app, cast, show)
    return audit(stack, view, cast, payees, out, show)
