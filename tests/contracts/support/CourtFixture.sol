// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IDisputeCourt} from "../../../contracts/interfaces/IDisputeCourt.sol";
import {Attestation, Order, Quorum, Receipt} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Disputed} from "./Disputed.sol";
import {vm} from "./Vm.sol";

/// @notice A court over the ledger, an arbiter, and a challenger who can pay many bonds.
abstract contract CourtFixture is Disputed {
    uint64 internal constant ARBITER = 3;
    uint256 internal constant BOND = 50e6;
    uint256 internal constant RULING_TIME = 14 days;
    bytes32 internal constant GROUNDS = keccak256("grounds");
    bytes32 internal constant BATCH = keccak256(
        "Batch(Attestation[] attestations)Attestation(bytes32 set,bytes32 order,uint256 price,address node,uint256 nodeFee,uint256 generatedAt,bytes entries,bytes32 manifest)"
    );

    address internal immutable arbiter = address(0xAB17E2);
    address internal immutable challenger = address(0xC4A1);

    IDisputeCourt internal tribunal;

    function setUp() public virtual override {
        super.setUp();
        _convene();
    }

    function _convene() internal {
        bytes memory arguments = abi.encode(ledger, authority, BOND, RULING_TIME);
        tribunal = IDisputeCourt(vm.deployCode("DisputeCourt.sol:DisputeCourt", arguments));
        bytes4[] memory rules = new bytes4[](1);
        rules[0] = IDisputeCourt.rule.selector;
        vm.startPrank(admin);
        authority.setTargetFunctionRole(address(tribunal), rules, ARBITER);
        authority.grantRole(ARBITER, arbiter, 0);
        authority.grantRole(COURT, address(tribunal), 0);
        vm.stopPrank();
        _enrich(challenger);
    }

    function _enrich(address who) internal {
        token.mint(who, 100 * BOND);
        vm.prank(who);
        token.approve(address(tribunal), 100 * BOND);
    }

    function _challenge(Order memory order, Attestation memory given) internal {
        _bring(_receipt(order, given));
    }

    function _bring(Receipt memory receipt) internal {
        vm.prank(challenger);
        tribunal.challenge(receipt, GROUNDS);
    }

    function _refuseChallenge(Receipt memory receipt, bytes memory reason) internal {
        vm.prank(challenger);
        vm.expectRevert(reason);
        tribunal.challenge(receipt, GROUNDS);
    }

    function _rule(Order memory order, Attestation memory given, bool reversed) internal {
        vm.prank(arbiter);
        tribunal.rule(order, given, set, reversed);
    }

    /// @dev The receipt of an attestation that the quorum signed in one batch with another one.
    function _batched(Order memory order, Attestation memory given, bytes32 other)
        internal
        view
        returns (Receipt memory)
    {
        bytes32[] memory hashes = new bytes32[](2);
        (hashes[0], hashes[1]) = (other, _key(order, given));
        bytes32 digest = _digest(keccak256(abi.encode(BATCH, keccak256(abi.encodePacked(hashes)))));
        bytes memory both = bytes.concat(_compact(oracleKeys[1], digest), _compact(oracleKeys[2], digest));
        return Receipt(order, given, Quorum({threshold: 2, signers: signers, signatures: both}), hashes);
    }
}
