"""Answers whether a trace renders to given audio, from this node's own vault."""

from __future__ import annotations

from pathlib import Path

from generator.node import screening
from generator.node.allowance import Allowance
from generator.node.orders import Orders
from generator.node.submission import SIGNED
from generator.node.vault import Vault
from generator.sandbox.process import EngineProcess
from generator.sandbox.tasks import as_json
from oracle.domain import canonical, fields
from oracle.domain.ordered import parse_signed

BURST, PER_DAY = 1_000, 10_000
"""Replays of one oracle. With answers of 17 values a stolen oracle key learns at most 5 KB a day
about recordings that it guesses; a master has some 30 MB."""


class Replays:
    """Replays of one node.

    Args:
        orders: checks the payer's signature.
        vault: holds the references.
        engine_process: renders; not the one of the jobs, so that no replay waits for a job.
        allowance: what each oracle may ask for.
    """

    def __init__(
        self, orders: Orders, vault: Vault, engine_process: EngineProcess, allowance: Allowance
    ) -> None:
        self._orders = orders
        self._vault = vault
        self._engine_process = engine_process
        self._allowance = allowance

    def difference(self, caller: str, order: bytes, trace: Path, audio: Path) -> int:
        """The largest difference in steps of the last bit; `MOST_TOLD` stands for all above.

        Args:
            caller: EIP-55 address of the oracle that asks.
            order: JSON {request, order, signature}.
            trace, audio: files that the caller sent.

        Raises:
            InvalidInput: a part is malformed, or trace, audio and order do not belong together, or
                the audio copies a recording that the order does not name.
            Unauthorised: the order is not signed by its payer.
            NotFound: the vault does not hold a reference.
            Unavailable: the caller has asked too often.
        """
        ordered = parse_signed(fields.mapping(canonical.loads(order), "", SIGNED))
        generation = self._orders.require_signed(ordered)
        held = [self._vault.find(reference.recording) for reference in ordered.request.references]
        sources = [self._vault.source(each.recording, each.audio, "references") for each in held]
        self._allowance.take(caller)
        wanted = {
            "request": ordered.request.to_json(),
            "generation": generation,
            "trace": str(trace),
            "audio": str(audio),
            "sources": [as_json(source) for source in sources],
            "seconds": [each.seconds for each in held],
        }
        found = int(self._engine_process.run("replay", wanted))
        screening.require_own(self._vault, audio, ordered.request.weights())
        return found
