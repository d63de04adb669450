// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IEscrow} from "../interfaces/IEscrow.sol";
import {AccountWord, AccountWords} from "../libraries/AccountWords.sol";
import {LedgerBase} from "./LedgerBase.sol";

/// @title Funding
/// @notice Credits received money to a payer's escrow, and computes when a payer may leave. See IEscrow.
abstract contract Funding is LedgerBase {
    uint256 internal constant EXIT_LAPSE = 7 days;
    uint256 internal constant EXIT_MARGIN = 1 days;

    function _deposit(address payer, address from, uint256 received) internal {
        require(payer != address(0), IEscrow.Escrow_NoPayer());
        AccountWord word = _state.accounts[payer];
        bool fits = received <= AccountWords.MOST_ESCROW - word.escrow();
        require(fits, IEscrow.Escrow_TooMuch(word.escrow(), received));

        _state.accounts[payer] = word.deposit(received);

        emit IEscrow.Funded(payer, from, received);
    }

    function _exitTime(address payer) internal view returns (uint256) {
        uint256 from = _state.exits[payer];
        return block.timestamp < from + EXIT_LAPSE ? from : 0;
    }
}
