// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Terms} from "../../../contracts/interfaces/ICatalogue.sol";
import {Base} from "./Base.sol";
import {vm} from "./Vm.sol";

/// @notice Recordings with tables, and money in them, with any token.
abstract contract Odd is Base {
    address internal constant ANN = address(0xA1);
    address internal constant BOB = address(0xB2);
    address internal constant CEM = address(0xC3);

    function _over(address currency) internal {
        _deploy(currency);
        _fund(payer, ESCROW);
    }

    function _three(uint32 ann, uint32 bob, uint32 cem) internal returns (uint32 recording) {
        address[] memory payees = new address[](3);
        uint32[] memory shares = new uint32[](3);
        (payees[0], payees[1], payees[2]) = (ANN, BOB, CEM);
        (shares[0], shares[1], shares[2]) = (ann, bob, cem);
        Terms memory terms = _terms();
        terms.split = splits.create(payees, shares);
        return _register(terms);
    }

    // Settles a generation and waits until it can be withdrawn; returns everything that can be withdrawn.
    function _earn(uint32 recording, uint256 nonce) internal returns (uint256) {
        _settle(_order(nonce), _attestation(_entry(recording, 1e6)));
        _mature();
        return ledger.recordings(recording).unclaimed;
    }
}
