"""Builds an oracle from its settings; the only place that knows which adapter serves which port."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from oracle.adapters.chain import deployment
from oracle.adapters.chain.artifacts import Artifacts
from oracle.adapters.chain.ledger import ChainLedger
from oracle.adapters.chain.outbox import Outbox
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.sender import LedgerSender
from oracle.adapters.chain.transactions import SendPolicy, Transactor
from oracle.adapters.clock import SystemClock
from oracle.adapters.database import open_database
from oracle.adapters.generator import HttpGenerationNode
from oracle.adapters.peer import HttpPeer
from oracle.adapters.pinning import PINNERS
from oracle.adapters.pinning.base import BlockPinner
from oracle.adapters.service import Service
from oracle.adapters.signing.attester import KeyAttester
from oracle.adapters.signing.keystore import Key, open_key
from oracle.adapters.signing.typed import TypedData
from oracle.adapters.store import DatabaseStore
from oracle.crash import KillAt, Reach, nowhere
from oracle.domain.attestation import OracleSet
from oracle.domain.errors import InvalidInput
from oracle.domain.fields import choice
from oracle.domain.terms import Terms
from oracle.gathering import Gathering
from oracle.pipeline import Pipeline
from oracle.readiness import Readiness
from oracle.settings import Pinning, Settings
from oracle.worker import Worker
from oracle.world import World

PROBE_SECONDS = 2.0


@dataclass(frozen=True)
class Oracle:
    """An oracle that is ready to be served."""

    world: World
    worker: Worker
    readiness: Readiness


def build(settings: Settings) -> Oracle:
    """Opens everything the settings name.

    Raises:
        InvalidInput: a key, deployment or pinner cannot be used, or the key is not of the set.
        Inconsistent: chain and deployment do not agree, or the database is damaged.
        Unavailable: the chain or the disk does not answer.
    """
    reach: Reach = KillAt(*settings.crash) if settings.crash else nowhere
    world = build_world(settings, reach)
    worker = Worker(Pipeline(world, reach))
    for generation in world.store.unfinished():
        worker.add(generation)
    return Oracle(world, worker, Readiness(world, _probes(settings)))


def build_world(settings: Settings, reach: Reach = nowhere) -> World:
    """The oracle's ports, each with its adapter."""
    found = deployment.load(settings.deployment)
    typed = TypedData(found.chain_id, found.ledger)
    attester = KeyAttester(_key(settings.oracle_key, "REFRAIN_ORACLE_KEY"), typed)
    _require_member(attester.address, found.oracle_set)
    sender_key = _key(settings.sender_key, "REFRAIN_SENDER_KEY")
    engine, clock = open_database(settings.database), SystemClock()
    rpc = Rpc(settings.rpc.reveal())
    ledger = ChainLedger(rpc, found, Artifacts(settings.artifacts), settings.confirmations)
    transactor = Transactor(
        rpc, found.chain_id, sender_key, Outbox(engine, found.chain_id, sender_key.address),
        clock, SendPolicy(settings.confirmations), reach,
    )  # fmt: skip
    node_token, peer_token = settings.node_token.reveal(), settings.peer_token.reveal()
    return World(
        ledger=ledger,
        typed=typed,
        attester=attester,
        sender=LedgerSender(rpc, ledger, found.oracle_set, transactor),
        nodes=[HttpGenerationNode(url, node_token) for url in settings.nodes],
        pinner=build_pinner(settings.pinning),
        peers=[HttpPeer(url, peer_token) for url in settings.peers],
        store=DatabaseStore(engine),
        clock=clock,
        terms=_terms(settings, found.oracle_set),
        gathering=Gathering(settings.batch, settings.batch_wait),
    )


def build_pinner(pinning: Pinning) -> BlockPinner:
    """The pinner that the settings name."""
    return PINNERS[choice(pinning.name, "REFRAIN_PINNER", PINNERS)](pinning)


def _terms(settings: Settings, oracle_set: OracleSet) -> Terms:
    return Terms(settings.prices, settings.node_fee_bps, oracle_set, settings.max_age)


def _key(uri: str, name: str) -> Key:
    try:
        return open_key(uri)
    except InvalidInput as error:
        raise InvalidInput(error.detail, field=name, value=error.value) from error


def _require_member(address: str, oracle_set: OracleSet) -> None:
    if address not in oracle_set.signers:
        detail = "is not a signer of the deployment's oracle set"
        raise InvalidInput(detail, field="REFRAIN_ORACLE_KEY", value=address)


def _probes(settings: Settings) -> dict[str, Callable[[], object]]:
    return {url: _health_of(url) for url in settings.peers}


def _health_of(url: str) -> Callable[[], object]:
    service = Service(url, "the other oracle", seconds=PROBE_SECONDS)
    return lambda: service.json("GET", "/v1/health")
