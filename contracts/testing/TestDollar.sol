// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title TestDollar
/// @notice A stablecoin for development chains: 6 decimals, and anyone may mint.
contract TestDollar is ERC20, ERC20Permit {
    constructor() ERC20("Test Dollar", "TUSD") ERC20Permit("Test Dollar") {}

    /// @notice Creates money out of nothing.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
