// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Forwarder
/// @notice Passes calls on, as a wallet contract or a relay does: for the tests of the audit.
contract Forwarder {
    struct Call {
        address to;
        bytes data;
        bool mayFail;
    }

    /// @notice Makes the calls in order; one that may not fail and does undoes all of them.
    function forward(Call[] calldata list) external {
        for (uint256 i = 0; i < list.length; i++) {
            (bool done,) = list[i].to.call(list[i].data);
            require(done || list[i].mayFail, "a call failed");
        }
    }

    /// @notice Makes one call, which succeeds, and then undoes it.
    function undo(address to, bytes calldata data) external {
        (bool done,) = to.call(data);
        require(done, "the call failed");
        revert("undone");
    }

    /// @notice Runs the code of another contract on the storage of this one.
    function borrow(address to, bytes calldata data) external returns (bool done) {
        (done,) = to.delegatecall(data);
    }
}
