"""Signs this oracle's requests to generation nodes and to the other oracles of the set."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from oracle.adapters.signing.keystore import Key
from oracle.adapters.signing.typed import TypedData
from oracle.domain import call
from oracle.domain.call import Call
from oracle.domain.typed_data import SigningDomain


class CallSigner:
    """Makes the headers that show who calls.

    Args:
        key: the oracle's attestation key.
        domain: the ledger of the deployment.
        clock: seconds since 1970.
    """

    def __init__(
        self, key: Key, domain: SigningDomain, clock: Callable[[], float] = time.time
    ) -> None:
        self._key = key
        self._typed = TypedData(domain.chain_id, domain.ledger)
        self._clock = clock

    def headers(self, url: str, method: str, target: str, body: bytes) -> dict[str, str]:
        """The headers of one request; each call makes new ones, because a server takes one once.

        Args:
            url: of the server, without the target.
            target: path below the URL, with its query.
        """
        made = Call(
            audience=call.audience_of(url),
            method=method,
            target=target,
            body=call.body_digest(body),
            time=int(self._clock()),
            nonce=secrets.token_bytes(32),
        )
        return {
            call.SIGNER: self._key.address,
            call.TIME: str(made.time),
            call.NONCE: "0x" + made.nonce.hex(),
            call.BODY: "0x" + made.body.hex(),
            call.SIGNATURE: "0x" + self._key.sign(self._typed.call_digest(made)).hex(),
        }

    def __repr__(self) -> str:
        return f"CallSigner({self._key.address})"
