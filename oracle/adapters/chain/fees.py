"""Gas fees: of a new transaction, of a replacement, and the cap."""

from __future__ import annotations

from dataclasses import dataclass

GWEI = 10**9


@dataclass(frozen=True)
class Fees:
    """Wei for each gas: the largest total, and the tip for the block's producer."""

    max_fee: int
    tip: int


@dataclass(frozen=True)
class FeePolicy:
    """Limits of gas fees.

    Args:
        cap: largest total fee for each gas, wei; above it a transaction waits.
        least_tip: smallest tip, wei; a node may suggest 0.
        bump: factor of a replacement in 1/1,000. Nodes require 10 % more in *both* numbers; Anvil
            accepts 9 %, so tests on Anvil do not check this rule.
    """

    cap: int = 500 * GWEI
    least_tip: int = GWEI // 10
    bump: int = 1125

    def first(self, base: int, tip: int) -> Fees | None:
        """Fees for a new transaction: twice the base fee lasts for six full blocks.

        Args:
            base: base fee of the newest block, wei.
            tip: the tip that the node suggests, wei.

        Returns:
            None when the base fee alone is above the cap.
        """
        if base > self.cap:
            return None
        offered = max(tip, self.least_tip)
        most = min(self.cap, 2 * base + offered)
        return Fees(most, min(offered, most))

    def bumped(self, old: Fees, base: int, tip: int) -> Fees | None:
        """Fees that replace `old`: at least `bump` times both, and at least `first` of now.

        Returns:
            None when the replacement would be above the cap.
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
