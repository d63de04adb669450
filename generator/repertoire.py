"""What the chain says of a recording: who owns it and which audio was registered."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from generator.settings import Deployment, Secret
from oracle.domain.errors import Inconsistent, NotFound, Unavailable

SECONDS = 8.0
"""Patience with one answer of the chain."""

DEEP = 128
"""Blocks on top of a registration before it is remembered: no reorg is expected to reach below."""

_ABI: list[dict[str, Any]] = [
    {
        "type": "function",
        "name": "recordings",
        "stateMutability": "view",
        "inputs": [{"name": "recording", "type": "uint32"}],
        "outputs": [
            {
                "name": "",
                "type": "tuple",
                "components": [
                    {"name": "owner", "type": "address"},
                    {"name": "split", "type": "uint32"},
                    {"name": "consentFrom", "type": "uint32"},
                    {"name": "consentUntil", "type": "uint32"},
                    {"name": "uses", "type": "uint8"},
                    {"name": "maxShare", "type": "uint16"},
                    {"name": "version", "type": "uint8"},
                    {"name": "unclaimed", "type": "uint256"},
                    {"name": "disputable", "type": "uint256"},
                ],
            }
        ],
    },
    {
        "type": "event",
        "name": "Registered",
        "anonymous": False,
        "inputs": [
            {"name": "first", "type": "uint32", "indexed": True},
            {"name": "owner", "type": "address", "indexed": True},
            {"name": "split", "type": "uint32", "indexed": False},
            {"name": "consentFrom", "type": "uint32", "indexed": False},
            {"name": "consentUntil", "type": "uint32", "indexed": False},
            {"name": "uses", "type": "uint8", "indexed": False},
            {"name": "maxShare", "type": "uint16", "indexed": False},
            {"name": "audio", "type": "bytes32[]", "indexed": False},
            {"name": "metadata", "type": "bytes32[]", "indexed": False},
            {"name": "isrcs", "type": "string", "indexed": False},
            {"name": "licence", "type": "string", "indexed": False},
        ],
    },
]


@dataclass(frozen=True)
class Entry:
    """A registered recording: EIP-55 `owner`, `audio` the sha256 of its file (64 hex digits)."""

    recording: int
    owner: str
    audio: str


class Repertoire(Protocol):
    """Raises NotFound for a recording that is not registered, Unavailable without a chain."""

    def entry(self, recording: int) -> Entry: ...


class ChainRepertoire:
    """The repertoire of one ledger, read at the latest block.

    Args:
        rpc: URL of the chain's JSON-RPC; never printed, it may hold a key.
        deployment: the ledger. Another chain behind `rpc` is refused before anything is believed.
    """

    def __init__(self, rpc: Secret, deployment: Deployment, seconds: float = SECONDS) -> None:
        from web3 import HTTPProvider, Web3

        # web3 would retry reads five times, each with the whole timeout.
        provider = HTTPProvider(
            rpc.reveal(),
            request_kwargs={"timeout": seconds, "allow_redirects": False},
            exception_retry_configuration=None,
        )
        self._deployment = deployment
        self._web3 = Web3(provider)
        address: Any = deployment.ledger
        self._ledger: Any = self._web3.eth.contract(address=address, abi=_ABI)
        self._lock = threading.Lock()
        self._audio: dict[int, str] = {}
        self._next = deployment.block

    def genesis(self) -> str:
        """Hash of block 0, 64 hex digits: tells chains of one id apart.

        Raises:
            Inconsistent: the chain is not the deployment's.
        """
        with _answering():
            found = self._web3.eth.chain_id
            first = bytes(self._web3.eth.get_block(0)["hash"]).hex()
        if found != self._deployment.chain_id:
            detail = f"serves another chain than {self._deployment.chain_id}"
            raise Inconsistent(detail, field="REFRAIN_RPC", value=found)
        return first

    def entry(self, recording: int) -> Entry:
        """Owner now, audio as registered."""
        self.genesis()
        with _answering():
            owner = self._ledger.functions.recordings(recording).call()[0]
            newest = self._web3.eth.block_number
        if int(owner, 16) == 0:
            raise NotFound("is not registered", field="recording", value=recording)
        audio = self._registered(newest).get(recording)
        if audio is None:
            detail = "has an owner but no registration in the chain's logs"
            raise Inconsistent(detail, field="recording", value=recording)
        return Entry(recording, owner, audio)

    def _registered(self, newest: int) -> dict[int, str]:
        """Recording to the sha256 of its file. Of old blocks only what is new is asked for."""
        with self._lock:
            deep = newest - DEEP
            if deep >= self._next:
                self._audio |= self._read(self._next, deep)
                self._next = deep + 1
            return self._audio | self._read(self._next, newest)

    def _read(self, first: int, last: int) -> dict[int, str]:
        event = self._ledger.events.Registered()
        found = {}
        for log in self._logs([str(event.topic)], first, last):
            said = event.process_log(log)["args"]
            for place, audio in enumerate(said["audio"]):
                found[said["first"] + place] = bytes(audio).hex()
        return found

    def _logs(self, topics: list[str], first: int, last: int) -> list[Any]:
        """Logs of blocks first..last; a range that the node refuses is halved."""
        from web3.exceptions import Web3RPCError

        asked: Any = {"address": self._deployment.ledger, "topics": topics}
        asked |= {"fromBlock": hex(first), "toBlock": hex(last)}
        with _answering():
            try:
                return list(self._web3.eth.get_logs(asked))
            except Web3RPCError:
                if first >= last:
                    raise
        middle = (first + last) // 2
        return self._logs(topics, first, middle) + self._logs(topics, middle + 1, last)


@contextlib.contextmanager
def _answering() -> Iterator[None]:
    import requests
    from web3.exceptions import Web3Exception

    try:
        yield
    except (requests.RequestException, Web3Exception, OSError, ValueError) as error:
        # Only the kind: the texts of these errors hold the URL.
        reason = type(error).__name__
        raise Unavailable("the chain does not answer", value=reason) from None
