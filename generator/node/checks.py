"""Answers whether a track of another node is what its order gives, from this node's own vault."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from generator.node import screening
from generator.node.allowance import Allowance
from generator.node.orders import Orders
from generator.node.submission import SIGNED
from generator.node.vault import Vault
from generator.sandbox.process import EngineProcess
from generator.sandbox.tasks import as_json
from oracle.domain import canonical, fields
from oracle.domain.check import MOST_TOLD
from oracle.domain.errors import Unavailable
from oracle.domain.ordered import parse_signed

BURST, PER_DAY = 500, 2_500
"""Checks of one oracle. An answer is a name or four values of 17, so a stolen oracle key learns at
most 6 KB a day about the mixes of orders; a master has some 30 MB."""


class Checks:
    """Checks of one node.

    Args:
        engines: names of the engines that this node runs.
        orders: checks the payer's signature.
        vault: holds the references.
        engine_process: composes and renders; not the one of the jobs, so that no check waits for
            a job.
        allowance: what each oracle may ask for.
    """

    def __init__(
        self,
        engines: Collection[str],
        orders: Orders,
        vault: Vault,
        engine_process: EngineProcess,
        allowance: Allowance,
    ) -> None:
        self._engines = engines
        self._orders = orders
        self._vault = vault
        self._engine_process = engine_process
        self._allowance = allowance

    def find(self, caller: str, parts: Mapping[str, Path]) -> Any:
        """What this node finds, as `oracle.domain.check.Check.to_json` writes it.

        Args:
            caller: EIP-55 address of the oracle that asks.
            parts: files that the caller sent: `order` (JSON {request, order, signature}), `trace`,
                `audio` and `records`.

        Raises:
            InvalidInput: a part is malformed, or trace, audio and order do not belong together, or
                the audio copies a recording that the order does not name.
            Unauthorised: the order is not signed by its payer.
            NotFound: the vault does not hold a reference.
            Unavailable: the caller has asked too often, or this node lacks the engine.
        """
        signed = canonical.loads(parts["order"].read_bytes())
        ordered = parse_signed(fields.mapping(signed, "", SIGNED))
        generation = self._orders.require_signed(ordered)
        if ordered.request.engine not in self._engines:
            value = ordered.request.engine
            raise Unavailable("is not an engine of this node", field="request.engine", value=value)
        held = [self._vault.find(reference.recording) for reference in ordered.request.references]
        sources = [self._vault.source(each.recording, each.audio, "references") for each in held]
        self._allowance.take(caller)
        wanted = {
            "request": ordered.request.to_json(),
            "generation": generation,
            "groups": screening.groups(self._vault, [each.recording for each in held]),
            "sources": [as_json(source) for source in sources],
            **{name: str(parts[name]) for name in ("trace", "audio", "records")},
        }
        found = self._engine_process.run("check", wanted)
        if found["steps"] < MOST_TOLD:  # Otherwise it is refused already, also if it is silent.
            screening.require_own(self._vault, parts["audio"], ordered.request.weights())
        return found
