"""Checks of the ledger: every movement of money, every balance and their sum."""

from __future__ import annotations

from dataclasses import replace

from eth_utils import to_bytes

from .books import Books, same_view

ACCOUNT = ("accounts(address)", "uint256,uint256,uint256,uint256")
RECORDING = ("recordings(uint32)",
             "address,uint32,uint32,uint32,uint8,uint16,uint8,uint256,uint256")


def check_money(books: Books, token: str) -> None:
    """Checks each movement, then every balance, then that the token covers the sum."""
    report, money = books.report, books.money
    for found in money.findings:
        report.holds(found.name, found.good, found.said, found.due, "chain", found.finder)
    check_purses(books)
    for number in sorted({0, *books.history.recordings}):
        check_recording(books, number)
    check_nodes(books)
    with report.reading("token balance"):
        held = books.chain.view(token, "balanceOf(address)", "uint256", books.ledger)
        owed = sum(money.purses.values())
        owed += sum(one.matured + one.prev + one.cur for one in money.buckets.values())
        report.holds("token balance", held >= owed, held, f"at least {owed}", "chain")


def check_purses(books: Books) -> None:
    """Money outside the dispute window: accounts of payers, parked, accrued and frozen amounts."""
    purses = books.money.purses
    pockets = ("escrow", "protocol fees of", "pool of")
    for payer in sorted({whose for kind, whose in purses if kind in pockets}):
        with books.report.reading(f"account {payer}"):
            said = books.chain.view(books.ledger, *ACCOUNT, payer)
            for pocket, amount in zip(pockets, said, strict=False):
                books.report.equal(f"{pocket} {payer}", amount, purses[pocket, payer])
    for (kind, whose), amount in sorted(purses.items()):
        if kind in ("parked for", "accrued for"):
            call = f"{kind.split()[0]}(address)"
            same_view(books, f"{kind} {whose}", call, "uint256", amount, whose)
        elif kind == "frozen":
            same_view(books, f"{kind} {whose}", "frozen(bytes32)", "uint256", amount,
                      to_bytes(hexstr=whose))


def check_recording(books: Books, number: int) -> None:
    """The owner, consent and money of a recording now. Recording 0 is the training pool."""
    report, chain, now = books.report, books.chain, (books.chain.head + 1, 0)
    with report.reading(f"recording {number}"):
        said = chain.view(books.ledger, *RECORDING, number)
        if number:
            versions = books.history.consents(number, now)
            known, count = versions[-1], (len(versions) - 1) % 256
            rebuilt = [known.since, known.until, known.uses, known.share, count]
            report.equal(f"recording {number} consent", said[2:7], rebuilt)
        if books.history.owners[number]:
            owner = list(books.history.holder(number, now))
            report.equal(f"recording {number} owner", said[:2], owner)
        bucket = books.money.buckets["recording", number].roll(books.money.epoch(chain.now))
        report.equal(f"recording {number} unclaimed", said[7], bucket.matured)
        report.equal(f"recording {number} disputable", said[8], bucket.prev + bucket.cur)


def check_nodes(books: Books) -> None:
    """What each node has earned and settled; the receiver of the protocol fees has those too."""
    money, epoch = books.money, books.money.epoch(books.chain.now)
    nodes = {whose for kind, whose in money.buckets if kind == "node"}
    for node in sorted(nodes | ({money.receiver} - {""})):
        bucket = replace(money.buckets["node", node].roll(epoch))
        if node == money.receiver:
            fees = money.buckets["fees", ""].roll(epoch)
            bucket.matured, bucket.cur = bucket.matured + fees.matured, bucket.cur + fees.cur
            bucket.prev += fees.prev
        for name, call, amount in (("balance", "nodeBalance", bucket.matured),
                                   ("disputable", "nodeDisputable", bucket.prev + bucket.cur),
                                   ("spent", "nodeSpent", bucket.spent)):
            same_view(books, f"node {node} {name}", f"{call}(address)", "uint256", amount, node)
