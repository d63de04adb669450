"""An oracle's own copies of the files of a generation, read from the other oracles by CID.

An oracle copies audio and trace into its own withheld store before it signs, so that it can deliver
them after the settlement, whatever happens to the other oracles. It keeps no files that it refuses,
with which a liar could fill the disk.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from oracle.domain.cid import check, read
from oracle.domain.errors import RefrainError, Unavailable
from oracle.ports import Peer, Withheld

log = logging.getLogger(__name__)


class Copies:
    """The withheld files of one generation; a missing one is copied first.

    Args:
        peers: any of them may serve a block, and none is trusted.
        generation: the order's hash, 0x-hex.
    """

    def __init__(self, withheld: Withheld, peers: Sequence[Peer], generation: str) -> None:
        self._withheld = withheld
        self._peers = list(peers)
        self._generation = generation

    def file(self, cid: str, largest: int) -> bytes:
        """The file of a CID, which this oracle keeps. Takes and raises as `read`."""
        data = self.read(cid, largest)
        if not self._withheld.holds(self._generation, cid):
            self._withheld.put(self._generation, data)
        return data

    def read(self, cid: str, largest: int) -> bytes:
        """The file of a CID, from this oracle's own copy or from another oracle; nothing is kept.

        Args:
            largest: of the file, bytes; a larger one is refused before more of it is read.

        Raises:
            InvalidInput: it is larger, or the CID is malformed.
            Unavailable: no other oracle sent a block of it, or the disk does not answer.
        """
        if self._withheld.holds(self._generation, cid):
            return self._withheld.fetch(self._generation, cid)
        return read(cid, self._block, largest)

    def _block(self, cid: str) -> bytes:
        for peer in list(self._peers):
            try:
                block = check(cid, peer.block(self._generation, cid))
            except RefrainError as error:
                log.info("%s sends no block of %s: %s", peer.url, self._generation, error)
                continue
            self._prefer(peer)
            return block
        detail = "no other oracle sends this block of a withheld file"
        raise Unavailable(detail, field="cid", value=cid)

    def _prefer(self, peer: Peer) -> None:
        self._peers.remove(peer)
        self._peers.insert(0, peer)
