// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Attestation, Order, Quorum} from "../../../contracts/interfaces/IRoyaltyLedger.sol";
import {Base} from "./Base.sol";

/// @notice What a handler records of its actions, and what the ledger says about them.
abstract contract Store is Base {
    uint256 public constant RECORDINGS = 6;
    uint256 public constant PAYERS = 3;

    address internal constant FEES = address(0xFEE);
    address internal constant POOL = address(0xB00);
    address internal constant ELSEWHERE = address(0xE15E);

    uint256 public funded;
    uint256 public settlements;
    uint256[PAYERS] internal nonces;
    address[] public holders;
    address[] public payers;

    Order internal lastOrder;
    Attestation internal lastAttestation;
    bytes internal lastCall;
    bytes32[] internal frozenOnes;

    /// @notice What settlements have taken from escrow, and what they have added to every other account.
    uint256 public debited;
    uint256 public credited;

    /// @notice The number of forbidden attempts, and how many of them reverted.
    uint256 public asked;
    uint256 public refused;

    /// @notice What was paid out while settlement was paused.
    uint256 public withdrawnWhilePaused;

    function _key(uint256 who) internal pure returns (uint256) {
        return 9_000 + who;
    }

    function _settleAndCount(Order memory order, bytes memory signature, Attestation memory given) internal {
        (uint256 escrow, uint256 rest) = (_escrow(), owed() - _escrow());
        Quorum memory quorum = _quorum(order, given);
        ledger.settle(order, signature, given, quorum);
        lastCall = abi.encodeCall(ledger.settle, (order, signature, given, quorum));
        debited += escrow - _escrow();
        credited += owed() - _escrow() - rest;
        (lastOrder, lastAttestation) = (order, given);
        settlements++;
    }

    function _escrow() internal view returns (uint256 total) {
        for (uint256 i = 0; i < PAYERS; i++) {
            total += ledger.accounts(payers[i]).escrow;
        }
    }

    /// @notice Everything that the ledger says it owes.
    function owed() public view returns (uint256 total) {
        for (uint256 i = 0; i < PAYERS; i++) {
            total += ledger.accounts(payers[i]).escrow + ledger.accounts(payers[i]).protocolFees;
            total += ledger.accounts(payers[i]).pool;
        }
        for (uint32 id = 0; id <= RECORDINGS; id++) {
            total += ledger.recordings(id).unclaimed + ledger.recordings(id).disputable;
        }
        total += ledger.nodeBalance(node) + ledger.nodeDisputable(node);
        total += ledger.nodeBalance(FEES) + ledger.nodeDisputable(FEES);
        return total + _waiting();
    }

    /// @notice Everything that has left the ledger.
    function paid() external view returns (uint256 total) {
        for (uint256 i = 0; i < PAYERS; i++) {
            total += token.balanceOf(payers[i]);
        }
        for (uint256 i = 0; i < holders.length; i++) {
            total += token.balanceOf(holders[i]);
        }
        total += token.balanceOf(node) + token.balanceOf(ELSEWHERE);
        return total + token.balanceOf(FEES) + token.balanceOf(POOL);
    }

    function held() public view returns (uint256) {
        return token.balanceOf(address(ledger));
    }

    function _waiting() internal view returns (uint256 total) {
        for (uint256 i = 0; i < holders.length; i++) {
            total += ledger.parked(holders[i]);
        }
        for (uint256 i = 0; i < frozenOnes.length; i++) {
            total += ledger.frozen(frozenOnes[i]);
        }
    }
}
