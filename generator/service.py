"""A node put together from its settings."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping
from pathlib import Path

from generator import embeddings
from generator.jobs import Jobs
from generator.node import Node
from generator.repertoire import ChainRepertoire
from generator.settings import Deployment, Settings
from generator.vault import Vault
from generator.workshop import EngineFactory, Workshop
from oracle.domain.errors import Unavailable

PATIENCE = 60.0
"""Seconds that a node waits for its chain at start."""

_log = logging.getLogger(__name__)


def build(settings: Settings, engines: Mapping[str, EngineFactory]) -> Node:
    """The node of one ledger.

    Args:
        engines: name to factory; uploads are analysed by the first.

    Raises:
        Unavailable: the chain does not answer within a minute.
        Inconsistent: it is another chain than the deployment's.
    """
    repertoire = ChainRepertoire(settings.rpc, settings.deployment)
    ledger = scope(settings.deployment, _genesis(repertoire))
    clap = embeddings.state(settings.checkpoint)
    desk, works = (Workshop(engines, settings.vault / "cache") for _ in range(2))
    usable = settings.checkpoint if clap == embeddings.READY else None
    vault = Vault(settings.vault, ledger, desk, next(iter(engines)), usable)
    return Node(
        engines=tuple(engines),
        payee=settings.payee,
        token=settings.token,
        clap=clap,
        deployment=settings.deployment,
        repertoire=repertoire,
        vault=vault,
        jobs=Jobs(settings.vault / "ledgers" / ledger / "jobs", works, vault),
        desk=desk,
        scratch=_scratch(settings.vault),
        clock=lambda: int(time.time()),
    )


def scope(deployment: Deployment, genesis: str) -> str:
    """Names one ledger on one chain, 32 hex digits.

    Development chains share an id and give the same contract the same address, so the hash of
    their first block is part of the name; recording 1 of yesterday's chain is not today's.
    """
    text = f"{deployment.chain_id} {deployment.ledger} {genesis}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _genesis(repertoire: ChainRepertoire) -> str:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return repertoire.genesis()
        except Unavailable:
            if time.monotonic() > end:
                raise
            _log.warning("the chain does not answer yet; trying again")
            time.sleep(1.0)


def _scratch(vault: Path) -> Path:
    folder = vault / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
