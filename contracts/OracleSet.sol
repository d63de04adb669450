// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IOracleSet, SetView} from "./interfaces/IOracleSet.sol";
import {Packed} from "./libraries/Packed.sol";
import {SetWord, SetWords} from "./libraries/SetWords.sol";
import {Roles} from "./Roles.sol";

/// @title OracleSet
/// @notice Sets of signers and their rotation. See IOracleSet.
abstract contract OracleSet is IOracleSet, Roles {
    /// @notice How long a proposed set waits.
    uint256 public constant SET_DELAY = 48 hours;

    uint256 private constant MOST_SIGNERS = 64;

    // Most that protocol and node may take together, in 1/10,000: half stays with the recordings.
    uint256 private constant MOST_FEES_BPS = 5_000;

    bool private _firstSetInstalled;

    uint256 private constant MOST_SETS = 8;

    mapping(bytes32 set => SetWord word) private _sets;

    // The active sets. A pause is written into the word of each, which a settlement reads anyway.
    bytes32[] private _active;

    /// @inheritdoc IOracleSet
    function installFirstSet(
        uint256 threshold,
        address[] calldata signers,
        uint16 protocolBps,
        uint16 nodeCapBps,
        uint64 until
    ) external onlyAdmin returns (bytes32 set) {
        require(!_firstSetInstalled, OracleSet_FirstSetInstalled());

        _firstSetInstalled = true;
        set = _record(block.timestamp, threshold, signers, protocolBps, nodeCapBps, until);
        _activate(set);

        emit SetActivated(set, threshold, signers, protocolBps, nodeCapBps, until);
    }

    /// @inheritdoc IOracleSet
    function proposeSet(
        uint256 threshold,
        address[] calldata signers,
        uint16 protocolBps,
        uint16 nodeCapBps,
        uint64 until
    ) external onlyAdmin returns (bytes32 set) {
        uint256 activeFrom = block.timestamp + SET_DELAY;
        set = _record(activeFrom, threshold, signers, protocolBps, nodeCapBps, until);

        emit SetProposed(set, threshold, signers, protocolBps, nodeCapBps, until);
    }

    /// @inheritdoc IOracleSet
    function activateSet(uint256 threshold, address[] calldata signers) external returns (bytes32 set) {
        set = Packed.setId(threshold, signers);
        SetWord word = _sets[set];
        require(word.state() == SetWords.PROPOSED, OracleSet_NotProposed(set));
        require(block.timestamp >= word.activeFrom(), OracleSet_TooEarly(word.activeFrom(), block.timestamp));

        _activate(set);

        emit SetActivated(set, threshold, signers, word.protocolBps(), word.nodeCapBps(), word.until());
    }

    /// @inheritdoc IOracleSet
    function removeSet(bytes32 set) external onlyGuardian {
        require(_sets[set].state() != 0, OracleSet_Unknown(set));

        if (_sets[set].state() != SetWords.PROPOSED) _deactivate(set);
        _sets[set] = SetWord.wrap(0);

        emit SetRemoved(set);
    }

    /// @inheritdoc IOracleSet
    function sets(bytes32 set) external view returns (SetView memory) {
        SetWord word = _sets[set];
        return SetView(word.state() > SetWords.PROPOSED, word.protocolBps(), word.nodeCapBps(), word.until());
    }

    /// @dev The word of a set whose attestations settle now.
    function _liveSet(bytes32 set) internal view returns (SetWord word) {
        word = _sets[set];
        if (word.state() != SetWords.ACTIVE) _refuse(set, word);
        require(block.timestamp < word.until(), OracleSet_Expired(word.until(), block.timestamp));
    }

    /// @inheritdoc Roles
    function _onPause(bool stopped) internal override {
        for (uint256 i = 0; i < _active.length; i++) {
            SetWord word = _sets[_active[i]];
            _sets[_active[i]] = word.withState(stopped ? SetWords.STOPPED : SetWords.ACTIVE);
        }
    }

    function _refuse(bytes32 set, SetWord word) private pure {
        require(word.state() != SetWords.STOPPED, Roles_Paused());
        revert OracleSet_NotActive(set);
    }

    function _activate(bytes32 set) private {
        require(_active.length < MOST_SETS, OracleSet_TooManySets(_active.length));

        _active.push(set);
        _sets[set] = _sets[set].withState(paused ? SetWords.STOPPED : SetWords.ACTIVE);
    }

    function _deactivate(bytes32 set) private {
        uint256 last = _active.length - 1;
        for (uint256 i = 0; i < last; i++) {
            if (_active[i] == set) _active[i] = _active[last];
        }
        _active.pop();
    }

    function _record(
        uint256 activeFrom,
        uint256 threshold,
        address[] calldata signers,
        uint16 protocolBps,
        uint16 nodeCapBps,
        uint64 until
    ) private returns (bytes32 set) {
        uint256 fees = uint256(protocolBps) + nodeCapBps;
        _checkSigners(threshold, signers);
        require(fees <= MOST_FEES_BPS, OracleSet_FeesTooHigh(protocolBps, nodeCapBps, MOST_FEES_BPS));
        require(until > activeFrom, OracleSet_AlreadyOver(until, activeFrom));
        set = Packed.setId(threshold, signers);
        require(_sets[set].state() == 0, OracleSet_AlreadyKnown(set));

        _sets[set] = SetWords.pack(SetWords.PROPOSED, protocolBps, nodeCapBps, until, activeFrom);
    }

    function _checkSigners(uint256 threshold, address[] calldata signers) private pure {
        uint256 count = signers.length;
        require(threshold != 0 && threshold <= count, OracleSet_BadThreshold(threshold, count));
        require(count <= MOST_SIGNERS, OracleSet_TooManySigners(count, MOST_SIGNERS));

        address previous;
        for (uint256 i = 0; i < count; i++) {
            require(signers[i] > previous, OracleSet_SignersNotAscending(previous, signers[i]));
            previous = signers[i];
        }
    }
}
