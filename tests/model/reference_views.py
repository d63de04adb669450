"""The whole reference ledger: its views, with results in the contracts' form."""

from __future__ import annotations

from tests.model.reference_parts import Bucket, Consent, Recording, Settlement
from tests.model.reference_settlement import Settling

NOBODY = "0x" + "0" * 40
LEDGER = "ledger"


class WholeReference(Settling):
    """A method for each view of the ledger, with the view's name."""

    def view(self, now: int, name: str, *asked: object) -> object:
        """The result of the ledger's view `name`."""
        return getattr(self, f"see_{name}")(now, *asked)

    def see_accounts(self, now: int, payer: str) -> object:
        account = self.accounts[payer]
        return account.escrow, account.fees, account.pool, account.next_nonce

    def see_exitTime(self, now: int, payer: str) -> object:
        return self.exit_time(now, payer)

    def see_isNonceUsed(self, now: int, payer: str, nonce: int) -> object:
        return self.accounts[payer].gone(nonce)

    def see_recordings(self, now: int, number: int) -> object:
        found = self.recordings.get(number, Recording(Bucket(self.WAIT)))
        last = found.consents[-1] if found.consents else Consent(0, 0, 0, 0)
        version = max(len(found.consents) - 1, 0)
        terms = (last.begins, last.ends, last.uses, last.share, version)
        money = (found.bucket.due(self.epoch(now)), found.bucket.disputable(self.epoch(now)))
        return (found.owner or NOBODY, found.split, *terms, *money)

    def see_nodeBalance(self, now: int, node: str) -> object:
        return sum(bucket.due(self.epoch(now)) for bucket in self.node_buckets(node))

    def see_nodeDisputable(self, now: int, node: str) -> object:
        return sum(bucket.disputable(self.epoch(now)) for bucket in self.node_buckets(node))

    def see_nodeSpent(self, now: int, node: str) -> object:
        return self.nodes[node].spent.get(self.epoch(now), 0) if node in self.nodes else 0

    def see_isNodeAllowed(self, now: int, node: str) -> object:
        return node in self.nodes and self.nodes[node].allowed

    def see_parked(self, now: int, payee: str) -> object:
        return self.parked[payee]

    def see_frozen(self, now: int, given: Settlement) -> object:
        return self.frozen.get(given, 0)

    def see_paused(self, now: int) -> object:
        return self.paused

    def see_sets(self, now: int, name: int) -> object:
        found = self.sets.get(name)
        if found is None:
            return (False, False, 0, 0, 0, 0, 0)
        active = found.state == "active"
        terms = (found.fee, found.node_cap, found.until, found.active_from, found.cap)
        return (active, found.used, *terms)

    def see_balanceOf(self, now: int, who: str) -> object:
        return self.held if who == LEDGER else self.balances[who]
