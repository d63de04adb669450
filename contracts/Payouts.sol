// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SafeERC20, IERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {Catalogue} from "./Catalogue.sol";
import {Holdings} from "./Holdings.sol";
import {IPayouts} from "./interfaces/IPayouts.sol";
import {OwnerWord} from "./libraries/OwnerWords.sol";
import {RecordingWord} from "./libraries/RecordingWords.sol";

/// @title Payouts
/// @notice Money out to holders, past the ones who cannot receive it. See IPayouts.
abstract contract Payouts is IPayouts, Catalogue, Holdings {
    using SafeERC20 for IERC20;

    uint256 private constant MILLION = 1_000_000;

    /// @inheritdoc IPayouts
    mapping(address payee => uint256 amount) public parked;

    /// @inheritdoc IPayouts
    function withdraw(uint32 recording) external nonReentrant returns (uint256 amount) {
        return _withdraw(recording);
    }

    /// @inheritdoc IPayouts
    function withdrawMany(uint32[] calldata ids) external nonReentrant returns (uint256 amount) {
        for (uint256 i = 0; i < ids.length; i++) {
            amount += _withdraw(ids[i]);
        }
    }

    /// @inheritdoc IPayouts
    function withdrawParked(address payee) external nonReentrant returns (uint256 amount) {
        return _withdrawParked(payee, payee);
    }

    /// @inheritdoc IPayouts
    function withdrawParkedTo(address to) external nonReentrant returns (uint256 amount) {
        require(to != address(0), Payouts_NoReceiver());

        return _withdrawParked(msg.sender, to);
    }

    function _withdrawParked(address payee, address to) private returns (uint256 amount) {
        amount = parked[payee];
        require(amount != 0, Payouts_NothingParked(payee));

        delete parked[payee];

        emit ParkedWithdrawn(payee, amount);

        token.safeTransfer(to, amount);
    }

    function _withdraw(uint32 recording) private returns (uint256 amount) {
        RecordingWord word = _recordings[recording];
        OwnerWord holder = _owners[recording];
        amount = word.matured();
        if (amount == 0) {
            require(holder.owner() != address(0), Catalogue_UnknownRecording(recording));
            return 0;
        }

        _recordings[recording] = word.withoutMatured();

        if (holder.split() == 0) {
            _pay(recording, holder.owner(), amount);
        } else {
            _divide(recording, holder.split(), amount);
        }
    }

    function _divide(uint32 recording, uint32 split, uint256 amount) private {
        (address[] memory payees, uint32[] memory shares) = splits.table(split);
        uint256 paid;
        uint256 upTo;

        for (uint256 i = 0; i < payees.length; i++) {
            upTo += shares[i];
            uint256 part = amount * upTo / MILLION - paid;
            paid += part;
            if (part != 0) _pay(recording, payees[i], part);
        }
    }

    // Which event is true is known after the transfer only; the lock keeps the order of events sound all the same. A
    // caller cannot force the parking by giving little gas: what a transfer leaves of it does not pay for a write.
    function _pay(uint32 recording, address payee, uint256 amount) private {
        if (token.trySafeTransfer(payee, amount)) {
            emit Withdrawn(recording, payee, amount);
        } else {
            parked[payee] += amount;
            emit Parked(recording, payee, amount);
        }
    }
}
