// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Purse} from "../../contracts/Purse.sol";

/// @notice Overlooks on purpose that a purse can be closed and that putting is announced.
contract PurseTest {
    Purse private purse = new Purse();

    function test_TakesUpToTheMost() external {
        purse.put(60);
        purse.put(40);
        assert(purse.held() == 100);
    }

    function test_RefusesMore() external {
        purse.put(60);
        try purse.put(41) {
            assert(false);
        } catch (bytes memory reason) {
            assert(keccak256(reason) == keccak256(abi.encodeWithSelector(Purse.Purse_Full.selector, 60, 41)));
        }
    }

    function test_Larger() external view {
        assert(purse.larger(3, 5) == 5 && purse.larger(9, 5) == 9);
    }
}
