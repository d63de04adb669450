// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {INodes} from "../../../contracts/interfaces/INodes.sol";
import {SetTerms} from "../../../contracts/interfaces/IOracleSet.sol";
import {Attestation, Order} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {ConsentView, IRoyaltyLens} from "../../../contracts/interfaces/IRoyaltyLens.sol";
import {Disputed} from "../support/Disputed.sol";
import {vm} from "../support/Vm.sol";

/// @notice Words at their largest values, and keys of replaced consents. See Words.tree.
contract WordLimitsTest is Disputed {
    uint256 private constant FIRST_SLOT = 2 ** 33;
    uint256 private constant SPENT = 168;
    uint256 private constant EPOCH = 152;
    uint256 private constant MOST_SPENT = type(uint64).max;

    /// @dev Sets the node's word as many settlements of this epoch would.
    function _spend(uint256 amount) private {
        uint256 base = FIRST_SLOT;
        while (vm.load(address(ledger), keccak256(abi.encode(node, base))) == 0) base++;
        bytes32 slot = keccak256(abi.encode(node, base));
        uint256 epoch = uint16(_now() / WINDOW);
        uint256 word = uint256(vm.load(address(ledger), slot));
        vm.store(address(ledger), slot, bytes32(word | amount << SPENT | epoch << EPOCH));
        vm.assertEq(ledger.nodeSpent(node), amount, "spent");
    }

    function test_ANodesWordCountsUpToItsLargestNumber() public {
        _replaceSet(SetTerms(PROTOCOL_BPS, NODE_CAP_BPS, SET_UNTIL, type(uint64).max));
        _spend(MOST_SPENT - PRICE);
        _made(0);
        vm.assertEq(ledger.nodeSpent(node), MOST_SPENT, "the most");
    }

    function test_ANodesWordRejectsALargerSum() public {
        _replaceSet(SetTerms(PROTOCOL_BPS, NODE_CAP_BPS, SET_UNTIL, type(uint64).max));
        _spend(MOST_SPENT - PRICE + 1);
        (Order memory order, Attestation memory given) = (_order(0), _attestation(_entries()));
        _refuse(order, given, abi.encodeWithSelector(INodes.Nodes_Full.selector, node, NODE_FEE));
    }

    function test_TheLastIdOfAllIsItsOwnersToRevoke() public {
        uint256 last = type(uint32).max;
        for (uint256 array = 0; array < 2; array++) {
            bytes32 word = vm.load(address(ledger), bytes32((array << 32) + one));
            vm.store(address(ledger), bytes32((array << 32) + last), word);
        }
        vm.prank(owner);
        ledger.revoke(last);
        vm.assertEq(ledger.recordings(uint32(last)).consentUntil, _now(), "revoked");
    }

    function test_ReplacedConsentsOfTwoRecordingsAreKeptApart() public {
        vm.warp(_now() + 1);
        vm.prank(owner);
        ledger.amend(one, 0, type(uint32).max, 3, 10_000);
        uint256 kept = ledger.pastConsent(one, 0);
        vm.assertTrue(kept != 0, "one");
        vm.assertEq(ledger.pastConsent(two, 0), 0, "two has none");

        vm.warp(_now() + 1);
        vm.prank(owner);
        ledger.amend(two, 0, type(uint32).max, 3, 10_000);
        vm.assertEq(ledger.pastConsent(one, 0), kept, "one still");
    }

    function test_TheOldestOf256ReplacedConsentsIsFound() public {
        IRoyaltyLens lens = IRoyaltyLens(vm.deployCode("RoyaltyLens.sol:RoyaltyLens", abi.encode(ledger)));
        uint256 begun = _now();
        for (uint256 i = 0; i < 256; i++) {
            vm.warp(_now() + MAX_LAG + 1);
            vm.prank(owner);
            ledger.amend(one, 0, type(uint32).max, 3, 10_000);
        }
        vm.assertTrue(lens.consentAt(one, begun).stands, "stands");
        ConsentView memory earlier = lens.consentAt(one, begun - 1);
        vm.assertEq(earlier.stands, false, "earlier");
        vm.assertEq(earlier.consentFrom, begun, "the oldest");
    }
}
