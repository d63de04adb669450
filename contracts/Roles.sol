// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRoles} from "./interfaces/IRoles.sol";

/// @title Roles
/// @notice Admin, guardian and the pause. See IRoles.
abstract contract Roles is IRoles {
    /// @inheritdoc IRoles
    address public immutable admin;

    /// @inheritdoc IRoles
    address public guardian;

    /// @inheritdoc IRoles
    bool public paused;

    constructor(address admin_, address guardian_) {
        require(admin_ != address(0) && guardian_ != address(0), Roles_NoAddress());

        admin = admin_;
        guardian = guardian_;

        emit GuardianSet(guardian_);
    }

    modifier onlyAdmin() {
        require(msg.sender == admin, Roles_NotAdmin(msg.sender));
        _;
    }

    modifier onlyGuardian() {
        require(msg.sender == guardian, Roles_NotGuardian(msg.sender));
        _;
    }

    /// @inheritdoc IRoles
    function setGuardian(address newGuardian) external onlyAdmin {
        require(newGuardian != address(0), Roles_NoAddress());

        guardian = newGuardian;

        emit GuardianSet(newGuardian);
    }

    /// @inheritdoc IRoles
    function pause() external onlyGuardian {
        paused = true;
        _onPause(true);

        emit Paused(msg.sender);
    }

    /// @inheritdoc IRoles
    function unpause() external onlyAdmin {
        paused = false;
        _onPause(false);

        emit Unpaused(msg.sender);
    }

    /// @dev What else has to know of a pause.
    function _onPause(bool stopped) internal virtual;
}
