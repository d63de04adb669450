// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Purse
/// @notice What `make mutants` is tested on: a guard, a modifier, a limit, an event, and assembly with mutants that no test
/// can catch, since of two equal numbers either is the larger.
contract Purse {
    uint256 private constant MOST = 100;

    uint256 public held;

    error Purse_Full(uint256 held, uint256 amount);
    error Purse_NotOpen();

    event Put(uint256 amount);

    bool private _open = true;

    modifier whileOpen() {
        require(_open, Purse_NotOpen());
        _;
    }

    function close() external {
        _open = false;
    }

    function put(uint256 amount) external whileOpen {
        require(amount <= MOST - held, Purse_Full(held, amount));

        held += amount;

        emit Put(amount);
    }

    function larger(uint256 a, uint256 b) external pure returns (uint256 most) {
        assembly ("memory-safe") {
            most := xor(b, mul(xor(a, b), gt(a, b)))
        }
    }
}
