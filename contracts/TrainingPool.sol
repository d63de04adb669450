// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SafeERC20, IERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";

import {ILedger} from "./interfaces/ILedger.sol";
import {ITrainingPool, Round, Stage} from "./interfaces/ITrainingPool.sol";
import {Buckets} from "./libraries/Buckets.sol";
import {History} from "./libraries/History.sol";

/// @title TrainingPool
/// @notice Divides the training pool equally among the recordings that consented to training. See ITrainingPool.
contract TrainingPool is ITrainingPool, ReentrancyGuard {
    using SafeERC20 for IERC20;

    // Bits of a word.
    uint256 private constant WORD = 256;

    uint32 private constant POOL = 0;

    /// @inheritdoc ITrainingPool
    ILedger public immutable ledger;

    /// @inheritdoc ITrainingPool
    uint256 public immutable PERIOD;

    IERC20 private immutable _token;

    uint256 private _number;
    Round private _round;

    // One bit for each recording, overwritten in each round. To store who was counted costs less than to ask the ledger
    // again for the payment, and ensures that no more are paid than were counted.
    mapping(uint256 word => uint256 bits) private _members;

    constructor(ILedger served, uint256 period) {
        require(address(served).code.length != 0, TrainingPool_NotALedger(address(served)));
        require(period != 0, TrainingPool_NoPeriod());

        (ledger, PERIOD) = (served, period);
        _token = served.token();
    }

    /// @inheritdoc ITrainingPool
    function open() external nonReentrant returns (uint256 round) {
        require(_round.stage == Stage.CLOSED, TrainingPool_Unfinished(_number, _round.stage));
        uint256 earliest = nextOpening();
        require(block.timestamp >= earliest, TrainingPool_TooEarly(earliest, block.timestamp));

        ledger.withdraw(POOL);
        uint256 amount = _token.balanceOf(address(this));
        require(amount != 0, TrainingPool_NothingToDivide());

        round = ++_number;
        uint256 at = block.timestamp - 1;
        uint256 last = ledger.recordingCount();
        _round = Round(uint40(at), uint40(block.timestamp), uint32(last), 1, 0, Stage.COUNTING, amount, 0);

        emit RoundOpened(round, at, last, amount);
    }

    /// @inheritdoc ITrainingPool
    function count(uint256 most) external nonReentrant {
        Round memory round = _round;
        require(round.stage == Stage.COUNTING, TrainingPool_NotCounting(_number, round.stage));

        (uint256 from, uint256 end) = _page(round, most);
        round.members += uint32(_mark(from, end, round.at));
        round.next = uint32(end);
        emit Counted(_number, from, end - 1, round.members);

        if (end > round.last) _divide(round);
        _round = round;
    }

    /// @inheritdoc ITrainingPool
    function pay(uint256 most) external nonReentrant {
        Round memory round = _round;
        require(round.stage == Stage.PAYING, TrainingPool_NotPaying(_number, round.stage));

        (uint256 from, uint256 end) = _page(round, most);
        uint32[] memory ids = _membersOf(from, end);
        round.next = uint32(end);
        if (end > round.last) round.stage = Stage.CLOSED;
        _round = round;

        emit Paid(_number, from, end - 1, ids.length);
        if (end > round.last) emit RoundClosed(_number);

        if (ids.length != 0) _reward(ids, round.share);
    }

    /// @inheritdoc ITrainingPool
    function latest() external view returns (uint256 round, Round memory state) {
        return (_number, _round);
    }

    /// @inheritdoc ITrainingPool
    function isMember(uint32 recording) external view returns (bool) {
        bool counted = _round.stage != Stage.COUNTING || recording < _round.next;
        return counted && recording <= _round.last && _isMarked(recording);
    }

    /// @inheritdoc ITrainingPool
    function nextOpening() public view returns (uint256) {
        return _number == 0 ? 0 : _round.opened + PERIOD;
    }

    // A share larger than a recording can hold is reduced to what it can hold; the rest stays.
    function _divide(Round memory round) private {
        uint256 share = round.members == 0 ? 0 : round.amount / round.members;
        if (share > Buckets.MOST_MATURED) share = Buckets.MOST_MATURED;
        (round.share, round.next) = (share, 1);
        round.stage = share == 0 ? Stage.CLOSED : Stage.PAYING;

        emit Divided(_number, round.members, share, round.amount - share * round.members);
        if (share == 0) emit RoundClosed(_number);
    }

    function _reward(uint32[] memory ids, uint256 share) private {
        _token.forceApprove(address(ledger), ids.length * share);
        ledger.reward(ids, share);
    }

    // Stores which of the recordings take part, one word at a time, over the bits of an earlier round.
    function _mark(uint256 from, uint256 end, uint256 at) private returns (uint256 number) {
        uint256 bits = from == 1 ? 0 : _members[from / WORD];
        for (uint256 id = from; id < end; id++) {
            if (id % WORD == 0) bits = 0;
            if (History.stands(History.at(ledger, uint32(id), at), History.TRAINING, at)) {
                bits |= 1 << id % WORD;
                number++;
            }
            if (id % WORD == WORD - 1 || id + 1 == end) _members[id / WORD] = bits;
        }
    }

    function _membersOf(uint256 from, uint256 end) private view returns (uint32[] memory ids) {
        uint256 number;
        for (uint256 id = from; id < end; id++) {
            if (_isMarked(id)) number++;
        }

        ids = new uint32[](number);
        for (uint256 id = end; number != 0;) {
            if (_isMarked(--id)) ids[--number] = uint32(id);
        }
    }

    function _isMarked(uint256 id) private view returns (bool) {
        return _members[id / WORD] >> id % WORD & 1 == 1;
    }

    // The recordings of the next page, the last one exclusive.
    function _page(Round memory round, uint256 most) private pure returns (uint256 from, uint256 end) {
        from = round.next;
        uint256 left = uint256(round.last) + 1 - from;
        end = from + (most < left ? most : left);
    }
}
