// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICatalogue} from "../../../contracts/interfaces/ICatalogue.sol";
import {Base} from "../support/Base.sol";
import {vm} from "../support/Vm.sol";

/// @notice The lowest royalty that an owner asks for. See Floors.tree.
contract FloorsTest is Base {
    function test_RefusedForAnyoneButTheOwner() public {
        uint32 recording = _register();
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_NotOwner.selector, address(this), owner));
        ledger.setFloors(recording, [uint64(1), 2, 3, 4]);
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_UnknownRecording.selector, 0));
        ledger.setFloors(0, [uint64(1), 2, 3, 4]);
    }

    function test_FloorsAreZeroAtFirst() public {
        uint64[4] memory none;
        vm.assertEq(abi.encode(ledger.floors(_register())), abi.encode(none), "floors");
    }

    function testFuzz_KeepsEveryTierApart(uint64[4] memory floors, uint64[4] memory other) public {
        (uint32 one, uint32 two) = (_register(), _register());
        vm.startPrank(owner);
        ledger.setFloors(two, other);
        ledger.setFloors(one, other);
        vm.expectEmit(address(ledger));
        emit ICatalogue.FloorsSet(one, floors);
        ledger.setFloors(one, floors);
        vm.assertEq(abi.encode(ledger.floors(one)), abi.encode(floors), "set");
        vm.assertEq(abi.encode(ledger.floors(two)), abi.encode(other), "of the other");
    }

    function test_ASettlementDoesNotReadFloors() public {
        uint32 recording = _register();
        vm.prank(owner);
        ledger.setFloors(recording, [type(uint64).max, type(uint64).max, type(uint64).max, type(uint64).max]);
        _settle(_order(0), _attestation(_entry(recording, 1e6)));
    }
}
