// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IDisputeCourt} from "../../../contracts/interfaces/IDisputeCourt.sol";
import {CourtFixture} from "../support/CourtFixture.sol";
import {vm} from "../support/Vm.sol";

/// @notice The settings of a court. See DisputeCourt.tree.
contract DisputeCourtSettingsTest is CourtFixture {
    string private constant SOURCE = "DisputeCourt.sol:DisputeCourt";

    function test_RefusedSettings() public {
        address none = address(1);
        bytes memory reason = abi.encodeWithSelector(IDisputeCourt.DisputeCourt_NotALedger.selector, none);
        _refuseSettings(none, BOND, RULING_TIME, reason);
        _refuseBond(0);
        _refuseBond(2 ** 48);
        _refuseTime(1 days - 1);
        _refuseTime(90 days + 1);
    }

    function test_TakesTheSettingsItIsGiven() public {
        vm.assertEq(_build(address(ledger), 2 ** 48 - 1, 1 days).BOND(), 2 ** 48 - 1, "largest bond");
        vm.assertEq(_build(address(ledger), 1, 1 days).RULING_TIME(), 1 days, "shortest time");
        vm.assertEq(_build(address(ledger), 1, 90 days).RULING_TIME(), 90 days, "longest time");
        vm.assertEq(tribunal.BOND(), BOND, "bond");
        vm.assertEq(tribunal.RULING_TIME(), RULING_TIME, "ruling time");
        vm.assertEq(address(tribunal.ledger()), address(ledger), "ledger");
    }

    function _refuseBond(uint256 bond) private {
        bytes4 reason = IDisputeCourt.DisputeCourt_BondOutOfRange.selector;
        bytes memory whole = abi.encodeWithSelector(reason, bond, 2 ** 48 - 1);
        _refuseSettings(address(ledger), bond, RULING_TIME, whole);
    }

    function _refuseTime(uint256 time) private {
        bytes4 reason = IDisputeCourt.DisputeCourt_RulingTimeOutOfRange.selector;
        _refuseSettings(address(ledger), BOND, time, abi.encodeWithSelector(reason, time, 1 days, 90 days));
    }

    function _refuseSettings(address judged, uint256 bond, uint256 time, bytes memory reason) private {
        bytes memory code = bytes.concat(vm.getCode(SOURCE), abi.encode(judged, authority, bond, time));
        (bool made, bytes memory said) = address(this).call(abi.encodeCall(this.create, (code)));
        vm.assertEq(made, false, "made");
        vm.assertEq(keccak256(said), keccak256(reason), "reason");
    }

    function _build(address judged, uint256 bond, uint256 time) private returns (IDisputeCourt) {
        return IDisputeCourt(vm.deployCode(SOURCE, abi.encode(judged, authority, bond, time)));
    }

    /// @dev Passes on the error of the constructor.
    function create(bytes memory code) external returns (address made) {
        assembly {
            made := create(0, add(code, 32), mload(code))
            if iszero(made) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }
}
