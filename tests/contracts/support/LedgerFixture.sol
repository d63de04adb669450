// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IDisputes} from "../../../contracts/interfaces/IDisputes.sol";
import {Setup} from "../../../contracts/interfaces/ILedgerBase.sol";
import {ModuleSet} from "../../../contracts/interfaces/IModules.sol";
import {IOracleSet, SetTerms} from "../../../contracts/interfaces/IOracleSet.sol";
import {IRightsSplits} from "../../../contracts/interfaces/IRightsSplits.sol";
import {IRoles} from "../../../contracts/interfaces/IRoles.sol";
import {ITestLedger, IToken} from "./ITestLedger.sol";
import {vm} from "./Vm.sol";

/// @notice A ledger with its modules under an access manager, a 2-of-3 set and an allowed node.
abstract contract LedgerFixture {
    uint64 internal constant GUARDIAN = 1;
    uint64 internal constant COURT = 2;

    uint256 internal constant MAX_LAG = 2 days;
    uint256 internal constant WINDOW = 7 days;
    uint256 internal constant SET_DELAY = 48 hours;
    uint256 internal constant ESCROW = 1_000_000e6;
    uint256 internal constant PRICE = 1_234_567;
    uint256 internal constant NODE_FEE = 123_456;
    uint16 internal constant PROTOCOL_BPS = 250;
    uint16 internal constant NODE_CAP_BPS = 1_000;
    uint40 internal constant SET_UNTIL = 2_000_000_000;
    uint64 internal constant CAP = 1e15;

    address internal immutable admin = address(0xAD);
    address internal immutable guardian = address(0x6A);
    address internal immutable court = address(0xC0);
    address internal immutable owner = address(0x0E0);
    address internal immutable node = address(0x0DE);
    uint256 internal immutable payerKey = uint256(keccak256("payer"));
    address internal payer;
    uint256[3] internal oracleKeys;
    address[] internal signers;

    IToken internal token;
    IRightsSplits internal splits;
    AccessManager internal authority;
    ITestLedger internal ledger;
    bytes32 internal set;

    function _makeOracles() internal {
        uint256[3] memory keys = [uint256(101), 102, 103];
        for (uint256 i = 0; i < 3; i++) {
            for (uint256 j = i + 1; j < 3; j++) {
                if (vm.addr(keys[j]) < vm.addr(keys[i])) (keys[i], keys[j]) = (keys[j], keys[i]);
            }
            signers.push(vm.addr(keys[i]));
        }
        oracleKeys = keys;
    }

    function _deploy(address currency) internal {
        token = IToken(currency);
        splits = IRightsSplits(vm.deployCode("RightsSplits.sol:RightsSplits", ""));
        authority = AccessManager(vm.deployCode("AccessManager.sol:AccessManager", abi.encode(admin)));
        Setup memory setup = _setup();
        ledger = _deployLedger(setup, _deployModules(setup));

        vm.startPrank(admin);
        _grant();
        set = ledger.installFirstSet(2, signers, _setTerms());
        ledger.allowNode(node, true);
        vm.stopPrank();
    }

    function _setup() internal view returns (Setup memory) {
        return Setup(IERC20(address(token)), splits, address(authority), MAX_LAG, WINDOW);
    }

    function _deployModules(Setup memory setup) internal returns (ModuleSet memory) {
        bytes memory arguments = abi.encode(setup);
        return ModuleSet({
            catalogue: vm.deployCode("CatalogueModule.sol:CatalogueModule", arguments),
            settlement: vm.deployCode("SettlementModule.sol:SettlementModule", arguments),
            oversight: vm.deployCode("OversightModule.sol:OversightModule", arguments),
            purse: vm.deployCode("PayoutModule.sol:PayoutModule", arguments)
        });
    }

    function _deployLedger(Setup memory setup, ModuleSet memory modules) internal returns (ITestLedger) {
        return ITestLedger(vm.deployCode("RoyaltyLedger.sol:RoyaltyLedger", abi.encode(setup, modules)));
    }

    function _grant() private {
        bytes4[] memory stops = new bytes4[](2);
        (stops[0], stops[1]) = (IRoles.pause.selector, IOracleSet.removeSet.selector);
        bytes4[] memory rules = new bytes4[](2);
        (rules[0], rules[1]) = (IDisputes.freeze.selector, IDisputes.release.selector);
        authority.setTargetFunctionRole(address(ledger), stops, GUARDIAN);
        authority.setTargetFunctionRole(address(ledger), rules, COURT);
        authority.grantRole(GUARDIAN, guardian, 0);
        authority.grantRole(COURT, court, 0);
    }

    /// @dev Makes a set with other terms sign from now on, without the middle one of the three signers.
    function _replaceSet(SetTerms memory terms) internal {
        signers[1] = signers[2];
        signers.pop();
        vm.prank(admin);
        set = ledger.proposeSet(2, signers, terms);
        vm.warp(_now() + SET_DELAY);
        ledger.activateSet(2, signers);
    }

    function _setTerms() internal pure returns (SetTerms memory) {
        return SetTerms(PROTOCOL_BPS, NODE_CAP_BPS, SET_UNTIL, CAP);
    }

    function _fund(address to, uint256 amount) internal {
        token.mint(address(this), amount);
        token.approve(address(ledger), amount);
        ledger.fund(to, amount);
    }

    function _now() internal view returns (uint256) {
        return vm.getBlockTimestamp();
    }

    /// @dev The first time at which what is credited now can be withdrawn.
    function _mature() internal {
        vm.warp((_now() / WINDOW + 2) * WINDOW);
    }
}
