// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SafeERC20, IERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Case, IDisputeCourt} from "./interfaces/IDisputeCourt.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {Attestation, IRoyaltyLedger, Order, Receipt} from "./interfaces/IRoyaltyLedger.sol";
import {PackedProofs} from "./libraries/PackedProofs.sol";
import {Receipts} from "./libraries/Receipts.sol";
import {TypedHashes} from "./libraries/TypedHashes.sol";

/// @title DisputeCourt
/// @notice Challenges of settlements, and the rulings on them. See IDisputeCourt.
contract DisputeCourt is IDisputeCourt, AccessManaged, ReentrancyGuard {
    using SafeERC20 for IERC20;

    uint256 private constant MOST_BOND = type(uint48).max;

    // The money is frozen for this long, whichever side is right.
    uint256 private constant LEAST_TIME = 1 days;
    uint256 private constant MOST_TIME = 90 days;

    /// @inheritdoc IDisputeCourt
    ILedger public immutable ledger;

    /// @inheritdoc IDisputeCourt
    uint256 public immutable BOND;

    /// @inheritdoc IDisputeCourt
    uint256 public immutable RULING_TIME;

    IERC20 private immutable _token;

    mapping(bytes32 attestation => Case found) private _cases;

    /// @inheritdoc IDisputeCourt
    mapping(address owner => uint256 amount) public owed;

    constructor(ILedger judged, address authority, uint256 bond, uint256 rulingTime) AccessManaged(authority) {
        require(address(judged).code.length != 0, DisputeCourt_NotALedger(address(judged)));
        require(bond != 0 && bond <= MOST_BOND, DisputeCourt_BondOutOfRange(bond, MOST_BOND));
        bool fits = rulingTime >= LEAST_TIME && rulingTime <= MOST_TIME;
        require(fits, DisputeCourt_RulingTimeOutOfRange(rulingTime, LEAST_TIME, MOST_TIME));

        (ledger, BOND, RULING_TIME) = (judged, bond, rulingTime);
        _token = judged.token();
    }

    /// @inheritdoc IDisputeCourt
    function challenge(Receipt calldata receipt, bytes32 grounds) external nonReentrant {
        (bytes32 order, bytes32 attestation, bytes32 set) = _check(receipt);
        address before = _cases[attestation].challenger;
        require(before == address(0), DisputeCourt_ChallengedBefore(attestation, before));

        uint256 frozen = ledger.freeze(receipt.order, receipt.attestation, set);
        uint256 bond = _takeBond();
        uint256 deadline = block.timestamp + RULING_TIME;
        _cases[attestation] = Case(msg.sender, uint40(deadline), SafeCast.toUint48(bond), true);

        emit Challenged(order, attestation, msg.sender, set, frozen, bond, deadline, grounds);
    }

    /// @inheritdoc IDisputeCourt
    function addGrounds(bytes32 attestation, bytes32 grounds) external {
        require(_cases[attestation].open, DisputeCourt_NotOpen(attestation));

        emit GroundsAdded(attestation, msg.sender, grounds);
    }

    /// @inheritdoc IDisputeCourt
    function rule(Order calldata order, Attestation calldata attestation, bytes32 set, bool reversed)
        external
        restricted
        nonReentrant
    {
        (bytes32 id, bytes32 key) = _keys(order, attestation, set);
        Case memory found = _close(key);
        require(block.timestamp < found.deadline, DisputeCourt_DeadlinePassed(found.deadline, block.timestamp));

        address receiver = reversed ? found.challenger : ledger.poolReceiver();
        if (receiver == address(0)) receiver = found.challenger;
        owed[receiver] += found.bond;

        emit Ruled(id, key, msg.sender, reversed, receiver, found.bond);

        ledger.release(order, attestation, set, reversed);
    }

    /// @inheritdoc IDisputeCourt
    function expire(Order calldata order, Attestation calldata attestation, bytes32 set) external nonReentrant {
        (bytes32 id, bytes32 key) = _keys(order, attestation, set);
        Case memory found = _close(key);
        require(block.timestamp >= found.deadline, DisputeCourt_DeadlineAhead(found.deadline, block.timestamp));

        owed[found.challenger] += found.bond;

        emit Lapsed(id, key, found.challenger, found.bond);

        ledger.release(order, attestation, set, false);
    }

    /// @inheritdoc IDisputeCourt
    function proveEquivocation(Receipt calldata first, Receipt calldata second) external {
        (bytes32 order, bytes32 one, bytes32 set) = _check(first);
        (bytes32 otherOrder, bytes32 two, bytes32 otherSet) = _check(second);
        require(order == otherOrder, DisputeCourt_OtherOrder(order, otherOrder));
        require(set == otherSet, DisputeCourt_OtherSet(set, otherSet));
        require(one != two, DisputeCourt_SameAttestation(one));

        emit Equivocated(order, set, one, two);
    }

    /// @inheritdoc IDisputeCourt
    function withdraw(address owner) external nonReentrant returns (uint256 amount) {
        return _withdraw(owner, owner);
    }

    /// @inheritdoc IDisputeCourt
    function withdrawTo(address to) external nonReentrant returns (uint256 amount) {
        return _withdraw(msg.sender, to);
    }

    /// @inheritdoc IDisputeCourt
    function cases(bytes32 attestation) external view returns (Case memory) {
        return _cases[attestation];
    }

    function _withdraw(address owner, address to) private returns (uint256 amount) {
        require(to != address(0), DisputeCourt_NoReceiver());
        amount = owed[owner];
        require(amount != 0, DisputeCourt_NothingOwed(owner));

        delete owed[owner];

        emit BondWithdrawn(owner, to, amount);

        _token.safeTransfer(to, amount);
    }

    // Closes a case and returns it. If the ruling then fails, the case stays open.
    function _close(bytes32 key) private returns (Case memory found) {
        found = _cases[key];
        require(found.open, DisputeCourt_NotOpen(key));

        _cases[key].open = false;
    }

    function _takeBond() private returns (uint256 received) {
        uint256 before = _token.balanceOf(address(this));
        _token.safeTransferFrom(msg.sender, address(this), BOND);
        return _token.balanceOf(address(this)) - before;
    }

    // Reverts unless a quorum of a set that is or was in use signed the receipt's attestation.
    function _check(Receipt calldata receipt) private view returns (bytes32 order, bytes32 attestation, bytes32 set) {
        set = PackedProofs.setId(receipt.quorum.threshold, receipt.quorum.signers);
        require(ledger.sets(set).used, IRoyaltyLedger.Receipt_SetNeverActive(set));
        (order, attestation) = Receipts.checkSigned(ledger.domainSeparator(), set, receipt);
    }

    function _keys(Order calldata order, Attestation calldata attestation, bytes32 set)
        private
        pure
        returns (bytes32 id, bytes32 key)
    {
        id = TypedHashes.hash(order);
        key = TypedHashes.hash(attestation, set, id);
    }
}
