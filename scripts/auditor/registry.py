"""Checks of the ledger: recordings, nodes, sets of oracles and splits."""

from __future__ import annotations

from eth_utils import to_bytes

from .books import Books, same_view
from .history import SET_DELAY
from .typed_data import set_id


def check_registry(books: Books) -> None:
    """Recordings, nodes, sets and the pause by the events must be those of the ledger's views."""
    history, now = books.history, (books.chain.head + 1, 0)
    same_view(books, "recordings", "recordingCount()", "uint256", len(history.recordings))
    for number in history.recordings:
        versions = history.consents(number, now)
        if len(versions) > 1:
            past = len(versions) - 2
            same_view(books, f"recording {number} consent before", "pastConsent(uint32,uint8)",
                      "uint256", versions[past].word, number, past % 256)
        if history.last("FloorsSet", now, recording=number):
            same_view(books, f"recording {number} floors", "floors(uint32)", "uint64[4]",
                      history.floors(number, now), number)
    for node, log in {log.args["node"]: log for log in history.named["NodeAllowed"]}.items():
        same_view(books, f"node {node} allowed", "isNodeAllowed(address)", "bool",
                  log.args["allowed"], node)
    for name, terms in history.sets().items():
        same_view(books, f"set {name}", "sets(bytes32)",
                  "bool,bool,uint16,uint16,uint40,uint40,uint64", terms, to_bytes(hexstr=name))
    for log in history.named["Amended"]:
        number = log.args["recording"]
        count = len(history.consents(number, (log.block, log.index + 1))) - 1  # those before it
        books.report.equal(f"recording {number} version in {log.transaction[:10]}..",
                           log.args["version"], (count - 1) % 256)
    same_view(books, "paused", "paused()", "bool", books.money.paused)


def check_sets(books: Books) -> None:
    """A set is named by its signers; every set but the first waits between proposal and use."""
    history, report = books.history, books.report
    for log in history.named["SetProposed"]:
        report.equal(f"set {log.args['set']} proposed signers", log.args["set"],
                     set_id(log.args["threshold"], log.args["signers"]))
    for count, log in enumerate(history.named["SetActivated"]):
        name = log.args["set"]
        found = set_id(log.args["threshold"], log.args["signers"])
        report.equal(f"set {name} signers", name, found)
        proposed = history.last("SetProposed", log.place, set=name)
        if count == 0 and proposed is None:
            continue
        said = [log.args["signers"], log.args["terms"]]
        due = [proposed.args["signers"], proposed.args["terms"]] if proposed else "never proposed"
        report.equal(f"set {name} proposed", said, due)
        waited = history.time(log.block) - history.time(proposed.block) if proposed else 0
        report.holds(f"set {name} waited", waited >= SET_DELAY, waited, f"at least {SET_DELAY}")


SPLIT_VIEWS = {
    "SplitCreated": ("table(uint32)", "address[],uint32[]"),
    "TableCreated": ("rows(uint32)", "(uint8,address,uint32,uint32)[]"),
    "PiesCreated": ("pies(uint32)", "uint32,uint32,uint32"),
    "RecoupmentCreated": ("recoupment(uint32)", "uint32,address,uint128,bytes32"),
}


def check_splits(books: Books) -> None:
    """Every split, the state of each recoupment, and every claim."""
    splits, place = books.money.splits, books.splits
    same_view(books, "splits", "count()", "uint256", len(splits.created), of=place)
    for number, log in splits.created.items():
        made = [log.args[key] for key in log.args if key != "split"]
        if log.name == "TableCreated":
            made = [list(row) for row in zip(*made, strict=True)]
        same_view(books, f"split {number}", *SPLIT_VIEWS[log.name], made, number, of=place)
        if log.name == "RecoupmentCreated":
            same_view(books, f"split {number} recouped", "recouped(address,uint32)", "uint256",
                      splits.recouped[number], books.ledger, number, of=place)
    for holder, to in splits.claimed.items():
        same_view(books, f"claim of {holder}", "claimedBy(address)", "address", to, holder,
                  of=place)
