"""The rest of the reference ledger: settlements, disputes, sets, and the pause."""

from __future__ import annotations

from tests.model.reference_ledger import MOST_FEES, SET_DELAY, UNAUTHORISED, ReferenceLedger
from tests.model.reference_parts import (
    BPS,
    Bucket,
    Node,
    OracleSet,
    Recording,
    Settlement,
    check,
    divide,
)

MOST_PRICE = 2**48 - 1


class Settling(ReferenceLedger):
    """The ledger without its views."""

    # Settlements.

    def settle(self, now: int, sender: str, given: Settlement) -> None:
        refused = given.shape_refusals() + given.time_refusals(now, self.fixed.lag)
        refused += self._set_refusals(now, given) + self._consent_refusals(given)
        refused += self._node_refusals(now, given)
        account = self.accounts[given.payer]
        short = (account.escrow < given.price, "Escrow_Short")
        check(*refused, *account.nonce_refusals(given.nonce), short)

        fee, parts = self._divide(given)
        account.used.add(given.nonce)
        account.escrow -= given.price
        account.fees += fee
        account.pool += parts.pop(0, 0)
        self._credit(given, parts, now)

    def _credit(self, given: Settlement, parts: dict[int, int], now: int) -> None:
        epoch = self.epoch(now)
        for number, part in parts.items():
            self.recordings[number].bucket.credit(part, epoch)
        node = self.nodes[given.node]
        node.bucket.credit(given.node_fee, epoch)
        node.spent[epoch] = node.spent.get(epoch, 0) + given.price

    def _divide(self, given: Settlement) -> tuple[int, dict[int, int]]:
        """The protocol's fee and the amount of each recording."""
        fee = given.price * (self.sets[given.set].fee if given.set in self.sets else 0) // BPS
        parts = divide(given.entries, given.price - given.node_fee - fee)
        return fee, {int(str(number)): part for number, part in parts}

    def _set_refusals(self, now: int, given: Settlement) -> list[tuple[bool, str]]:
        terms = self.sets.get(given.set)
        active = terms is not None and terms.state == "active"
        refused = [
            (not active, "OracleSet_NotActive"),
            (active and self.paused, "Roles_Paused"),
            (not given.signed, "Settlement_OrderNotSigned"),
            (given.signatures < self.fixed.thresholds[given.set], "Settlement_TooFewSignatures"),
            (given.price > given.max_price, "Settlement_PriceAboveMax"),
            (given.price > MOST_PRICE, "Settlement_PriceTooLarge"),
        ]
        if terms is None:
            return refused
        most = given.price * terms.node_cap // BPS
        over = (now >= terms.until, "OracleSet_Expired")
        return [*refused, over, (given.node_fee > most, "Settlement_NodeFeeAboveCap")]

    def _consent_refusals(self, given: Settlement) -> list[tuple[bool, str]]:
        unknown = Recording(Bucket(self.WAIT))
        found: list[tuple[bool, str]] = []
        for number, weight in given.entries:
            if number != 0:
                recording = self.recordings.get(number, unknown)
                found += recording.refusals(given.made, given.use, weight)
        return found

    def _node_refusals(self, now: int, given: Settlement) -> list[tuple[bool, str]]:
        node = self.nodes.get(given.node)
        spent = node.spent.get(self.epoch(now), 0) if node else 0
        terms = self.sets.get(given.set)
        over = terms is not None and spent + given.price > terms.cap
        return [
            (node is None or not node.allowed, "Nodes_NotAllowed"),
            (over, "Nodes_CapReached"),
        ]

    # Disputes.

    def freeze(self, now: int, sender: str, given: Settlement) -> None:
        check(
            (sender != self.fixed.court, UNAUTHORISED),
            (now >= given.made + self.fixed.window, "Disputes_WindowOver"),
            (not self.accounts[given.payer].gone(given.nonce), "Disputes_NotSettled"),
            (given.price == 0, "Disputes_NothingToFreeze"),
            (given in self.frozen, "Disputes_FrozenBefore"),
            *given.shape_refusals(),
        )
        self._sweep(now, given.payer)
        wanted = self._wanted(given)
        epoch = self.epoch(now)
        check(*((bucket.disputable(epoch) < part, name) for bucket, part, name in wanted))
        for bucket, part, _ in wanted:
            bucket.debit(part, epoch)
        self.frozen[given] = given.price

    def release(self, now: int, sender: str, given: Settlement, back: bool) -> None:
        held = self.frozen.get(given, 0)
        check((sender != self.fixed.court, UNAUTHORISED), (held == 0, "Disputes_NotFrozen"))
        # The mark stays, so an attestation is disputed at most once.
        self.frozen[given] = 0
        if back:
            self.accounts[given.payer].escrow += held
            return
        for bucket, part, _ in self._wanted(given):
            bucket.credit_at_once(part, self.epoch(now))

    def _wanted(self, given: Settlement) -> list[tuple[Bucket, int, str]]:
        """Where a settlement's money is, the amount, and the error when it is missing."""
        fee, parts = self._divide(given)
        none = Recording(Bucket(self.WAIT))
        node = self.nodes.get(given.node, Node(Bucket(self.WAIT)))
        found = [
            (self.recordings.get(number, none).bucket, part, "Disputes_NotHeld")
            for number, part in parts.items()
        ]
        found.append((node.bucket, given.node_fee, "Disputes_FeeNotHeld"))
        return [*found, (self.fees, fee, "Disputes_FeeNotHeld")]

    # Roles.

    def allow_node(self, now: int, sender: str, node: str, allowed: bool) -> None:
        check((sender != self.fixed.admin, UNAUTHORISED))
        self.nodes.setdefault(node, Node(Bucket(self.WAIT))).allowed = allowed

    def pause(self, now: int, sender: str) -> None:
        check((sender != self.fixed.guardian, UNAUTHORISED))
        self.paused = True

    def unpause(self, now: int, sender: str) -> None:
        check((sender != self.fixed.admin, UNAUTHORISED))
        self.paused = False

    def propose_set(
        self, now: int, sender: str, name: int, fee: int, node_cap: int, until: int, cap: int
    ) -> None:
        before = self.sets.get(name)
        check(
            (sender != self.fixed.admin, UNAUTHORISED),
            (fee + node_cap > MOST_FEES, "OracleSet_FeesTooHigh"),
            (until <= now + SET_DELAY, "OracleSet_AlreadyOver"),
            (before is not None and before.state != "removed", "OracleSet_AlreadyKnown"),
            (before is not None and before.used and before.fee != fee, "OracleSet_FeeChanged"),
        )
        used = before is not None and before.used
        start = now + SET_DELAY
        self.sets[name] = OracleSet(fee, node_cap, until, start, cap, used=used)

    def activate_set(self, now: int, sender: str, name: int) -> None:
        found = self.sets.get(name)
        proposed = found is not None and found.state == "proposed"
        early = found is not None and now < found.active_from
        check((not proposed, "OracleSet_NotProposed"), (early, "OracleSet_TooEarly"))
        assert found is not None
        found.state, found.used = "active", True

    def remove_set(self, now: int, sender: str, name: int) -> None:
        found = self.sets.get(name)
        known = found is not None and found.state != "removed"
        check((sender != self.fixed.guardian, UNAUTHORISED), (not known, "OracleSet_Unknown"))
        assert found is not None
        found.state = "removed"

    def block_(self, now: int, sender: str, who: str, manner: int) -> None:
        """Adds to the token's block list; refused transfers are parked."""
        (self.blocked.add if manner else self.blocked.discard)(who)
