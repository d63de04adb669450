// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Terms} from "../../../contracts/interfaces/ICatalogue.sol";
import {ITrainingPool, Round, Stage} from "../../../contracts/interfaces/ITrainingPool.sol";
import {Disputed} from "./Disputed.sol";
import {vm} from "./Vm.sol";

/// @notice A training pool that is the ledger's receiver, and money for it.
abstract contract Pooled is Disputed {
    uint256 internal constant PERIOD = 30 days;
    uint8 internal constant TRAINING = 2;
    uint8 internal constant CONDITIONING = 1;

    ITrainingPool internal pool;

    function setUp() public virtual override {
        super.setUp();
        _found();
    }

    function _found() internal {
        pool = ITrainingPool(vm.deployCode("TrainingPool.sol:TrainingPool", abi.encode(ledger, PERIOD)));
        vm.prank(admin);
        ledger.setReceivers(protocol, address(pool));
        vm.warp(_now() + PERIOD);
    }

    function _consenting(uint8 uses) internal returns (uint32) {
        Terms memory terms = _terms();
        terms.uses = uses;
        return _register(terms);
    }

    function _amend(uint32 recording, uint256 from, uint8 uses) internal {
        vm.prank(owner);
        ledger.amend(recording, uint32(from), type(uint32).max, uses, 10_000);
    }

    function _revoke(uint32 recording) internal {
        vm.prank(owner);
        ledger.revoke(recording);
    }

    /// @dev One round from opening to closing, in pages of `most`.
    function _round(uint256 most) internal {
        pool.open();
        while (_stage() == Stage.COUNTING) pool.count(most);
        while (_stage() == Stage.PAYING) pool.pay(most);
    }

    function _stage() internal view returns (Stage) {
        return _latest().stage;
    }

    function _latest() internal view returns (Round memory state) {
        (, state) = pool.latest();
    }

    function _due(uint32 recording) internal view returns (uint256) {
        return ledger.recordings(recording).unclaimed;
    }
}
