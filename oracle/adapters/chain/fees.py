"""What a transaction may cost: at first, when it has to be made dearer, and at the very most."""

from __future__ import annotations

from dataclasses import dataclass

GWEI = 10**9


@dataclass(frozen=True)
class Fees:
    """Wei for each gas: the most in all, and the part that goes to whoever makes the block."""

    max_fee: int
    tip: int


@dataclass(frozen=True)
class FeePolicy:
    """How much we are ready to pay.

    Args:
        cap: the most for each gas, wei; beyond it a transaction waits.
        least_tip: what we offer at least, wei; a node may suggest 0.
        bump: factor of a replacement in 1/1,000. Nodes ask for 10 % more in *both* numbers; Anvil
            takes 9 %, so only our own rule keeps this honest.
    """

    cap: int = 500 * GWEI
    least_tip: int = GWEI // 10
    bump: int = 1125

    def first(self, base: int, tip: int) -> Fees | None:
        """Fees for a new transaction: twice the base fee lasts for six full blocks.

        Args:
            base: base fee of the newest block, wei.
            tip: what the node suggests, wei.

        Returns:
            None when even the base fee is beyond the cap.
        """
        if base > self.cap:
            return None
        offered = max(tip, self.least_tip)
        most = min(self.cap, 2 * base + offered)
        return Fees(most, min(offered, most))

    def bumped(self, old: Fees, base: int, tip: int) -> Fees | None:
        """Fees that replace `old`: at least `bump` times both, and what the market asks now.

        Returns:
            None when the replacement would be beyond the cap.
        """
        most, offered = self._raised(old.max_fee), self._raised(old.tip)
        if most > self.cap:
            return None
        market = self.first(base, tip)
        if market is not None:
            most, offered = max(most, market.max_fee), max(offered, market.tip)
        return Fees(most, min(offered, most))

    def _raised(self, wei: int) -> int:
        return -(-wei * self.bump // 1000)
