// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {ICatalogue} from "../../../contracts/interfaces/ICatalogue.sol";
import {IDisputes} from "../../../contracts/interfaces/IDisputes.sol";
import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {ILedgerBase, Setup} from "../../../contracts/interfaces/ILedgerBase.sol";
import {IModules, ModuleSet} from "../../../contracts/interfaces/IModules.sol";
import {INodes} from "../../../contracts/interfaces/INodes.sol";
import {IOracleSet} from "../../../contracts/interfaces/IOracleSet.sol";
import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {IRightsSplits} from "../../../contracts/interfaces/IRightsSplits.sol";
import {IRoyaltyLedger} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Base} from "../support/Base.sol";
import {vm} from "../support/Vm.sol";

/// @notice The setup of a ledger, and where its code is. See Modules.tree.
contract ModulesTest is Base {
    // A contract first looks up the selector among its own.
    function _answers(address module, bytes4 selector) internal view returns (bool) {
        bytes memory code = module.code;
        for (uint256 i = 0; i + 5 < code.length; i++) {
            bool push = code[i] == 0x63 && code[i + 1] == selector[0] && code[i + 2] == selector[1];
            if (push && code[i + 3] == selector[2] && code[i + 4] == selector[3]) return true;
        }
        return false;
    }

    /// @dev Not by the cheatcode: a revert in a cheatcode ends the test, whatever the reason is.
    function build(string calldata artifact, bytes calldata arguments) external returns (address place) {
        bytes memory code = bytes.concat(vm.getCode(artifact), arguments);
        assembly {
            place := create(0, add(code, 32), mload(code))
            if iszero(place) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }

    function _refuse(Setup memory setup, ModuleSet memory modules, bytes memory reason) internal {
        vm.expectRevert(reason);
        this.build("RoyaltyLedger.sol:RoyaltyLedger", abi.encode(setup, modules));
    }

    function _refuseModules(ModuleSet memory modules, address wrong) internal {
        _refuse(_setup(), modules, abi.encodeWithSelector(IModules.Modules_BuiltOtherwise.selector, wrong));
    }

    // Each of the four modules built with other settings.
    function _refuseOther(Setup memory other) internal {
        ModuleSet memory wrong = _deployModules(other);
        ModuleSet memory good = _deployModules(_setup());
        address[4] memory all = [wrong.catalogue, wrong.settlement, wrong.oversight, wrong.purse];
        _refuseModules(ModuleSet(all[0], good.settlement, good.oversight, good.purse), all[0]);
        _refuseModules(ModuleSet(good.catalogue, all[1], good.oversight, good.purse), all[1]);
        _refuseModules(ModuleSet(good.catalogue, good.settlement, all[2], good.purse), all[2]);
        _refuseModules(ModuleSet(good.catalogue, good.settlement, good.oversight, all[3]), all[3]);
    }

    function test_RefusedWithModulesBuiltOtherwise() public {
        Setup memory other = _setup();
        other.token = IERC20(vm.deployCode("TestDollar.sol:TestDollar", ""));
        _refuseOther(other);
        other = _setup();
        other.splits = IRightsSplits(vm.deployCode("RightsSplits.sol:RightsSplits", ""));
        _refuseOther(other);
        other = _setup();
        other.maxLag += 1;
        _refuseOther(other);
        other = _setup();
        other.window += 1;
        _refuseOther(other);
    }

    function test_RefusedWithNoModule() public {
        ModuleSet memory modules = _deployModules(_setup());
        modules.settlement = address(0);
        vm.expectRevert();
        this.build("RoyaltyLedger.sol:RoyaltyLedger", abi.encode(_setup(), modules));
    }

    function test_RefusedWithASetupThatCannotWork() public {
        ModuleSet memory modules = _deployModules(_setup());
        Setup memory setup = _setup();
        setup.token = IERC20(owner);
        _refuse(setup, modules, abi.encodeWithSelector(ILedgerBase.Holdings_NotAToken.selector, owner));
        setup = _setup();
        setup.splits = IRightsSplits(owner);
        _refuse(setup, modules, abi.encodeWithSelector(ILedgerBase.Holdings_NoSplits.selector, owner));
        setup = _setup();
        setup.token = IERC20(address(new EighteenDecimals()));
        _refuse(setup, modules, abi.encodeWithSelector(ILedgerBase.Holdings_TooManyDecimals.selector, 18, 6));
    }

    function test_RefusedWithAWindowOutOfRange() public {
        _refuseWindow(MAX_LAG);
        _refuseWindow(90 days + 1);
        Setup memory setup = _setup();
        setup.window = MAX_LAG + 1;
        _deployLedger(setup, _deployModules(setup));
        setup.window = 90 days;
        _deployLedger(setup, _deployModules(setup));
    }

    function _refuseWindow(uint256 window) internal {
        Setup memory setup = _setup();
        setup.window = window;
        bytes4 bad = ILedgerBase.Holdings_WindowOutOfRange.selector;
        _refuse(setup, _deployModules(_setup()), abi.encodeWithSelector(bad, window, MAX_LAG + 1, 90 days));
    }

    function test_EveryForwardedFunctionIsInItsModule() public view {
        bytes4[7] memory catalogue = [
            ICatalogue.register.selector,
            ICatalogue.registerBatch.selector,
            ICatalogue.amend.selector,
            ICatalogue.setFloors.selector,
            ICatalogue.offer.selector,
            ICatalogue.accept.selector,
            ICatalogue.assign.selector
        ];
        bytes4[8] memory oversight = [
            IOracleSet.installFirstSet.selector,
            IOracleSet.proposeSet.selector,
            IOracleSet.activateSet.selector,
            IOracleSet.removeSet.selector,
            IEscrow.setReceivers.selector,
            IEscrow.sweep.selector,
            IDisputes.freeze.selector,
            IDisputes.release.selector
        ];
        bytes4[11] memory purse = [
            IEscrow.fundWithPermit.selector,
            IEscrow.fundWithAuthorization.selector,
            IEscrow.requestExit.selector,
            IEscrow.cancelExit.selector,
            IEscrow.exit.selector,
            IPayouts.withdrawFor.selector,
            IPayouts.withdrawTo.selector,
            IPayouts.withdrawWithSig.selector,
            IPayouts.withdrawClaimed.selector,
            IPayouts.reward.selector,
            INodes.withdrawNode.selector
        ];
        for (uint256 i = 0; i < 7; i++) {
            vm.assertTrue(_answers(ledger.catalogueModule(), catalogue[i]), "catalogue");
            vm.assertTrue(!_answers(ledger.oversightModule(), catalogue[i]), "not in another");
        }
        for (uint256 i = 0; i < 8; i++) {
            vm.assertTrue(_answers(ledger.oversightModule(), oversight[i]), "oversight");
        }
        for (uint256 i = 0; i < 11; i++) {
            vm.assertTrue(_answers(ledger.purseModule(), purse[i]), "purse");
        }
        vm.assertTrue(_answers(ledger.settlementModule(), IRoyaltyLedger.upgrade.selector), "settlement");
    }

    function test_TheLedgersOwnAuthorityDecides() public {
        Setup memory other = _setup();
        other.authority = vm.deployCode("AccessManager.sol:AccessManager", abi.encode(owner));
        ledger = _deployLedger(_setup(), _deployModules(other));
        vm.prank(owner);
        vm.expectRevert();
        ledger.setReceivers(owner, owner);
        vm.prank(admin);
        ledger.setReceivers(owner, owner);
        vm.assertEq(ledger.poolReceiver(), owner, "set");
    }

    function test_AModuleCalledDirectlyChangesNothingOfTheLedger() public {
        uint32 recording = _register();
        bytes memory before = abi.encode(ledger.recordings(recording), ledger.recordingCount());
        ICatalogue module = ICatalogue(ledger.catalogueModule());
        vm.startPrank(owner);
        vm.assertEq(module.register(_terms(), keccak256("audio"), keccak256("metadata"), ""), 1, "in its own storage");
        module.amend(1, 0, type(uint32).max, 1, 1);
        module.offer(1, owner);
        vm.stopPrank();
        vm.assertEq(abi.encode(ledger.recordings(recording), ledger.recordingCount()), before, "recording");
        vm.assertEq(ledger.offeredTo(recording), address(0), "offer");
    }

    function test_AModuleCalledDirectlyChecksTheSameRoles() public {
        IOracleSet module = IOracleSet(ledger.oversightModule());
        vm.prank(owner);
        vm.expectRevert();
        module.installFirstSet(2, signers, _setTerms());
        vm.prank(admin);
        module.installFirstSet(2, signers, _setTerms());
        vm.assertEq(token.balanceOf(address(module)), 0, "it has nothing");
    }

    function test_AModulesErrorIsTheLedgersError() public {
        vm.expectRevert(abi.encodeWithSelector(ICatalogue.Catalogue_EmptyBatch.selector));
        ledger.registerBatch(_terms(), new bytes32[](0), new bytes32[](0), "");
    }

    function test_NoModuleCanBeReplaced() public view {
        bytes memory code = address(ledger).code;
        // Immutable: the addresses are part of the code.
        vm.assertTrue(_holds(code, ledger.catalogueModule()), "catalogue");
        vm.assertTrue(_holds(code, ledger.settlementModule()), "settlement");
        vm.assertTrue(_holds(code, ledger.oversightModule()), "oversight");
        vm.assertTrue(_holds(code, ledger.purseModule()), "purse");
    }

    function test_TheLedgerFitsAContractsCode() public view {
        vm.assertTrue(address(ledger).code.length <= 24_576, "ledger");
        vm.assertTrue(ledger.catalogueModule().code.length <= 24_576, "catalogue");
        vm.assertTrue(ledger.settlementModule().code.length <= 24_576, "settlement");
        vm.assertTrue(ledger.oversightModule().code.length <= 24_576, "oversight");
        vm.assertTrue(ledger.purseModule().code.length <= 24_576, "purse");
    }

    function _holds(bytes memory code, address place) private pure returns (bool) {
        for (uint256 i = 32; i + 20 <= code.length; i++) {
            bytes32 word;
            assembly {
                word := mload(add(code, add(i, 20)))
            }
            if (address(uint160(uint256(word))) == place) return true;
        }
        return false;
    }
}

/// @notice A token with too many decimals.
contract EighteenDecimals {
    function decimals() external pure returns (uint8) {
        return 18;
    }
}
