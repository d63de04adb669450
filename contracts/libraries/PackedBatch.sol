// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccountWord} from "./AccountWords.sol";
import {RecordingWord} from "./RecordingWords.sol";

/// @notice A payer's account as the batch has left it so far.
struct Spender {
    address payer;
    AccountWord account;
}

/// @notice What a node may still take. Both numbers are one more than that: zero says that nothing may be settled through the node,
/// however small.
/// @param prices One more than what is left below the set's cap.
/// @param fees One more than what its word has room for.
struct Room {
    address node;
    uint256 prices;
    uint256 fees;
}

/// @notice What a batch is worked out on, one generation after another. It lies at a fixed place in memory, so that the loops can name
/// its words: the constants of PackedBatch follow this order.
/// @param from The time from which making is counted.
/// @param notUses All bits but every use that an order may ask for.
/// @param idMask The upper 32 bits.
/// @param oldest The earliest making that is not too late.
/// @param accounts A Spender for each payer, in a row.
/// @param rooms A Room for each node, in a row.
/// @param lines One word for each recording, see PackedBatch.
/// @param orders Struct hashes of the orders, where one signature is for all.
/// @param tail How many bytes of signature stand behind each generation.
/// @param fee The protocol's fee.
/// @param rate What the entries divide, times `2^128 / 1e6`, see PackedBatch.read.
/// @param prefix With the next two what an order's signer signs.
/// @param digest With the next three what a signer is recovered from.
/// @param orderType With the next eight what is hashed for the order.
/// @param attestationType With the next eight what is hashed for the attestation. The entries follow behind the sheet.
struct Sheet {
    uint256 from;
    uint256 notUses;
    uint256 idMask;
    uint256 oldest;
    uint256 protocolBps;
    uint256 nodeCapBps;
    uint256[] accounts;
    uint256[] rooms;
    uint256[] lines;
    uint256 lastLine;
    bytes32[] orders;
    bytes32[] attestations;
    uint256 tail;
    Spender spender;
    Room room;
    uint256 count;
    uint256 fee;
    uint256 rate;
    uint256 prefix;
    bytes32 domain;
    bytes32 signed;
    bytes32 digest;
    uint256 v;
    uint256 r;
    uint256 s;
    bytes32 orderType;
    address payer;
    uint256 nonce;
    bytes32 request;
    uint256 maxPrice;
    uint256 tier;
    uint256 use;
    uint256 rule;
    uint256 deadline;
    bytes32 attestationType;
    bytes32 set;
    bytes32 order;
    uint256 price;
    address node;
    uint256 nodeFee;
    uint256 generatedAt;
    bytes32 entries;
    bytes32 manifest;
}

