"""A wallet whose node was busy: a transaction that the node has already is not sent for nothing."""

import pytest

from oracle.adapters.chain.rpc_types import Rejected, TransactionReceipt
from oracle.adapters.signing.file import FileKey
from oracle.client.wallet import Wallet
from oracle.domain.errors import Unavailable


class Node:
    """Rejects each transaction; `known` says whether it took the same one before."""

    def __init__(self, known):
        self.known, self.sent = known, []

    def chain_id(self):
        return 31337

    def estimate(self, sender, to, data):
        return 21_000

    def base_fee(self):
        return 10**9

    def tip(self):
        return 10**9

    def count(self, address):
        return 0

    def send(self, raw):
        self.sent.append(raw)
        raise Rejected("already known")

    def knows(self, transaction):
        return self.known

    def receipt(self, transaction):
        return TransactionReceipt(transaction, 1, "0x" + "00" * 32, True)


@pytest.fixture
def key():
    return FileKey(b"\x07" * 32)


def test_a_transaction_that_the_node_has_is_waited_for(key):
    node = Node(known=True)
    created, receipt = Wallet(node, key).create(b"\x00")
    assert receipt.succeeded and created.startswith("0x") and len(node.sent) == 1


def test_one_that_it_does_not_have_is_refused(key):
    with pytest.raises(Unavailable, match="does not take the transaction"):
        Wallet(Node(known=False), key).create(b"\x00")
