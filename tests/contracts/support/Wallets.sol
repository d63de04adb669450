// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice A payer that is a contract, with several ways of checking a signature.
contract Wallet {
    enum Manner {
        ACCEPT,
        REFUSE,
        REVERT,
        NOTHING,
        BURN,
        LONG,
        SHORT
    }

    bytes4 private constant MAGIC = 0x1626ba7e;

    Manner public manner;

    function set(Manner given) external {
        manner = given;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        Manner given = manner;
        require(given != Manner.REVERT, "no");
        if (given == Manner.BURN) while (true) {}
        if (given == Manner.NOTHING) _answer(0);
        if (given == Manner.SHORT) _answer(31);
        if (given == Manner.LONG) _answer(20_000);
        return given == Manner.ACCEPT ? MAGIC : bytes4(0xffffffff);
    }

    function _answer(uint256 length) private pure {
        bytes4 magic = MAGIC;
        assembly {
            mstore(0, magic)
            return(0, length)
        }
    }
}
