"""Builds an oracle from its settings: the only module that chooses the adapter of each port."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from oracle.adapters.chain import deployment
from oracle.adapters.chain.ledger import ChainLedger
from oracle.adapters.chain.outbox import Outbox
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.sender import LedgerSender
from oracle.adapters.chain.transactions import SendPolicy, Transactor
from oracle.adapters.clock import SystemClock
from oracle.adapters.database import open_database
from oracle.adapters.generator import HttpGenerationNode
from oracle.adapters.http_client import Service
from oracle.adapters.peer import HttpPeer
from oracle.adapters.pinning import PINNERS
from oracle.adapters.signing.attester import KeyAttester
from oracle.adapters.signing.calls import CallSigner
from oracle.adapters.signing.keystore import Key, open_key
from oracle.adapters.signing.typed import TypedData
from oracle.adapters.store import DatabaseStore
from oracle.adapters.withheld import FolderWithheld
from oracle.context import Context
from oracle.domain.attestation import OracleSet, require_majority
from oracle.domain.errors import InvalidInput
from oracle.domain.fields import choice
from oracle.domain.terms import Terms
from oracle.http.caller import Callers
from oracle.orders.copies import AskedCopies
from oracle.orders.holdings import AskedHoldings
from oracle.orders.nonces import LastOffers
from oracle.pipeline.fault_injection import KillAt
from oracle.pipeline.runner import Pipeline
from oracle.pipeline.sweep import forget, sweep
from oracle.pipeline.worker import Worker
from oracle.ports import FaultPoint, Pinner, no_fault
from oracle.quorum.batch_queue import MemoryBatchQueue
from oracle.readiness import Readiness
from oracle.settings import Pinning, Settings

PROBE_SECONDS = 2.0


@dataclass(frozen=True)
class Oracle:
    """An oracle with its worker, its readiness check and its callers, not started."""

    context: Context
    worker: Worker
    readiness: Readiness
    callers: Callers


def build(settings: Settings) -> Oracle:
    """Opens everything that the settings name, and queues unfinished generations.

    Raises:
        InvalidInput: a key, deployment or pinner cannot be used, or the key is not in the set.
        Inconsistent: chain and deployment do not agree, or the database is damaged.
        Unavailable: the chain or the disk does not answer.
    """
    fault_point: FaultPoint = KillAt(*settings.crash) if settings.crash else no_fault
    context = build_context(settings, fault_point)
    worker = Worker(Pipeline(context, fault_point), chore=lambda: _tidy(context))
    for generation in context.store.unfinished():
        worker.add(generation)
    signers = context.terms.oracle_set.signers
    callers = Callers(context.typed, signers, settings.url, context.clock.now)
    return Oracle(context, worker, Readiness(context, _probes(settings)), callers)


def _tidy(context: Context) -> None:
    sweep(context)
    forget(context)


def build_context(settings: Settings, fault_point: FaultPoint = no_fault) -> Context:
    """The oracle's ports, each with its adapter."""
    found = deployment.load(settings.deployment)
    require_majority(found.oracle_set, "deployment.set.threshold")
    typed = TypedData(found.chain_id, found.ledger)
    attestation_key = _key(settings.oracle_key, "REFRAIN_ORACLE_KEY")
    attester = KeyAttester(attestation_key, typed)
    _require_member(attester.address, found.oracle_set)
    _require_copies(settings.withholding.copies, found.oracle_set)
    sender_key = _key(settings.sender_key, "REFRAIN_SENDER_KEY")
    engine, clock = open_database(settings.database), SystemClock()
    rpc = Rpc(settings.rpc.reveal(), token=settings.rpc_token.reveal())
    ledger = ChainLedger(rpc, found, settings.confirmations)
    transactor = Transactor(
        rpc, found.chain_id, sender_key, Outbox(engine, found.chain_id, sender_key.address),
        clock, SendPolicy(settings.confirmations), fault_point,
    )  # fmt: skip
    signer = CallSigner(attestation_key, typed.domain)
    nodes = [HttpGenerationNode(url, signer) for url in settings.nodes]
    return Context(
        ledger=ledger,
        typed=typed,
        attester=attester,
        sender=LedgerSender(rpc, ledger, found.oracle_set, transactor),
        nodes=nodes,
        pinner=build_pinner(settings.pinning),
        withheld=FolderWithheld(settings.withholding.folder, clock),
        peers=[HttpPeer(url, signer) for url in settings.peers],
        store=DatabaseStore(engine, clock),
        clock=clock,
        terms=_terms(settings, found.oracle_set),
        batch_queue=MemoryBatchQueue(settings.batch, settings.batch_wait),
        holdings=AskedHoldings(nodes),
        copies=AskedCopies(nodes),
        nonce_offers=LastOffers(),
    )


def build_pinner(pinning: Pinning) -> Pinner:
    """The pinner that the settings name."""
    return PINNERS[choice(pinning.name, "REFRAIN_PINNER", PINNERS)](pinning)


def _terms(settings: Settings, oracle_set: OracleSet) -> Terms:
    own = settings.withholding
    return Terms(
        settings.prices, settings.node_fee_bps, oracle_set, settings.max_age,
        lease=settings.lease, keep_unpaid=own.keep_unpaid, copies=own.copies,
        least_price=settings.least_price, unpaid_seconds=settings.unpaid_seconds,
    )  # fmt: skip


def _key(uri: str, name: str) -> Key:
    try:
        return open_key(uri)
    except InvalidInput as error:
        raise InvalidInput(error.detail, field=name, value=error.value) from error


def _require_member(address: str, oracle_set: OracleSet) -> None:
    if address not in oracle_set.signers:
        detail = "is not a signer of the deployment's oracle set"
        raise InvalidInput(detail, field="REFRAIN_ORACLE_KEY", value=address)


def _require_copies(copies: int | None, oracle_set: OracleSet) -> None:
    signers = len(oracle_set.signers)
    if copies is not None and copies > signers:
        detail = f"must be at most {signers}, the number of oracles in the set"
        raise InvalidInput(detail, field="REFRAIN_COPIES", value=copies)


def _probes(settings: Settings) -> dict[str, Callable[[], object]]:
    return {url: _health_of(url) for url in settings.peers}


def _health_of(url: str) -> Callable[[], object]:
    service = Service(url, "the other oracle", seconds=PROBE_SECONDS)
    return lambda: service.date("/v1/health")