/// @title PackedBatch
/// @notice The inner loops of a batch by hand, see Packed. What is packed how is told in IBatches.
///
/// A batch's recordings are *lines* in memory, one word each. From the lowest bit: `amount 192 | most 32 | recording 32`.
/// `amount` is what the batch credits. `most` is the largest weight that needs no second look: the recording's largest share
/// where its present consent holds for the whole batch, else 0. Behind the lines are the recordings' words in storage.
library PackedBatch {
    /// @dev Bytes of a generation before its entries.
    uint256 internal constant HEAD = 100;

    /// @dev Bytes of a packed entry: `weight less one 20 | gap 12`.
    uint256 internal constant ENTRY = 4;

    // Where the sheet lies, and the words on it.
    uint256 private constant FROM = 0x200;
    uint256 private constant NOT_USES = 0x220;
    uint256 private constant ID_MASK = 0x240;
    uint256 private constant OLDEST = 0x260;
    uint256 private constant PROTOCOL_BPS = 0x280;
    uint256 private constant NODE_CAP_BPS = 0x2a0;
    uint256 private constant ACCOUNTS = 0x2c0;
    uint256 private constant ROOMS = 0x2e0;
    uint256 private constant LINES = 0x300;
    uint256 private constant LAST_LINE = 0x320;
    uint256 private constant SPENDER = 0x3a0;
    uint256 private constant ROOM = 0x3c0;
    uint256 private constant COUNT = 0x3e0;
    uint256 private constant FEE = 0x400;
    uint256 private constant RATE = 0x420;
    uint256 private constant PREFIX = 0x440;
    uint256 private constant SIGNED = 0x480;
    uint256 private constant DIGEST = 0x4a0;
    uint256 private constant V = 0x4c0;
    uint256 private constant R = 0x4e0;
    uint256 private constant S = 0x500;
    uint256 private constant ORDER_TYPE = 0x520;
    uint256 private constant PAYER = 0x540;
    uint256 private constant NONCE = 0x560;
    uint256 private constant REQUEST = 0x580;
    uint256 private constant MAX_PRICE = 0x5a0;
    uint256 private constant TIER = 0x5c0;
    uint256 private constant USE = 0x5e0;
    uint256 private constant RULE = 0x600;
    uint256 private constant DEADLINE = 0x620;
    uint256 private constant ATTESTATION_TYPE = 0x640;
    uint256 private constant ORDER = 0x680;
    uint256 private constant PRICE = 0x6a0;
    uint256 private constant NODE = 0x6c0;
    uint256 private constant NODE_FEE = 0x6e0;
    uint256 private constant GENERATED_AT = 0x700;
    uint256 private constant ENTRIES_HASH = 0x720;
    uint256 private constant MANIFEST = 0x740;
    uint256 private constant ENTRIES = 0x760;

    // The bits above the protocol's fees, the pool and the next nonce in an account's word.
    uint256 private constant CARRIES = 0x1000000010000000000010000000000000000000000000000;

    // Behind the most entries that a generation can have, and 32 bytes more.
    uint256 private constant END = 0xf80;

    /// @dev Makes the next thing that is allocated in memory lie where the sheet has to. It has to be the sheet.
    function placeSheet() internal pure {
        assembly ("memory-safe") {
            // The compiler's own part of memory is a few words long; were it longer, nothing would work.
            if gt(mload(0x40), FROM) { revert(0, 0) }
            mstore(0x40, FROM)
        }
    }

    /// @dev Makes room behind the sheet for entries.
    function placeEntries() internal pure {
        assembly ("memory-safe") {
            mstore(0x40, END)
        }
    }

    /// @dev The lines of the recordings in `ids`, four bytes each, and whether these ascend strictly. They are allocated together with what
    /// the event Credited needs around them. The caller answers for `from < 2^32 - 1`, `to < 2^32 - 1` and `uses < 2^8`.
    function open(RecordingWord[2 ** 32] storage words, bytes calldata ids, uint256 from, uint256 to, uint256 uses)
        internal
        view
        returns (uint256[] memory lines, bool ascending)
    {
        assembly ("memory-safe") {
            // The length of the data, two offsets, then the two arrays.
            let size := shl(3, ids.length)
            lines := mload(0x40)
            mstore(lines, add(0x80, shl(1, size)))
            mstore(add(lines, 0x20), 0x40)
            mstore(add(lines, 0x40), add(0x60, size))
            lines := add(lines, 0x60)
            mstore(lines, shr(2, ids.length))
            let gap := add(size, 0x20)
            mstore(add(lines, gap), shr(2, ids.length))
            mstore(0x40, add(add(lines, gap), gap))

            let place := add(lines, 0x20)
            let end := add(place, size)
            let at := ids.offset
            // The pool consents to everything.
            if gt(lt(place, end), shr(224, calldataload(at))) {
                mstore(place, shl(192, 0xffffffff))
                place := add(place, 0x20)
                at := add(at, 4)
            }

            // One second past either end at the top of a word, see Packed.credit.
            from := shl(224, add(from, 1))
            to := shl(224, add(to, 1))
            ascending := 1
            let last := 0
            for {} lt(place, end) { place := add(place, 0x20) } {
                let id := shr(224, calldataload(at))
                at := add(at, 4)
                ascending := and(ascending, gt(id, last))
                last := id
                let word := sload(add(words.slot, id))
                mstore(add(place, gap), word)
                let lacks := or(iszero(lt(shl(56, word), from)), lt(shl(24, word), to))
                lacks := or(lacks, and(uses, not(shr(232, word))))
                let most := mul(iszero(lacks), mul(shr(240, word), 100))
                mstore(place, or(shl(224, id), shl(192, most)))
            }
        }
    }

    /// @dev Where the last line is.
    function lastOf(uint256[] memory lines) internal pure returns (uint256 place) {
        assembly ("memory-safe") {
            place := add(lines, shl(5, mload(lines)))
        }
    }

    /// @dev Takes apart the generation at `start` and hashes its order. Returns where its entries end, or zero when anything in it cannot
    /// be: the caller says what.
    function read(bytes calldata list, uint256 start) internal view returns (uint256 end) {
        assembly ("memory-safe") {
            let at := add(list.offset, start)
            mstore(REQUEST, calldataload(at))
            mstore(MANIFEST, calldataload(add(at, 0x20)))
            let word := calldataload(add(at, 0x44))
            let count := byte(31, word)
            mstore(COUNT, count)
            end := add(add(start, 100), shl(2, count))
            let use := byte(30, word)
            mstore(USE, use)
            mstore(RULE, byte(29, word))
            mstore(TIER, byte(28, word))
            let broken := or(iszero(use), and(use, mload(NOT_USES)))

            word := calldataload(add(at, 0x40))
            let made := add(mload(FROM), and(word, 0xffffffff))
            mstore(GENERATED_AT, made)
            mstore(DEADLINE, add(made, and(shr(176, word), 0xffffffff)))
            broken := or(broken, gt(made, timestamp()))

            let price := and(shr(80, word), 0xffffffffffff)
            mstore(PRICE, price)
            mstore(MAX_PRICE, add(price, and(shr(128, word), 0xffffffffffff)))
            let nodeFee := and(shr(32, word), 0xffffffffffff)
            mstore(NODE_FEE, nodeFee)
            broken := or(broken, gt(nodeFee, div(mul(price, mload(NODE_CAP_BPS)), 10000)))
            let fee := div(mul(price, mload(PROTOCOL_BPS)), 10000)
            mstore(FEE, fee)
            // By this, and 2^128, to divide by a million: exact for what is below 2^68. One more makes zero times zero tell of weights.
            mstore(RATE, add(mul(sub(price, add(nodeFee, fee)), 340282366920938463463374607431769), 1))

            mstore(NONCE, and(shr(208, word), 0xffffffff))

            // What lies behind the tables may be read here; it is not used then.
            let index := shl(1, byte(0, word))
            let table := mload(ACCOUNTS)
            broken := or(broken, iszero(lt(index, mload(table))))
            let found := add(add(table, 0x20), shl(5, index))
            mstore(SPENDER, found)
            mstore(PAYER, mload(found))
            index := mul(3, byte(1, word))
            table := mload(ROOMS)
            broken := or(broken, iszero(lt(index, mload(table))))
            found := add(add(table, 0x20), shl(5, index))
            mstore(ROOM, found)
            mstore(NODE, mload(found))

            mstore(ORDER, keccak256(ORDER_TYPE, 0x120))
            end := mul(end, iszero(broken))
        }
    }

    /// @dev Whether the payer signed the order: 64 bytes (EIP-2098) at `start`, an `s` in the lower half. No payer is zero, as the signer
    /// behind a bad signature is.
    function isSigned(bytes calldata list, uint256 start) internal view returns (bool signed) {
        assembly ("memory-safe") {
            let at := add(list.offset, start)
            mstore(SIGNED, mload(ORDER))
            mstore(DIGEST, keccak256(add(PREFIX, 30), 66))
            mstore(R, calldataload(at))
            at := calldataload(add(at, 0x20))
            let parity := shr(255, at)
            mstore(V, add(27, parity))
            at := xor(at, shl(255, parity))
            mstore(S, at)
            mstore(0, 0)
            pop(staticcall(gas(), 1, DIGEST, 0x80, 0, 0x20))
            // Half of the curve's order.
            at := gt(at, 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0)
            signed := gt(eq(mload(0), mload(PAYER)), at)
        }
    }

    /// @dev Adds what each of the generation's entries, packed from `start` to `end`, gets of the royalty to its line, and writes them
    /// behind the sheet as the attestation has them, which is hashed. Returns what the pool gets, and zero only if every entry has
    /// a line and at most its `most`, and the weights sum to a million.
    ///
    /// Warning: where a line is named that there is not, memory behind the lines is written to, and the caller has to revert.
    function fold(bytes calldata list, uint256 start, uint256 end) internal pure returns (uint256 pool, uint256 found) {
        // An early return also keeps this a function of its own, with the stack to itself.
        if (start == end) return (0, 1);

        assembly ("memory-safe") {
            let rate := mload(RATE)
            let mask := mload(ID_MASK)
            let place := mload(LINES)
            let at := add(list.offset, start)
            end := add(list.offset, end)
            let out := ENTRIES
            // The weights so far, times the rate.
            let sum := 0
            let paid := 0
            for {} lt(at, end) { at := add(at, 4) } {
                let entry := calldataload(at)
                place := add(add(place, 0x20), and(shr(219, entry), 0x1ffe0))
                entry := add(shr(236, entry), 1)
                sum := add(sum, mul(rate, entry))

                let line := mload(place)
                entry := or(and(line, mask), shl(192, entry))
                found := or(found, gt(entry, line))
                mstore(out, entry)
                out := add(out, 8)

                let upTo := shr(128, sum)
                mstore(place, add(line, sub(upTo, paid)))
                paid := upTo
            }
            mstore(ENTRIES_HASH, keccak256(ENTRIES, sub(out, ENTRIES)))
            found := or(found, or(xor(sum, mul(rate, 1000000)), gt(place, mload(LAST_LINE))))

            // The first entry, where that is the pool's.
            let entry := mload(ENTRIES)
            if iszero(shr(224, entry)) { pool := shr(128, mul(rate, shr(192, entry))) }
        }
    }

    /// @dev The entries behind the sheet, copied.
    function entriesOf(uint256 count) internal pure returns (bytes memory entries) {
        entries = new bytes(8 * count);
        assembly ("memory-safe") {
            mcopy(add(entries, 0x20), ENTRIES, mload(entries))
        }
    }

    /// @dev Writes the struct hash of the attestation to item `index` of a list that is long enough.
    function attest(bytes32[] memory list, uint256 index) internal pure {
        assembly ("memory-safe") {
            mstore(add(add(list, 0x20), shl(5, index)), keccak256(ATTESTATION_TYPE, 0x120))
        }
    }

    /// @dev Takes the price from the payer's account and counts it against the node's room, and says so. Where anything stands against that,
    /// anything was `found`, or the nonce is below others that were used, nothing is done: the caller looks closer.
    function pay(uint256 pool, uint256 found) internal pure returns (bool paid) {
        assembly ("memory-safe") {
            // To be able to leave, and as a function with the stack to itself.
            function take(share, doubt) -> taken {
                let spender := add(mload(SPENDER), 0x20)
                let account := mload(spender)
                let price := mload(PRICE)
                let passed := sub(add(mload(NONCE), 1), and(shr(160, account), 0xffffffff))
                // Not one at least, or more than the next nonce's field holds.
                doubt := or(doubt, or(iszero(passed), shr(32, passed)))
                doubt := or(doubt, lt(and(account, 0xffffffffffffffff), price))
                let room := mload(ROOM)
                let prices := mload(add(room, 0x20))
                let fees := mload(add(room, 0x40))
                doubt := or(doubt, iszero(and(lt(price, prices), lt(mload(NODE_FEE), fees))))
                doubt := or(doubt, lt(mload(GENERATED_AT), mload(OLDEST)))

                let added := or(or(shl(64, mload(FEE)), shl(112, share)), shl(160, passed))
                let spent := sub(account, price)
                let sum := add(spent, added)
                // What is carried out of one of the three fields that grow.
                if or(doubt, and(xor(sum, xor(spent, added)), CARRIES)) { leave }

                mstore(add(room, 0x20), sub(prices, price))
                mstore(add(room, 0x40), sub(fees, mload(NODE_FEE)))
                account := or(shl(add(192, passed), shr(192, account)), shl(192, 1))
                mstore(spender, or(account, shr(64, shl(64, sum))))
                taken := 1
            }
            paid := take(pool, found)
        }
    }

    /// @dev Logs a settled generation under the hash of its event. The data are the attestation's words from the price on, of which the last
    /// three are written over: offset of the entries, manifest, length of the entries.
    function announce(bytes32 kind) internal {
        assembly ("memory-safe") {
            let length := shl(3, mload(COUNT))
            mstore(GENERATED_AT, 0xa0)
            mstore(ENTRIES_HASH, mload(MANIFEST))
            mstore(MANIFEST, length)
            log3(PRICE, add(0xc0, and(add(length, 0x1f), not(0x1f))), kind, mload(ORDER), mload(PAYER))
        }
    }

    /// @dev Credits every line's amount in `epoch` to its recording, but for the pool's. Leaves recordings and amounts where the lines
    /// and words were, and returns them as the data of the event Credited, and whether any field ran over: that shows in the
    /// word's epoch, which is then not `epoch`. The caller answers for `epoch < 2^16` and amounts below 2^63.
    function credit(RecordingWord[2 ** 32] storage words, uint256[] memory lines, uint256 epoch)
        internal
        returns (bytes memory log, bool full)
    {
        assembly ("memory-safe") {
            let gap := add(shl(5, mload(lines)), 0x20)
            log := sub(lines, 0x60)
            let end := add(lines, gap)
            let place := add(lines, 0x20)
            if gt(lt(place, end), shr(224, mload(place))) {
                mstore(add(place, gap), shr(64, shl(64, mload(place))))
                mstore(place, 0)
                place := add(place, 0x20)
            }
            for {} lt(place, end) { place := add(place, 0x20) } {
                let amount := mload(place)
                let old := mload(add(place, gap))
                let id := shr(224, amount)
                mstore(place, id)
                amount := shr(64, shl(64, amount))
                mstore(add(place, gap), amount)

                // As in Packed.credit.
                amount := shl(104, amount)
                let age := and(sub(epoch, shr(152, old)), 0xffff)
                if age {
                    let kept := and(shr(104, old), 0xffffffffffff)
                    let matured := add(and(old, 0xffffffffffffff), and(shr(56, old), 0xffffffffffff))
                    if gt(age, 1) {
                        matured := add(matured, kept)
                        kept := 0
                    }
                    amount := add(amount, shl(152, shr(56, matured)))
                    old := or(or(shl(152, epoch), shl(168, shr(168, old))), or(matured, shl(56, kept)))
                }
                amount := add(old, amount)
                full := or(full, shr(152, xor(old, amount)))
                sstore(add(words.slot, id), amount)
            }
            full := iszero(iszero(full))
        }
    }

    /// @dev Writes `hash` as item `index` of a list that is long enough.
    function put(bytes32[] memory list, uint256 index, bytes32 hash) internal pure {
        assembly ("memory-safe") {
            mstore(add(add(list, 0x20), shl(5, index)), hash)
        }
    }

    /// @dev `keccak256(abi.encode(kind, keccak256(abi.encodePacked(list))))` over the first `count` items.
    function listHash(bytes32 kind, bytes32[] memory list, uint256 count) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            mstore(0, kind)
            mstore(0x20, keccak256(add(list, 0x20), shl(5, count)))
            hash := keccak256(0, 0x40)
        }
    }

    /// @dev Logs `data` under the hash of an event and its one indexed argument.
    function emitLog(bytes memory data, bytes32 kind, bytes32 first) internal {
        assembly ("memory-safe") {
            log2(add(data, 0x20), mload(data), kind, first)
        }
    }
}
