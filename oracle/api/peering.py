"""What the other oracles of the set may ask. Each handler translates and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import APIRouter

from oracle import attesting
from oracle.api import answers, schemas
from oracle.api.errors import BODY_ERRORS, documented
from oracle.api.reading import attested_of
from oracle.api.strict import PeerRoute
from oracle.domain.errors import (
    Conflict,
    Inconsistent,
    InvalidInput,
    NotFound,
    Unauthorised,
    Unavailable,
)
from oracle.world import World

MOST_ATTESTING = 4
"""Attestations examined at once: each holds a track and its replay in memory."""


class PeerDesk:
    """What the other oracles of the set may ask; each answer is checked from the ground up."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._room = threading.BoundedSemaphore(MOST_ATTESTING)

    def attest(self, body: schemas.AttestationBody) -> answers.AttestedAnswer:
        """This oracle's signature, once manifest, audio and replay hold."""
        it = attested_of(body)
        with self._seat():
            signer, signature = attesting.attest(
                self._world, it.order, it.order_signature, it.attestation
            )
        return answers.AttestedAnswer(signer=signer, signature=signature)

    def attest_batch(self, body: schemas.BatchBody) -> answers.AttestedAnswer:
        """This oracle's signature over all of them, once each holds; one after another."""
        members = [attested_of(each, f"members[{i}].") for i, each in enumerate(body.members)]
        with self._seat():
            signer, signature = attesting.attest_batch(self._world, members)
        return answers.AttestedAnswer(signer=signer, signature=signature)

    @contextmanager
    def _seat(self) -> Iterator[None]:
        if not self._room.acquire(blocking=False):
            raise Unavailable("too many attestations are being examined")
        try:
            yield
        finally:
            self._room.release()


def peer_router(desk: PeerDesk) -> APIRouter:
    """The routes for the other oracles of the set, behind their token."""
    router = APIRouter(prefix="/v1", route_class=PeerRoute)
    errors = documented(Unauthorised, InvalidInput, Conflict, Inconsistent, NotFound, Unavailable)
    router.add_api_route(
        "/attestations", desk.attest, methods=["POST"], responses=errors | BODY_ERRORS
    )
    router.add_api_route(
        "/batches", desk.attest_batch, methods=["POST"], responses=errors | BODY_ERRORS
    )
    return router
