"""After the settlement: an upgrade, a dispute and the withdrawal of the money."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from oracle.adapters.chain import abi, deployment
from oracle.client.app import App
from oracle.client.court import Court
from scripts.demo.selection import Cast
from scripts.stack.chain import give_ether, pass_windows, wallet_of
from scripts.stack.console import Console, DemoFailed, money
from scripts.stack.folder_listing import shown
from scripts.stack.registration import artist_of, paid, payee_address, pin_of
from scripts.stack.roles import OWNER, PAYEE
from scripts.stack.stack import Stack

DAY = 86_400
GROUNDS = b'{"why":"I do not hear my song in it"}'


def upgrade(app: App, view: Mapping[str, Any], console: Console) -> Mapping[str, Any]:
    """Buys commercial use of the track that the app bought for personal use."""
    console.chapter(5, "The app wants to publish the track: it buys the commercial tier")
    quote = app.quote_upgrade(view["id"], "commercial")
    console.line(f"quote: {money(int(quote['price']))} more, the difference between the tiers; the "
                 "oracles check the consent again, and no new track is made")
    done = app.upgrade(view["id"], "commercial", int(quote["price"]), 300)
    if done["stage"] != "settled":
        raise DemoFailed(f"the upgrade ended as {done['stage']}: {done['detail']}")
    if done["links"]["audio"] != view["links"]["audio"] or done["vector"] != view["vector"]:
        raise DemoFailed("the upgrade names another track")
    console.line(f"settled in block {done['block']}: the same track, the same weights")
    return done


def dispute(stack: Stack, upgraded: Mapping[str, Any], console: Console) -> None:
    """Somebody challenges the upgrade, and the arbiter upholds it."""
    console.chapter(6, "Somebody challenges the upgrade, and the arbiter rules")
    give_ether(stack, ["challenger"])
    challenger = court_of(stack, "challenger")
    give_money(stack, "challenger", challenger.bond())
    brought = challenger.settled_by(upgraded["transaction"])
    pin_of(stack)(GROUNDS)
    challenger.challenge(brought, hashlib.sha256(GROUNDS).digest())
    console.line(f"the challenger puts up a bond of {money(challenger.bond())}; the contract "
                 f"freezes the {money(brought.attestation['price'])} of the upgrade")
    court_of(stack, "arbiter").rule(brought, reversed_=False)
    console.line("the arbiter upholds the upgrade: the money is released to the payees, and the "
                 "bond goes to the training pool")


def withdraw(stack: Stack, cast: Cast, console: Console) -> list[str]:
    """Withdraws the money of every chosen recording and shows the balances; the payees."""
    console.chapter(7, "The dispute window ends, and the payees withdraw their money")
    days = pass_windows(stack) // DAY
    console.line(f"the demo moves the clock of its chain {days} days forward; on a real chain the "
                 f"payees wait {days // 2} to {days} days")
    payees = sorted({payee for item in cast.chosen for payee in item.payees})
    before = {payee: balance(stack, payee) for payee in payees}
    for item in cast.chosen:
        artist_of(stack, item.offer.owner).withdraw([item.recording])
    names = names_of(stack, cast)
    rows = [(names.get(payee, payee), money(before[payee]), money(balance(stack, payee)))
            for payee in payees]
    console.table("Token balances on chain", ("payee", "before", "after"), rows)
    return payees


def names_of(stack: Stack, cast: Cast) -> dict[str, str]:
    """Address to the name of its payee as a person wrote it, or to the role of its account."""
    names = {address: role for role, address in stack.accounts.addresses().items()}
    for item in cast.chosen:
        for holder in paid(item.offer):
            if holder.role.startswith(PAYEE):
                names[payee_address(stack, holder)] = holder.payee
            elif holder.role.startswith(OWNER):
                names[payee_address(stack, holder)] = f"the owner of {shown(item.offer.path)}"
    return names


def court_of(stack: Stack, role: str) -> Court:
    """The court, used with the key of a role."""
    found = deployment.load(stack.deployment)
    return Court(wallet_of(stack, role), found)


def give_money(stack: Stack, role: str, amount: int) -> None:
    """Mints test tokens for a role."""
    wallet = wallet_of(stack, role)
    token = abi.contract("TestDollar", deployment.load(stack.deployment).token)
    wallet.transact(token, "mint", wallet.address, amount)


def balance(stack: Stack, holder: str) -> int:
    """The token balance of an address, in smallest units."""
    token = abi.contract("TestDollar", deployment.load(stack.deployment).token)
    return int(wallet_of(stack, "app").ask(token, "balanceOf", holder))
