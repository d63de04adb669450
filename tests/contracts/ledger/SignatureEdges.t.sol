// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

import {IRoyaltyLedger} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Signatures} from "../../../contracts/libraries/Signatures.sol";
import {vm} from "../support/Vm.sol";

/// @notice An oracle that is a contract: at the largest address, and with little gas. See Signatures.tree.
contract SignatureEdgesTest {
    function test_TheLastAddressIsAnAddress() public {
        address[] memory signers = _agreeing();
        this.check{gas: 1_000_000}(signers, abi.encode(signers[0], 0));
    }

    /// @dev The gas that the contract may use plus the cost of the call; 1/64 of a call's gas stays with the caller
    /// (EIP-150).
    function test_SaysHowMuchGasItNeeds() public {
        address[] memory signers = _agreeing();
        bytes memory call = abi.encodeCall(this.check, (signers, abi.encode(signers[0], 0)));
        (bool ok, bytes memory said) = address(this).staticcall{gas: 150_000}(call);
        vm.assertTrue(!ok, "too little");
        vm.assertEq(bytes32(bytes4(said)), IRoyaltyLedger.Settlement_GasForSignature.selector, "error");
        uint256 needed;
        assembly ("memory-safe") {
            needed := mload(add(said, 0x44))
        }
        vm.assertEq(needed, uint256(200_000 + 10_000) * 64 / 63, "needed");
    }

    /// @dev A contract at the largest address, which answers everything with the selector of isValidSignature.
    function _agreeing() private returns (address[] memory signers) {
        signers = new address[](1);
        signers[0] = address(type(uint160).max);
        vm.etch(signers[0], abi.encodePacked(hex"63", IERC1271.isValidSignature.selector, hex"60e01b5f5260205ff3"));
    }

    function check(address[] calldata signers, bytes calldata list) external view {
        Signatures.checkQuorum("digest", 1, signers, list);
    }
}
