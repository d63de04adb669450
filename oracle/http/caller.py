"""Checks who calls: an oracle of the set that signed this very request for this server, once.

All of it is checked from the headers, so a stranger's body is never read. What needs no
cryptography is checked first.
"""

from __future__ import annotations

import hmac
import logging
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from oracle.domain import call, fields
from oracle.domain.call import Call
from oracle.domain.errors import InvalidInput, Unauthorised, Unavailable

MOST_CALLS = 100_000
"""Calls of one signer that a server remembers; it refuses more within two minutes."""

_SIGNATURE = re.compile(r"0x[0-9a-f]{130}", re.ASCII)
_log = logging.getLogger(__name__)


class CallTyped(Protocol):
    """Recovers signers. Implemented by `oracle.adapters.signing.typed.TypedData`."""

    def call_signer(self, made: Call, signature: str) -> str: ...


def target_of(scope: Mapping[str, Any]) -> str:
    """Path and query of an ASGI request, as they arrived."""
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    target: bytes = path + b"?" + query if query else path
    return target.decode("latin-1")


@dataclass(frozen=True)
class Caller:
    """An oracle whose signed headers were accepted; `body` is the sha256 of the body it sends."""

    signer: str
    body: bytes

    def require_body(self, digest: bytes) -> None:
        """Raises Unauthorised unless the body that arrived has the signed sha256."""
        if not hmac.compare_digest(digest, self.body):
            raise Unauthorised("does not have the signed sha256", field="body", value=digest.hex())


class Callers:
    """The oracles that may call one server.

    Args:
        typed: recovers signers, for the ledger of the deployment.
        signers: EIP-55 addresses of the oracle set.
        audience: this server's own public URL.
        clock: seconds since 1970.
    """

    def __init__(
        self, typed: CallTyped, signers: Iterable[str], audience: str, clock: Callable[[], int]
    ) -> None:
        self._typed = typed
        self._signers = {signer.lower(): signer for signer in signers}
        self._audience = call.audience_of(audience)
        self._clock = clock
        self._seen = _Seen(clock())

    def admit(self, method: str, target: str, headers: Mapping[str, str]) -> Caller:
        """The caller, from the headers alone; its call is accepted once.

        Args:
            target: path and query as they arrived.
            headers: a mapping that finds names in lower case.

        Raises:
            Unauthorised: a header is missing, or this call is not one by an oracle of the set to
                this server at this time. Names the header, never a signature.
            Unavailable: the call was signed before this server started, or its signer calls too
                often. A new call may succeed.
        """
        try:
            caller = self._admit(method, target, headers)
        except (Unauthorised, Unavailable) as error:
            shown = _header(headers, call.SIGNER)[:42]
            _log.warning("refused %s %s by %r: %s", method, target[:200], shown, error)
            raise
        _log.info("%s %s by %s", method, target, caller.signer)
        return caller

    def require(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> str:
        """The signer of a request whose body is here; raises as `admit` and `require_body`."""
        caller = self.admit(method, target, headers)
        caller.require_body(call.body_digest(body))
        return caller.signer

    def _admit(self, method: str, target: str, headers: Mapping[str, str]) -> Caller:
        signer = self._signer(headers)
        now = self._clock()
        made = Call(
            audience=self._audience,
            method=method,
            target=target,
            body=_word(headers, call.BODY),
            time=_time(headers, now),
            nonce=_word(headers, call.NONCE),
        )
        self._seen.require_new(signer, made, now)
        self._require_signed(made, signer, headers)
        self._seen.add(signer, made)
        return Caller(signer, made.body)

    def _signer(self, headers: Mapping[str, str]) -> str:
        shown = _header(headers, call.SIGNER)
        signer = self._signers.get(shown.lower())
        if signer is None:
            detail = "must be an oracle of the set"
            raise Unauthorised(detail, field=call.SIGNER, value=shown or None)
        return signer

    def _require_signed(self, made: Call, signer: str, headers: Mapping[str, str]) -> None:
        signature = _header(headers, call.SIGNATURE)
        if not _SIGNATURE.fullmatch(signature):
            detail = "must be 65 bytes in 0x-hex, lower case"
            raise Unauthorised(detail, field=call.SIGNATURE, value=f"{len(signature)} characters")
        try:
            found = self._typed.call_signer(made, signature)
        except InvalidInput as error:
            raise Unauthorised(error.detail, field=call.SIGNATURE) from None
        if found != signer:
            detail = f"is not by {signer} for this request to {self._audience}"
            raise Unauthorised(detail, field=call.SIGNATURE)


class _Seen:
    """The calls that were accepted, until the time check refuses them anyway.

    Args:
        start: calls signed before this second are refused, because an earlier process may have
            accepted them.
    """

    def __init__(self, start: int) -> None:
        self._floor = start
        self._calls: dict[str, dict[int, set[bytes]]] = defaultdict(dict)
        self._lock = threading.Lock()

    def require_new(self, signer: str, made: Call, now: int) -> None:
        with self._lock:
            self._drop(now)
            if made.time < self._floor:
                detail = "is before the first second of which this server knows its calls"
                raise Unavailable(detail, field=call.TIME, value=made.time)
            self._require_unseen(signer, made)

    def add(self, signer: str, made: Call) -> None:
        """Notes an accepted call; of two equal calls at the same time the second is refused."""
        with self._lock:
            self._require_unseen(signer, made)
            known = self._calls[signer]
            if sum(map(len, known.values())) >= MOST_CALLS:
                raise Unavailable("calls too often", field=call.SIGNER, value=signer)
            known.setdefault(made.time, set()).add(made.nonce)

    def _require_unseen(self, signer: str, made: Call) -> None:
        if made.nonce in self._calls[signer].get(made.time, ()):
            raise Unauthorised("was used before", field=call.NONCE, value="0x" + made.nonce.hex())

    def _drop(self, now: int) -> None:
        # The floor rises with what is dropped, so that a clock that goes back opens no gap.
        for known in self._calls.values():
            for second in [second for second in known if second < now - call.SKEW]:
                del known[second]
                self._floor = max(self._floor, second + 1)


def _header(headers: Mapping[str, str], name: str) -> str:
    return headers.get(name.lower(), "")


def _word(headers: Mapping[str, str], name: str) -> bytes:
    try:
        return fields.hex_bytes(_header(headers, name), name, 32)
    except InvalidInput as error:
        raise Unauthorised(error.detail, field=name, value=error.value) from None


def _time(headers: Mapping[str, str], now: int) -> int:
    try:
        made = fields.decimal(_header(headers, call.TIME), call.TIME, fields.UINT64_MAX)
    except InvalidInput as error:
        raise Unauthorised(error.detail, field=call.TIME, value=error.value) from None
    if abs(now - made) > call.SKEW:
        detail = f"must be within {call.SKEW} seconds of this server's clock, which is at {now}"
        raise Unauthorised(detail, field=call.TIME, value=made)
    return made
