// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Batch, IBatches} from "../../../contracts/interfaces/IBatches.sol";
import {Terms} from "../../../contracts/interfaces/ICatalogue.sol";
import {Attestation, IRoyaltyLedger, Order, Quorum, Receipt} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {BatchBase} from "../support/BatchBase.sol";
import {ITestLedger} from "../support/ITestLedger.sol";
import {vm} from "../support/Vm.sol";
import {Wallet} from "../support/Wallets.sol";

/// @notice An oracle that signs only while nothing is settled yet.
contract Witness {
    ITestLedger private immutable ledger;
    address private immutable payer;
    address private immutable node;
    uint32 private immutable recording;
    uint256 private immutable escrow;

    constructor(ITestLedger watched, address spender, address maker, uint32 id) {
        (ledger, payer, node, recording) = (watched, spender, maker, id);
        escrow = watched.accounts(spender).escrow;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        bool same = ledger.accounts(payer).escrow == escrow && ledger.accounts(payer).nextNonce == 0;
        same = same && ledger.nodeSpent(node) == 0 && ledger.recordings(recording).disputable == 0;
        return same ? this.isValidSignature.selector : bytes4(0);
    }
}

/// @notice A batch in which everything is valid. See Batch.tree.
contract BatchSettlesTest is BatchBase {
    function test_EmitsWhatWasAttestedAndCredited() public {
        _add(0, bytes.concat(_entry(0, 250_000), _entry(second, 750_000)));
        _add(1, _two());
        uint256 royalty = PRICE - NODE_FEE - PRICE * PROTOCOL_BPS / 10_000;
        bytes32[] memory ids = new bytes32[](2);
        (ids[0], ids[1]) = (_orderHash(orders[0]), _orderHash(orders[1]));
        Batch memory batch = _batch();
        Quorum memory quorum = _batchQuorum();

        for (uint256 i = 0; i < 2; i++) {
            Attestation memory given = attestations[i];
            vm.expectEmit(address(ledger));
            emit IBatches.SettledInBatch(ids[i], payer, PRICE, node, NODE_FEE, given.entries, given.manifest);
        }
        uint32[] memory recordings = new uint32[](3);
        (recordings[0], recordings[1], recordings[2]) = (0, first, second);
        uint256[] memory amounts = new uint256[](3);
        (amounts[0], amounts[1]) = (royalty / 4, royalty * 400_000 / 1_000_000);
        amounts[2] = 2 * royalty - amounts[0] - amounts[1];
        vm.expectEmit(address(ledger));
        emit IBatches.Credited(set, recordings, amounts);
        ledger.settleBatch(batch, quorum);
    }

    function test_TakesAListOfOrders() public {
        _add(0, _two());
        _add(1, _two());
        _settleList();
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW - 2 * PRICE, "escrow");
        vm.assertEq(ledger.nodeSpent(node), 2 * PRICE, "spent");

        // The same list again: every order in it is used.
        vm.recordLogs();
        _settleList();
        vm.assertEq(vm.getRecordedLogs()[0].topics[0], IBatches.Skipped.selector, "again");
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW - 2 * PRICE, "escrow again");
    }

    function test_TakesNoncesOutOfOrder() public {
        uint256[5] memory nonces = [uint256(70), 69, 7, 71, 8];
        for (uint256 i = 0; i < nonces.length; i++) {
            _add(nonces[i], _two());
        }
        _settleBatch();
        for (uint256 i = 0; i < nonces.length; i++) {
            vm.assertTrue(ledger.isNonceUsed(payer, nonces[i]), "used");
        }
        vm.assertEq(ledger.accounts(payer).nextNonce, 72, "next");
    }

    function test_TakesAConsentThatWasReplacedSince() public {
        vm.warp(_now() + 3 days);
        uint256 before = _now();
        vm.warp(_now() + 1 hours);
        vm.prank(owner);
        ledger.amend(first, 0, type(uint32).max, 2, 1);
        _add(0, _two());
        _add(1, _entry(second, 1_000_000));
        attestations[0].generatedAt = before;
        _settleBatch();
        vm.assertTrue(ledger.recordings(first).disputable != 0, "under the old one");
        vm.assertTrue(ledger.isNonceUsed(payer, 1), "and the other");
    }

    function test_TakesTheLargestShareItself() public {
        Terms memory terms = _terms();
        terms.maxShare = 4_000;
        uint32 third = _register(terms);
        _add(0, bytes.concat(_entry(second, 600_000), _entry(third, 400_000)));
        _settleBatch();
        vm.assertTrue(ledger.isNonceUsed(payer, 0), "settled");
    }

    function test_TakesAPriceOfZero() public {
        _add(0, _two());
        (attestations[0].price, attestations[0].nodeFee) = (0, 0);
        _settleBatch();
        vm.assertTrue(ledger.isNonceUsed(payer, 0), "nonce");
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW, "escrow");
    }

    function test_TakesAsManyEntriesAsThereCanBe() public {
        bytes memory entries = _entry(first, 1_000_000 - 254);
        for (uint32 i = 0; i < 254; i++) {
            entries = bytes.concat(entries, _entry(second + i, 1));
            if (i != 0) _register();
        }
        _add(0, entries);
        _add(1, entries);
        _settleBatch();
        vm.assertTrue(ledger.isNonceUsed(payer, 0) && ledger.isNonceUsed(payer, 1), "settled");
        vm.assertEq(second + 253, ledger.recordingCount(), "all of them");
    }

    function test_TakesManyPayersAndNodes() public {
        address another = address(0xFACE);
        vm.prank(admin);
        ledger.allowNode(another, true);
        for (uint256 i = 0; i < 4; i++) {
            _add(i, _two());
            if (i % 2 == 1) (orders[i].payer, keys[i]) = (vm.addr(OTHER_KEY), OTHER_KEY);
            if (i > 1) attestations[i].node = another;
        }
        _settleBatch();
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW - 2 * PRICE, "one");
        vm.assertEq(ledger.accounts(vm.addr(OTHER_KEY)).escrow, ESCROW - 2 * PRICE, "other");
        vm.assertEq(ledger.nodeDisputable(node), 2 * NODE_FEE, "node");
        vm.assertEq(ledger.nodeSpent(another), 2 * PRICE, "another");
    }

    function test_WritesNothingForAnUnusedNode() public {
        _add(0, _two());
        Batch memory batch = _batch();
        address[] memory nodes = new address[](2);
        (nodes[0], nodes[1]) = (node, address(0xFACE));
        batch.nodes = nodes;
        ledger.settleBatch(batch, _batchQuorum());
        vm.assertTrue(!ledger.isNodeAllowed(address(0xFACE)), "not allowed");
        vm.assertEq(ledger.nodeSpent(address(0xFACE)), 0, "spent");
    }

    function test_TakesOraclesThatAreContracts() public {
        Wallet wallet = new Wallet();
        address[] memory all = new address[](2);
        (all[0], all[1]) = (signers[0], address(wallet));
        if (all[1] < all[0]) (all[0], all[1]) = (all[1], all[0]);
        vm.prank(admin);
        set = ledger.proposeSet(2, all, _setTerms());
        vm.warp(_now() + SET_DELAY);
        ledger.activateSet(2, all);

        _add(0, _two());
        (, bytes32[] memory stated) = _hashes();
        bytes memory key = _compact(oracleKeys[0], _listDigest(BATCH, stated));
        bytes memory other = abi.encode(wallet, 0);
        bytes memory both = all[0] == signers[0] ? bytes.concat(key, other) : bytes.concat(other, key);
        ledger.settleBatch(_batch(), Quorum(2, all, both));
        vm.assertTrue(ledger.isNonceUsed(payer, 0), "settled");
    }

    /// @dev An oracle that is called during a batch finds the state from before the batch.
    function test_WritesNothingBeforeTheQuorumIsAsked() public {
        _add(0, _two());
        _add(1, _two());
        Witness witness = new Witness(ledger, payer, node, first);
        address[] memory all = new address[](1);
        all[0] = address(witness);
        vm.prank(admin);
        set = ledger.proposeSet(1, all, _setTerms());
        vm.warp(_now() + SET_DELAY);
        ledger.activateSet(1, all);

        ledger.settleBatch(_batch(), Quorum(1, all, abi.encode(witness, 0)));
        vm.assertEq(ledger.accounts(payer).escrow, ESCROW - 2 * PRICE, "settled");
    }

    /// @dev Each generation of a batch can be proved by itself.
    function test_ItsReceiptsAreValidForAnUpgrade() public {
        bytes memory entries = bytes.concat(_entry(0, 1), _entry(first, 499_999), _entry(second, 500_000));
        _add(0, _two());
        _add(1, entries);
        _settleBatch();
        (, bytes32[] memory stated) = _hashes();
        Receipt memory receipt = Receipt(orders[1], attestations[1], _batchQuorum(), stated);

        Order memory order = _order(2);
        (order.request, order.tier) = (_orderHash(orders[1]), 2);
        Attestation memory given = _attestation(entries);
        Quorum memory quorum = _quorum(order, given);
        vm.expectEmit(address(ledger));
        emit IRoyaltyLedger.Upgraded(_orderHash(order), _orderHash(orders[1]));
        ledger.upgrade(receipt, order, _signOrder(order), given, quorum);
    }
}
