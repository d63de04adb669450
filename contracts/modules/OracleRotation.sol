// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IOracleSet, SetTerms} from "../interfaces/IOracleSet.sol";
import {LedgerBase} from "../ledger/LedgerBase.sol";
import {PackedProofs} from "../libraries/PackedProofs.sol";
import {SetWord, SetWords} from "../libraries/SetWords.sol";

/// @title OracleRotation
/// @notice Adds and removes sets of oracles. See IOracleSet.
abstract contract OracleRotation is LedgerBase {
    uint256 private constant MOST_SIGNERS = 64;

    // The most that protocol and node may take together, in 1/10,000: half stays with the recordings.
    uint256 private constant MOST_FEES_BPS = 5_000;

    // A pause writes to each active set.
    uint256 private constant MOST_SETS = 8;

    /// @dev The delay of a proposed set.
    uint256 internal constant SET_DELAY = 48 hours;

    function installFirstSet(uint256 threshold, address[] calldata signers, SetTerms calldata terms)
        external
        restricted
        returns (bytes32 set)
    {
        require(!_state.firstSetInstalled, IOracleSet.OracleSet_FirstSetInstalled());

        _state.firstSetInstalled = true;
        set = _record(block.timestamp, threshold, signers, terms);
        _activate(set);

        emit IOracleSet.SetActivated(set, threshold, signers, terms);
    }

    function proposeSet(uint256 threshold, address[] calldata signers, SetTerms calldata terms)
        external
        restricted
        returns (bytes32 set)
    {
        set = _record(block.timestamp + SET_DELAY, threshold, signers, terms);

        emit IOracleSet.SetProposed(set, threshold, signers, terms);
    }

    function activateSet(uint256 threshold, address[] calldata signers) external returns (bytes32 set) {
        set = PackedProofs.setId(threshold, signers);
        SetWord word = _state.sets[set];
        require(word.state() == SetWords.PROPOSED, IOracleSet.OracleSet_NotProposed(set));
        bool waited = block.timestamp >= word.activeFrom();
        require(waited, IOracleSet.OracleSet_TooEarly(word.activeFrom(), block.timestamp));

        _activate(set);

        SetTerms memory terms = SetTerms(word.protocolBps(), word.nodeCapBps(), word.until(), word.cap());
        emit IOracleSet.SetActivated(set, threshold, signers, terms);
    }

    function removeSet(bytes32 set) external restricted {
        SetWord word = _state.sets[set];
        bool known = word.isActive() || word.state() == SetWords.PROPOSED;
        require(known, IOracleSet.OracleSet_Unknown(set));

        if (word.isActive()) _deactivate(set);
        _state.sets[set] = word.withState(SetWords.REMOVED);

        emit IOracleSet.SetRemoved(set);
    }

    function _activate(bytes32 set) private {
        uint256 count = _state.active.length;
        require(count < MOST_SETS, IOracleSet.OracleSet_TooManySets(count));

        _state.active.push(set);
        uint256 status = _state.paused ? SetWords.STOPPED : SetWords.ACTIVE;
        _state.sets[set] = _state.sets[set].withState(status).withUse(true);
    }

    function _deactivate(bytes32 set) private {
        bytes32[] storage active = _state.active;
        uint256 last = active.length - 1;
        for (uint256 i = 0; i < last; i++) {
            if (active[i] == set) active[i] = active[last];
        }
        active.pop();
    }

    function _record(uint256 activeFrom, uint256 threshold, address[] calldata signers, SetTerms calldata terms)
        private
        returns (bytes32 set)
    {
        _checkSigners(threshold, signers);
        _checkTerms(terms, activeFrom);
        set = PackedProofs.setId(threshold, signers);
        SetWord before = _state.sets[set];
        _checkFree(set, before, terms.protocolBps);

        SetWord word = SetWords.pack(terms.protocolBps, terms.nodeCapBps, terms.until, activeFrom, terms.cap);
        _state.sets[set] = word.withUse(before.isUsed());
    }

    // The attestations of a removed set are still divided by the fee that the set had then, so the fee may not change.
    function _checkFree(bytes32 set, SetWord before, uint256 protocolBps) private pure {
        bool free = before.state() == 0 || before.state() == SetWords.REMOVED;
        require(free, IOracleSet.OracleSet_AlreadyKnown(set));
        bool same = !before.isUsed() || before.protocolBps() == protocolBps;
        require(same, IOracleSet.OracleSet_FeeChanged(protocolBps, before.protocolBps()));
    }

    function _checkTerms(SetTerms calldata terms, uint256 activeFrom) private pure {
        (uint256 protocolBps, uint256 nodeCapBps) = (terms.protocolBps, terms.nodeCapBps);
        bool fair = protocolBps + nodeCapBps <= MOST_FEES_BPS;
        require(fair, IOracleSet.OracleSet_FeesTooHigh(protocolBps, nodeCapBps, MOST_FEES_BPS));
        require(terms.until > activeFrom, IOracleSet.OracleSet_AlreadyOver(terms.until, activeFrom));
    }

    function _checkSigners(uint256 threshold, address[] calldata signers) private pure {
        uint256 count = signers.length;
        require(threshold != 0 && threshold <= count, IOracleSet.OracleSet_BadThreshold(threshold, count));
        require(count <= MOST_SIGNERS, IOracleSet.OracleSet_TooManySigners(count, MOST_SIGNERS));

        address previous;
        for (uint256 i = 0; i < count; i++) {
            require(signers[i] > previous, IOracleSet.OracleSet_SignersNotAscending(previous, signers[i]));
            previous = signers[i];
        }
    }
}
