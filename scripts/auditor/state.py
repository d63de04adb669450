"""The state of the chain at one block, as its root proves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from eth_utils import keccak, to_bytes

from .report import Disproved
from .rlp import decode
from .trie import EMPTY, proven, root_of

CHUNK = 128
"""How many slots one request asks for."""
NO_CODE = keccak(b"")


@dataclass(frozen=True)
class Account:
    """What the root says about an address; one without an account has no storage and no code."""

    storage: bytes = EMPTY
    code: bytes = NO_CODE


class State:
    """Accounts and words of storage, each proven by `eth_getProof` against the state root.

    Args:
        root: the state root in the header of the block.
    """

    def __init__(self, rpc: Callable[..., Any], block: int, root: bytes) -> None:
        self.rpc, self.block, self.root = rpc, block, root
        self.accounts: dict[str, Account] = {}
        self.words: dict[str, dict[int, int]] = {}
        self._leaves: dict[str, dict[bytes, bytes]] = {}

    def account(self, address: str) -> Account:
        """The account of an address. Raises Disproved if the RPC's proof is none."""
        if address not in self.accounts:
            self.prove(address, [])
        return self.accounts[address]

    def word(self, address: str, slot: int) -> int:
        """One word of a contract's storage. Raises Disproved if the RPC's proof is none."""
        if slot not in self.words.get(address, {}):
            self.prove(address, [slot])
        return self.words[address][slot]

    def prove(self, address: str, slots: Iterable[int]) -> None:
        """Asks for many words at once; those that are known are not asked for again."""
        known = self.words.setdefault(address, {})
        wanted = sorted({*slots} - {*known})
        for start in range(0, max(1, len(wanted)), CHUNK):
            part = wanted[start:start + CHUNK]
            names = [f"0x{slot:064x}" for slot in part]
            said = self.rpc("eth_getProof", address, names, hex(self.block))
            root = self._learn(address, said)
            if len(said["storageProof"]) != len(part):
                raise Disproved(f"eth_getProof of {address}: an answer of {len(part)} slots is due")
            for slot, row in zip(part, said["storageProof"], strict=True):
                path = keccak(slot.to_bytes(32, "big"))
                value = proven(root, path, [to_bytes(hexstr=node) for node in row["proof"]])
                known[slot] = int.from_bytes(decode(value), "big") if value else 0
                if value:
                    self._leaves.setdefault(address, {})[path] = value

    def _learn(self, address: str, said: dict[str, Any]) -> bytes:
        """Checks the proof of the account itself and returns the root of its storage."""
        nodes = [to_bytes(hexstr=node) for node in said["accountProof"]]
        value = proven(self.root, keccak(to_bytes(hexstr=address)), nodes)
        found = Account(*decode(value)[2:]) if value else Account()
        self.accounts[address] = found
        return found.storage

    def storage_of(self, address: str) -> tuple[bytes, bytes]:
        """The root of a contract's storage, and the root that the words asked for would have.

        Anvil keeps a leaf for a word that became zero, other nodes do not: both are as proven.
        """
        return self.account(address).storage, root_of(self._leaves.get(address, {}))
