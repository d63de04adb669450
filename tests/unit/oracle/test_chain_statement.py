"""Statements from the chain: which events give rows to a payee."""

from __future__ import annotations

from oracle.adapters.chain.event_scan import Event
from oracle.adapters.chain.statement import statement

ADA, BEN, CY, KEY = ("0x" + digit * 40 for digit in "abcd")
NOBODY = "0x" + "0" * 40
ORDER, MANIFEST = b"\x01" * 32, b"\x03" * 32


def events(*told, block=9):
    """These events in one block, in this order."""
    return [Event(block, at, "0x02", name, args) for at, (name, args) in enumerate(told)]


def registered(first, owner, split=0, count=1):
    return "Registered", {"first": first, "owner": owner, "split": split, "audio": [b""] * count}


def table(split, **shares):
    named = {"ada": ADA, "ben": BEN, "cy": CY, "key": KEY}
    payees = [named[name] for name in shares]
    return "SplitCreated", {"split": split, "payees": payees, "shares": list(shares.values())}


def settled(amounts, order=ORDER):
    return "Settled", {
        "order": order, "manifest": MANIFEST, "price": 10,
        "recordings": list(amounts), "amounts": list(amounts.values()),
    }  # fmt: skip


def rows(payee, *told):
    found = statement(payee, events(*told))
    return [(row.kind, row.recording, row.share, row.amount) for row in found]


def test_credits_of_a_batch_go_to_the_owners():
    assert rows(ADA, registered(4, ADA, count=2), settled({4: 1, 5: 2, 6: 3})) == [
        ("credited", 4, 1_000_000, 1), ("credited", 5, 1_000_000, 2),
    ]  # fmt: skip


def test_a_table_replaces_the_owner():
    told = (table(5, ben=600_000, cy=400_000), registered(2, ADA, 5), settled({2: 7}))
    assert rows(ADA, *told) == []
    assert rows(BEN, *told) == [("credited", 2, 600_000, 7)]
    assert rows(CY, *told) == [("credited", 2, 400_000, 7)]


def test_a_table_without_its_event_gives_no_rows():
    assert rows(ADA, registered(2, ADA, 9), settled({2: 7})) == []


def test_the_training_pool_gives_no_rows():
    assert rows(ADA, registered(1, ADA), settled({0: 4, 1: 6})) == [("credited", 1, 1_000_000, 6)]


def test_a_credit_names_its_order_and_manifest():
    (row,) = statement(ADA, events(registered(1, ADA), settled({1: 0})))
    assert row.order == "0x" + ORDER.hex() and row.manifest == "0x" + MANIFEST.hex()
    assert (row.block, row.log_index, row.transaction, row.amount) == (9, 1, "0x02", 0)


def test_a_credit_goes_to_the_owner_at_that_time():
    assigned = ("Assigned", {"recording": 1, "owner": BEN, "split": 0})
    told = (registered(1, ADA), settled({1: 5}), assigned, settled({1: 6}))
    assert rows(ADA, *told) == [("credited", 1, 1_000_000, 5)]
    assert rows(BEN, *told) == [("credited", 1, 1_000_000, 6)]


def test_a_payee_of_a_nested_split_has_no_share_of_its_own():
    outer = {
        "split": 6, "kinds": [1, 0], "payees": [NOBODY, ADA], "tables": [5, 0],
        "shares": [300_000, 700_000],
    }  # fmt: skip
    pies = ("PiesCreated", {"split": 7, "master": 6, "publishing": 5, "masterShare": 800_000})
    deal = ("RecoupmentCreated", {"split": 8, "table": 5, "recipient": ADA})
    tables = (table(5, ben=1_000_000), ("TableCreated", outer), pies, deal)
    for split in (6, 7, 8):
        told = (*tables, registered(1, CY, split), settled({1: 5}))
        assert rows(ADA, *told) == rows(BEN, *told) == [("credited", 1, None, 5)]
        assert rows(CY, *told) == rows(NOBODY, *told) == []


def test_a_claimed_key_is_replaced_by_its_claimant():
    claim = ("Claimed", {"holder": KEY, "to": ADA})
    told = (
        table(5, ada=250_000, key=750_000), registered(1, BEN, 5), settled({1: 5}), claim,
        settled({1: 6}),
    )  # fmt: skip
    assert rows(KEY, *told) == [("credited", 1, 750_000, 5)]
    assert rows(ADA, *told) == [("credited", 1, 250_000, 5), ("credited", 1, 1_000_000, 6)]


def test_a_dispute_freezes_and_releases_the_credits():
    frozen = ("Frozen", {"order": ORDER, "amount": 9})
    back, lost = (("Released", {"order": ORDER, "reversed": r}) for r in (False, True))
    for end, kind in ((back, "released"), (lost, "reversed")):
        found = rows(ADA, registered(1, ADA), settled({1: 5, 2: 3}), frozen, end)
        assert [row[0] for row in found] == ["credited", "frozen", kind]
        assert {row[1:] for row in found} == {(1, 1_000_000, 5)}


def test_a_reward_has_a_row_for_each_listed_recording():
    reward = ("Rewarded", {"recordings": [2, 1, 1], "each": 4})
    assert rows(ADA, registered(1, ADA), reward) == [("rewarded", 1, 1_000_000, 4)] * 2


def test_withdrawn_and_parked_money_has_rows():
    many = {"payee": ADA, "recordings": [1, 2], "amounts": [5, 6]}
    told = (
        ("Withdrawn", {"recording": 3, "payee": ADA, "amount": 4}),
        ("Withdrawn", {"recording": 3, "payee": BEN, "amount": 9}),
        ("WithdrawnMany", many), ("Parked", {"payee": ADA, "amount": 11}),
        ("ParkedWithdrawn", {"payee": ADA, "to": CY, "amount": 11}),
    )  # fmt: skip
    assert rows(ADA, *told) == [
        ("withdrawn", 3, None, 4), ("withdrawn", 1, None, 5), ("withdrawn", 2, None, 6),
        ("parked", None, None, 11), ("collected", None, None, 11),
    ]  # fmt: skip
    assert statement(ADA, events(*told))[-1].to == CY
    assert rows(CY, *told) == []


def test_accrued_and_collected_money_of_a_key_has_rows():
    told = (
        ("Withdrawn", {"recording": 3, "payee": KEY, "amount": 4}),
        ("Accrued", {"holder": KEY, "amount": 4}), ("Claimed", {"holder": KEY, "to": ADA}),
        ("ClaimedWithdrawn", {"holder": KEY, "to": ADA, "amount": 4}),
    )  # fmt: skip
    assert rows(KEY, *told) == [
        ("withdrawn", 3, None, 4), ("accrued", None, None, 4), ("collected", None, None, 4),
    ]  # fmt: skip
    assert statement(KEY, events(*told))[-1].to == ADA
