"""Checks of what is stored for everything that the events know, also where no event says more.

A view that answers something else than the events say shows that an event was kept back.
"""

from __future__ import annotations

from eth_utils import to_bytes

from .books import Books, same_view
from .events import NOBODY


def check_known(books: Books) -> None:
    """Asks the ledger about every account, recording and settlement that an event names."""
    check_accounts(books)
    check_recordings(books)
    if books.history.named["ExitRequested"]:
        check_exits(books)
    same_view(books, "protocol receiver", "protocolReceiver()", "address",
              books.money.receiver or NOBODY)
    receivers = books.history.named["ReceiversSet"]
    same_view(books, "pool receiver", "poolReceiver()", "address",
              receivers[-1].args["pool"] if receivers else NOBODY)
    for _, calls in list(books.calls.values()):
        for call in calls:
            name = "0x" + call.struct.hex()
            same_view(books, f"frozen {name}", "frozen(bytes32)", "uint256",
                      books.money.purses.get(("frozen", name), 0), to_bytes(hexstr=name))


def check_accounts(books: Books) -> None:
    """Waiting money, permission to make tracks and an announced exit, of every account."""
    money, history = books.money, books.history
    allowed = {log.args["node"]: log.args["allowed"] for log in history.named["NodeAllowed"]}
    for who in books.everybody:
        for kind in ("parked", "accrued"):
            same_view(books, f"{kind} of {who}", f"{kind}(address)", "uint256",
                      money.purses.get((f"{kind} for", who), 0), who)
        same_view(books, f"allowed {who}", "isNodeAllowed(address)", "bool",
                  allowed.get(who, False), who)
        since, until = money.exits.get(who, (0, 0))
        same_view(books, f"exit of {who}", "exitTime(address)", "uint256",
                  since if books.chain.now < until else 0, who)
        same_view(books, f"claim of {who}", "claimedBy(address)", "address",
                  money.splits.claimed.get(who, NOBODY), who, of=books.splits)


def check_exits(books: Books) -> None:
    """Every exit was announced for the period that the ledger's constants give."""
    delay, period = (books.chain.view(books.ledger, f"{name}()", "uint256")
                     for name in ("EXIT_DELAY", "EXIT_WINDOW"))
    for log in books.history.named["ExitRequested"]:
        begins = books.history.time(log.block) + delay
        books.report.equal(f"exit of {log.args['payer']} announced in {log.transaction[:10]}..",
                           [log.args["from"], log.args["until"]], [begins, begins + period])


def check_recordings(books: Books) -> None:
    """Floors that nobody set, an open offer, and every consent before the last two."""
    history, now = books.history, (books.chain.head + 1, 0)
    for number in history.recordings:
        if not history.last("FloorsSet", now, recording=number):
            same_view(books, f"recording {number} floors", "floors(uint32)", "uint64[4]", [0] * 4,
                      number)
        offer = books.money.offers.get(number, NOBODY)
        if offer != history.holder(number, now)[0]:  # one's own offer may be taken without a trace
            same_view(books, f"recording {number} offered", "offeredTo(uint32)", "address", offer,
                      number)
        versions = history.consents(number, now)
        for place in range(max(0, len(versions) - 256), len(versions) - 2):
            same_view(books, f"recording {number} consent {place}", "pastConsent(uint32,uint8)",
                      "uint256", versions[place].word, number, place % 256)
