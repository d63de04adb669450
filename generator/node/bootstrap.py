"""Builds a node from its settings."""

from __future__ import annotations

import hashlib
import logging
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from generator import embeddings
from generator.node.allowance import Allowance
from generator.node.chain_registry import ChainRegistry
from generator.node.checks import BURST, PER_DAY, Checks
from generator.node.job_queue import Jobs
from generator.node.orders import Orders
from generator.node.room import Room
from generator.node.routes import Node
from generator.node.settings import Settings
from generator.node.vault import Vault
from generator.sandbox.process import EngineFactory, EngineProcess
from oracle.adapters.signing.typed import TypedData
from oracle.domain.errors import Unavailable
from oracle.domain.typed_data import SigningDomain
from oracle.http.caller import Callers

PATIENCE = 60.0
"""Seconds for which a node waits for its chain at the start."""

_log = logging.getLogger(__name__)


def build(settings: Settings, engines: Mapping[str, EngineFactory]) -> Node:
    """Build the node of one ledger.

    Args:
        engines: name to factory; the first one analyses uploads.

    Raises:
        Unavailable: the chain does not answer within a minute.
        Inconsistent: the URL serves another chain than the deployment's.
    """
    deployment = settings.deployment
    domain = SigningDomain(deployment.chain_id, deployment.ledger)
    registry = ChainRegistry(
        settings.rpc, domain, deployment.block, token=settings.rpc_token
    )
    ledger = scope(domain, _genesis(registry))
    clap = embeddings.state(settings.checkpoint)
    cache = settings.vault / "cache"
    uploads, checks, jobs = (EngineProcess(engines, cache, settings.worker) for _ in range(3))
    usable = settings.checkpoint if clap == embeddings.READY else None
    room = Room(settings.vault, settings.vault_size, settings.disk_free)
    vault = Vault(settings.vault, ledger, uploads, next(iter(engines)), usable, room, checks)
    typed = TypedData(domain.chain_id, domain.ledger)
    signers = settings.deployment.oracle_set
    orders = Orders(typed, signers, _now)
    state = settings.vault / "ledgers" / ledger
    allowance = Allowance("checks", BURST, PER_DAY, _now, state / "checks.json")
    return Node(
        engines=tuple(engines),
        payee=settings.payee,
        clap=clap,
        typed=typed,
        callers=Callers(typed, signers.signers, settings.url, _now),
        orders=orders,
        registry=registry,
        vault=vault,
        jobs=Jobs(state / "jobs", jobs, vault),
        checks=Checks(tuple(engines), orders, vault, checks, allowance),
        processes=(uploads, checks),
        scratch=_scratch(settings.vault),
        clock=_now,
    )


def scope(domain: SigningDomain, genesis: str) -> str:
    """Names one ledger on one chain, 32 hex digits.

    Development chains share an id and give the same contract the same address. So the hash of the
    first block is part of the name: recording 1 of yesterday's chain is not recording 1 of today's.
    """
    text = f"{domain.chain_id} {domain.ledger} {genesis}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _genesis(registry: ChainRegistry) -> str:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return registry.genesis()
        except Unavailable:
            if time.monotonic() > end:
                raise
            _log.warning("the chain does not answer yet; trying again")
            time.sleep(1.0)


def _scratch(vault: Path) -> Path:
    folder = vault / "scratch"
    shutil.rmtree(folder, ignore_errors=True)  # what an earlier process left when it was killed
    folder.mkdir(parents=True)
    return folder


def _now() -> int:
    return int(time.time())
