"""Routes for the other oracles of the set. A handler only converts between HTTP and domain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Body, Path, Request, Response

from oracle.api import patterns, responses
from oracle.api.documentation import PEER_SECURITY
from oracle.api.errors import BODY_ERRORS, OK, documented
from oracle.api.load import PEERS_AT_ONCE
from oracle.api.parsing import (
    cancelled_of,
    ordered_of,
    proposed_list_of,
    proposed_of,
    ruled_of,
)
from oracle.api.shares import Shares
from oracle.api.strict import PeerRoute
from oracle.context import Context
from oracle.domain.errors import (
    Conflict,
    Inconsistent,
    InvalidInput,
    NotFound,
    Refused,
    Unauthorised,
    Unavailable,
)
from oracle.domain.proposal import Proposed, answer_json
from oracle.domain.reservation import Ballot
from oracle.quorum import attestations, cancelling, reservations, rulings
from oracle.quorum.sharing import shared_block

MOST_ATTESTING = 4
"""Attestations checked at the same time: each keeps a track and its check in memory."""

MOST_CALLS = PEERS_AT_ONCE - 4
"""Calls under way; the rest of the turns is for calls that are refused at once."""

RAW_TYPE = "application/vnd.ipld.raw"

Id = Annotated[str, Path(pattern=patterns.WORD, description="id of the generation")]
Cid = Annotated[str, Path(pattern=patterns.CID, description="CID of the block")]
Sent = Annotated[dict[str, Any], Body()]


BLOCK: dict[int | str, dict[str, Any]] = {
    OK: {"content": {RAW_TYPE: {}}, "description": "The bytes of the block, at most 1 MiB"}
}


class PeerHandlers:
    """Handlers of the peer routes. Each recomputes everything before this oracle signs.

    Args:
        submit: called with the id of each order that another oracle told of, so that this oracle
            follows it.
    """

    def __init__(self, context: Context, submit: Callable[[str], None]) -> None:
        self._context = context
        self._submit = submit
        self._calls = Shares("calls are under way", MOST_CALLS)
        self._attesting = Shares("attestations are being checked", MOST_ATTESTING)

    def reserve(self, request: Request, body: Sent, after: BackgroundTasks) -> dict[str, Any]:
        """Reserves an order's nonce for the oracle that asks, which then leads the order.

        The body is the order with its request, prompt and salt, and the ballot. The answer is a
        signed reservation, or the ballot that has the order; with it come the attestation that this
        oracle signed last, and the payer's other open orders.
        """
        ordered, ballot = ordered_of(body)
        self._require_leader(request, ballot)
        with self._calling(request.state.caller):
            answer = reservations.grant(self._context, ordered, ballot)
        after.add_task(self._submit, self._context.typed.order_hash(ordered.order))
        return answer_json(answer)

    def attest(self, request: Request, body: Sent) -> responses.AttestedAnswer:
        """Signs an attestation after this oracle has checked it.

        The oracle reads the manifest, the track and the chain itself, and another generation node
        renders the track again. It signs under the ballot that it promised or a higher one.
        """
        proposed = proposed_of(body)
        self._require_leader(request, proposed.ballot)
        with self._checking(request.state.caller):
            signer, signature = attestations.attest(self._context, proposed)
        return responses.AttestedAnswer(signer=signer, signature=signature)

    def attest_batch(self, request: Request, body: Sent) -> responses.AttestedAnswer:
        """Signs several attestations with one signature.

        The oracle checks them one after another as `/v1/peers/attestations` does, and signs only
        when all of them pass.
        """
        members: list[Proposed] = proposed_list_of(body)
        for member in members:
            self._require_leader(request, member.ballot)
        with self._checking(request.state.caller):
            signer, signature = attestations.attest_batch(self._context, members)
        return responses.AttestedAnswer(signer=signer, signature=signature)

    def cancel(self, request: Request, body: Sent) -> dict[str, Any]:
        """Agrees to a cancellation that the order's payer signed.

        It does not agree when it has signed an attestation, or leads the order and has begun
        to make the track. While another oracle leads the order, that one must ask.
        """
        ordered, signature = cancelled_of(body)
        caller = request.state.caller
        with self._calling(caller):
            return {"signer": cancelling.agree(self._context, ordered, signature, caller)}

    def rule(self, request: Request, body: Sent) -> responses.AttestedAnswer:
        """Signs a ruling about two copies after this oracle has checked who decided it.

        With the signatures of enough oracles it stores the ruling.
        """
        decision, papers, signatures = ruled_of(body)
        with self._calling(request.state.caller):
            signer, signature = rulings.agree(self._context, decision, papers, signatures)
        return responses.AttestedAnswer(signer=signer, signature=signature)

    def block(self, request: Request, generation: Id, cid: Cid) -> Response:
        """Sends one block of a file that is withheld until its payment is final.

        Only an oracle with a part in the generation gets it: the leader whose ballot this oracle
        promised, or one to which this oracle sent a proposal. Every read is logged.
        """
        caller = request.state.caller
        with self._calling(caller):
            found = shared_block(self._context, caller, generation, cid)
        return Response(found, media_type=RAW_TYPE, headers={"Cache-Control": "no-store"})

    def _require_leader(self, request: Request, ballot: Ballot) -> None:
        signers = self._context.terms.oracle_set.signers
        caller = request.state.caller
        if ballot.leader >= len(signers) or signers[ballot.leader] != caller:
            raise Unauthorised("is not led by the caller", field="ballot.leader",
                               value=ballot.leader)  # fmt: skip

    @contextmanager
    def _checking(self, caller: str) -> Iterator[None]:
        with self._calling(caller), self._attesting.of(caller, self._others()):
            yield

    def _calling(self, caller: str) -> AbstractContextManager[None]:
        return self._calls.of(caller, self._others())

    def _others(self) -> int:
        return max(1, len(self._context.terms.oracle_set.signers) - 1)


def peer_router(handlers: PeerHandlers) -> APIRouter:
    """The routes for the other oracles of the set; each call is signed with an oracle's key."""
    router = APIRouter(prefix="/v1/peers", route_class=PeerRoute, tags=["peers"])
    errors = documented(
        Unauthorised, InvalidInput, Refused, Conflict, Inconsistent, NotFound, Unavailable
    )
    routes: Mapping[str, tuple[Callable[..., Any], str]] = {
        "/reservations": (handlers.reserve, "Reserve a nonce"),
        "/attestations": (handlers.attest, "Sign an attestation"),
        "/batches": (handlers.attest_batch, "Sign a batch of attestations"),
        "/cancellations": (handlers.cancel, "Agree to a cancellation"),
        "/rulings": (handlers.rule, "Sign a ruling about copies"),
    }
    for path, (handler, summary) in routes.items():
        router.add_api_route(
            path, handler, methods=["POST"], responses=errors | BODY_ERRORS, summary=summary,
            openapi_extra=PEER_SECURITY,
        )  # fmt: skip
    router.add_api_route(
        "/withheld/{generation}/{cid}", handlers.block, response_class=Response,
        responses=documented(Unauthorised, InvalidInput, NotFound, Unavailable) | BLOCK,
        summary="Read a withheld block", openapi_extra=PEER_SECURITY,
    )  # fmt: skip
    return router
