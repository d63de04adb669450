// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice A correct token, which the other tokens here deviate from.
abstract contract PlainToken {
    mapping(address who => uint256 amount) public balanceOf;
    mapping(address owner => mapping(address spender => uint256 amount)) public allowance;

    function decimals() external pure returns (uint8) {
        return 6;
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function _move(address from, address to, uint256 amount) internal virtual {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }

    function _spend(address from, address to, uint256 amount) internal {
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount);
    }
}

/// @notice Keeps one hundredth of every transfer.
contract FeeToken is PlainToken {
    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _spend(from, to, amount);
        return true;
    }

    function _move(address from, address to, uint256 amount) internal override {
        super._move(from, to, amount);
        balanceOf[to] -= amount / 100;
    }
}

/// @notice Returns no value, as some old tokens do.
contract SilentToken is PlainToken {
    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        _spend(from, to, amount);
    }
}

/// @notice Rejects transfers to blocked accounts: by reverting, by returning false, or with a very long answer.
contract BlockingToken is PlainToken {
    enum Manner {
        NONE,
        REVERT,
        FALSE,
        BOMB
    }

    mapping(address who => Manner manner) public blocked;

    function block_(address who, Manner manner) external {
        blocked[who] = manner;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        Manner manner = blocked[to];
        require(manner != Manner.REVERT, "blocked");
        if (manner == Manner.FALSE) return false;
        if (manner == Manner.BOMB) _bomb();
        _move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _spend(from, to, amount);
        return true;
    }

    function _bomb() private pure {
        assembly {
            revert(0, 200000)
        }
    }
}

/// @notice Calls a receiver that has code during every transfer.
contract HookToken is PlainToken {
    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _spend(from, to, amount);
        Hooked(from).onToken();
        return true;
    }

    function _move(address from, address to, uint256 amount) internal override {
        super._move(from, to, amount);
        if (to.code.length != 0 && to != msg.sender && Hooked(to).wantsHook()) Hooked(to).onToken();
    }
}

/// @notice The receiver that HookToken calls.
interface Hooked {
    function wantsHook() external view returns (bool);
    function onToken() external;
}
