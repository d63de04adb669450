"""What becomes of a settled generation: it is upgraded, disputed, and in the end paid out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from oracle.adapters.chain import deployment
from oracle.adapters.chain.artifacts import Artifacts
from scripts.app import App
from scripts.compile import ARTIFACTS
from scripts.court import Court
from scripts.demo.choice import Cast
from scripts.demo.show import DemoFailed, Show, money
from scripts.registration import artist_of, pin_of
from scripts.stack import Stack
from scripts.stack_chain import give_ether, pass_windows, wallet_of

DAY = 86_400
GROUNDS = b'{"why":"I do not hear my song in it"}'


def upgrade(app: App, view: Mapping[str, Any], show: Show) -> Mapping[str, Any]:
    """The track that was bought for personal use is bought for commercial use too."""
    show.chapter(5, "The app wants to publish it: an upgrade to the commercial tier")
    quote = app.quote_upgrade(view["id"], "commercial")
    show.line(f"quote: {money(int(quote['price']))} more, the difference of the tiers; "
              "consent is asked anew, the track is not made again")
    done = app.upgrade(view["id"], "commercial", int(quote["price"]), 300)
    if done["stage"] != "settled":
        raise DemoFailed(f"the upgrade ended as {done['stage']}: {done['detail']}")
    if done["links"]["audio"] != view["links"]["audio"] or done["vector"] != view["vector"]:
        raise DemoFailed("the upgrade is of another track")
    show.line(f"settled in block {done['block']}, the same track and the same vector")
    return done


def dispute(stack: Stack, upgraded: Mapping[str, Any], show: Show) -> None:
    """Somebody challenges the upgrade; it is looked at, and stands."""
    show.chapter(6, "Somebody challenges the upgrade, and the arbiter rules")
    give_ether(stack, ["challenger"])
    challenger = court_of(stack, "challenger")
    give_money(stack, "challenger", challenger.bond())
    brought = challenger.settled_by(upgraded["transaction"])
    pin_of(stack)(GROUNDS)
    challenger.challenge(brought, hashlib.sha256(GROUNDS).digest())
    show.line(f"{money(brought.attestation['price'])} are frozen, by a bond of "
              f"{money(challenger.bond())} and what was signed, read from the transaction")
    court_of(stack, "arbiter").rule(brought, reversed_=False)
    show.line("the arbiter lets it stand: the money is the payees' again, the bond the pool's")


def withdraw(stack: Stack, cast: Cast, show: Show) -> list[str]:
    """Pays every chosen recording out; returns the payees, whose balances are shown."""
    show.chapter(7, "The window of dispute is over: payees withdraw")
    days = pass_windows(stack) // DAY
    show.line(f"this chain's clock goes {days} days ahead; elsewhere one waits 7 to {days}")
    payees = sorted({payee for item in cast.chosen for payee in item.payees})
    before = {payee: balance(stack, payee) for payee in payees}
    for item in cast.chosen:
        artist_of(stack, item.offer.owner).withdraw([item.recording])
    names = {address: role for role, address in stack.accounts.addresses().items()}
    rows = [(names.get(payee, payee), money(before[payee]), money(balance(stack, payee)))
            for payee in payees]
    show.table("Balances of the token on chain", ("payee", "before", "after"), rows)
    return payees


def court_of(stack: Stack, role: str) -> Court:
    """The court as the key of a role uses it."""
    found = deployment.load(stack.deployment)
    return Court(wallet_of(stack, role), found, Artifacts(ARTIFACTS))


def give_money(stack: Stack, role: str, amount: int) -> None:
    """Test money for a role."""
    wallet = wallet_of(stack, role)
    token = Artifacts(ARTIFACTS).contract("TestDollar", deployment.load(stack.deployment).token)
    wallet.transact(token, "mint", wallet.address, amount)


def balance(stack: Stack, holder: str) -> int:
    """What an address holds of the token, smallest units."""
    token = Artifacts(ARTIFACTS).contract("TestDollar", deployment.load(stack.deployment).token)
    return int(wallet_of(stack, "app").ask(token, "balanceOf", holder))
