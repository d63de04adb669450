"""A chain with every event that a ledger, its court and its pool can emit.

One chain serves a whole module of tests. It is correct; each test alters one answer of the chain
and looks for the verdict on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eth_account.messages import encode_typed_data

from scripts.solidity.anvil import local_chain
from scripts.solidity.ledger_fixture import DAY, RULING_TIME, WINDOW, key
from tests.audit.content import trace, vectors, without_edits
from tests.audit.oversight import change_roles, queue
from tests.audit.world import Made, Track, World

HOLDER, TABLE, PENDING = range(3)


class Life(World):
    """The three recordings of a World; 4 and 5 pay through pies, a recoupment and a claim key."""

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(url, folder)
        accounts = self.rig.w3.eth.accounts
        self.label, self.heir, self.leaver, self.fees = accounts[8:12]
        self.challenger, self.found, self.donor = accounts[12:15]
        self.claim, self.deputy = key("claim"), accounts[15]
        self.made: dict[str, Made] = {}
        self._open_court_and_pool()
        self._build_catalogue()
        self._settle_and_dispute()
        self._settle_a_batch()
        self._upgrade_and_change()
        self._pay()
        self._divide_the_pool()
        self._leave_some_open()

    def _send(self, name: str, *arguments: Any, by: str = "") -> None:
        self.rig.send(self.rig.ledger.get_function_by_name(name)(*arguments), by or None)

    def _open_court_and_pool(self) -> None:
        rig = self.rig
        self._send("setReceivers", self.fees, rig.pool.address)
        for who in (self.challenger, self.donor):
            rig.send(rig.token.functions.mint(who, 1_000_000_000))
            for spender in (rig.ledger.address, rig.court.address):
                rig.send(rig.token.functions.approve(spender, 1_000_000_000), who)

    def _build_catalogue(self) -> None:
        """Splits 2 to 4: a table with a claim key, a recoupment over it, pies of it and table 1."""
        splits, rig = self.rig.splits.functions, self.rig
        nobody = "0x" + "00" * 20
        rig.send(splits.createTable([
            (HOLDER, self.mara, 0, 500_000), (PENDING, self.claim.address, 0, 300_001),
            (HOLDER, self.partner, 0, 199_999),
        ]))  # fmt: skip
        rig.send(splits.createRecoupment(2, self.label, 400_000, bytes(32)))
        rig.send(splits.createPies(3, 1, 600_000))
        rig.send(splits.createTable([(HOLDER, self.teo, 0, 1), (TABLE, nobody, 2, 999_999)]))
        audio, metadata = [b"\x04" * 32, b"\x05" * 32], [b"\x14" * 32, b"\x15" * 32]
        terms = {"split": 4, "consentFrom": 0, "consentUntil": 2**32 - 1, "uses": 15,
                 "maxShare": 10_000, "licence": "CC0-1.0"}
        self._send("registerBatch", terms, audio, metadata, "A,B", by=self.teo)
        self._send("setFloors", 3, [1, 20_000, 0, 0], by=self.teo)
        self._send("offer", 5, self.heir, by=self.teo)

    def references(self, recordings: list[int]) -> list[dict[str, Any]]:
        """Recordings 4 and 5 were registered with hashes of no file."""
        rows = super().references(recordings)
        for row in rows:
            if row["recording"] > 3:
                row["audio"] = f"{row['recording']:02x}" * 32
        return rows

    def pooled(self, references: list[dict[str, Any]], asked: list[int], seed: int) -> Track:
        """A track of which the first unit was drawn from no reference."""
        made = without_edits(trace(references, seed, asked))
        made["draws"][0] = 0
        return made, self.samples, vectors(made)

    def settled(self, name: str, *arguments: Any, **changes: Any) -> Made:
        made = self.made[name] = self.make(*arguments, **changes)
        self.rig.send(self.rig.settlement(self.payer, made.order, made.attestation))
        return made

    def receipt(self, made: Made) -> tuple[Any, ...]:
        return made.order, made.attestation, self.quorum(made.struct, made.attestation), []

    def challenge(self, made: Made) -> None:
        call = self.rig.court.functions.challenge(self.receipt(made), b"\x07" * 32)
        self.rig.send(call, self.challenger)

    def rule(self, made: Made, reverse: bool) -> None:
        call = self.rig.court.functions.rule(made.order, made.attestation, self.rig.set, reverse)
        self.rig.send(call, self.rig.arbiter)

    def _settle_and_dispute(self) -> None:
        """One case is reversed, one stands, one lapses; its bond is fetched."""
        self.settled("first", tier="personal")
        self.settled("pool", engine=self.pooled)
        self.settled("split", {4: 400_000, 5: 600_000})
        for name in ("reversed", "stands", "lapses"):
            self.challenge(self.settled(name, {1: 300_000, 3: 300_000, 4: 400_000},
                                        engine=self.pooled))
        self.rule(self.made["reversed"], True)
        self.rule(self.made["stands"], False)
        self.rig.pass_time(RULING_TIME)
        lapses = self.made["lapses"]
        expire = self.rig.court.functions.expire(lapses.order, lapses.attestation, self.rig.set)
        self.rig.send(expire)
        self.rig.send(self.rig.court.functions.withdrawTo(self.found), self.challenger)

    def _settle_a_batch(self) -> None:
        """Two generations, one of which is reversed: its receipt has the hashes of both."""
        rig = self.rig
        made = [self.make({1: 600_000, 2: 400_000}), self.make({4: 1_000_000})]
        self.made |= {"batched": made[0], "contested": made[1]}
        orders, stated = [one.order for one in made], [one.attestation for one in made]
        rig.send(rig.batch([self.payer], orders, stated))
        name = rig.ledger.functions.attestationHash
        hashes = [name(rig.set, one.struct, one.attestation).call() for one in made]
        receipt = (orders[1], stated[1], rig.batch_quorum(orders, stated), hashes)
        rig.send(rig.court.functions.challenge(receipt, b"\x07" * 32), self.challenger)
        self.rule(made[1], True)

    def _upgrade_and_change(self) -> None:
        """A second set, a pause, a narrower consent and one that ended, nodes that come and go."""
        self.made["upgrade"] = self.upgrade(self.made["first"])
        rig = self.rig
        signers = [oracle.address for oracle in rig.oracles[:2]]
        terms = (250, 1_000, rig.now() + 300 * DAY, 10**14)
        propose = rig.ledger.functions.proposeSet(1, signers, terms)
        self.second = bytes(propose.call({"from": rig.admin}))
        rig.send(propose)
        self._send("pause", by=rig.guardian)
        self._send("unpause")
        queue(rig)
        change_roles(rig, self.deputy, self.heir)
        self._send("amend", 2, 0, 2**32 - 1, 5, 8_000, by=self.mara)
        self._send("allowNode", self.label, True)
        self._send("allowNode", self.label, False)
        rig.pass_time(2 * DAY)
        self._send("activateSet", 1, signers)
        self._send("removeSet", self.second, by=rig.guardian)
        self.settled("second", {2: 700_000, 3: 300_000})

    def _pay(self) -> None:
        """Everything that can be withdrawn is, one part of it late; an owner and a payer leave."""
        rig = self.rig
        rig.fund(self.leaver, 7_000_000)
        self._send("requestExit", by=self.leaver)
        self._send("sweep", [self.payer.address])
        rig.pass_time(4 * DAY)
        self._send("exit", by=self.leaver)
        rig.pass_time(2 * WINDOW)
        self._send("withdrawMany", [1, 4, 2])
        self.refused("withdrawMany", [3])
        self._send("withdrawFor", self.teo)
        self._send("accept", 5, 0, by=self.heir)
        self._send("withdrawNode", self.node)
        self._send("withdrawNode", self.fees)
        typed = encode_typed_data(
            {"name": "Refrain Splits", "version": "1", "chainId": 31337,
             "verifyingContract": rig.splits.address},
            {"Claim": [{"name": "holder", "type": "address"}, {"name": "to", "type": "address"}]},
            {"holder": self.claim.address, "to": self.found},
        )  # fmt: skip
        signed = self.claim.sign_message(typed).signature
        rig.send(rig.splits.functions.claim(self.claim.address, self.found, signed))
        self._send("withdrawClaimed", self.claim.address)

    def refused(self, name: str, *arguments: Any) -> None:
        """Does something while the token refuses every transfer."""
        request, place = self.rig.w3.provider.make_request, self.rig.token.address
        whole = "0x" + self.rig.w3.eth.get_code(place).hex()
        request("anvil_setCode", [place, "0x60006000fd"])
        self._send(name, *arguments)
        request("anvil_setCode", [place, whole])

    def _divide_the_pool(self) -> None:
        pool, rig = self.rig.pool.functions, self.rig
        rig.send(pool.open())
        for call in (pool.count(3), pool.count(9), pool.pay(2), pool.pay(9)):
            rig.send(call)
        self._send("reward", [1, 1, 3], 1_001, by=self.donor)

    def _leave_some_open(self) -> None:
        """A claim that counts at once, an open case, money in the window, an offer, an exit."""
        self.settled("third", {4: 500_000, 5: 500_000})
        self.refused("withdrawMany", [1, 3])
        self.rig.pass_time(WINDOW)
        self.settled("late", {3: 300_000, 4: 700_000})
        self._send("offer", 1, self.heir, by=self.mara)
        self._send("revoke", 2, by=self.mara)
        self.challenge(self.settled("open", {1: 500_000, 4: 500_000}))


@contextmanager
def life(folder: Path) -> Iterator[Life]:
    with local_chain() as chain:
        yield Life(chain.url, folder)
