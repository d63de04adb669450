// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccountWord} from "./AccountWords.sol";

/// @notice A payer's account after the generations so far.
struct Spender {
    address payer;
    AccountWord account;
}

/// @notice What a node may still take. Both numbers are the remaining amount plus 1; 0 means that nothing may be
/// settled through the node, not even a price of zero.
/// @param prices Remaining cap plus 1; 0 means blocked.
/// @param fees Remaining room in the node's word plus 1; 0 means blocked.
struct Room {
    address node;
    uint256 prices;
    uint256 fees;
}

/// @notice The working memory of a batch, used for one generation after another. It is at a fixed place in memory, so
/// that the loops can address its words by the constants below.
/// @param from The time that the generations' times are relative to.
/// @param notUses All bits except the uses that an order of the batch may ask for.
/// @param idMask The upper 32 bits.
/// @param oldest The earliest time of making that is not too late.
/// @param accounts A Spender for each payer, one after another.
/// @param rooms A Room for each node, one after another.
/// @param lines One word for each recording, see PackedLines.
/// @param orders Struct hashes of the orders, if one signature covers all of them.
/// @param fee The protocol fee.
/// @param rate The royalty times `2^128 / 1e6`, see PackedBatch.read.
/// @param prefix First of the three words that the signer of an order signs.
/// @param digest First of the four ecrecover inputs.
/// @param orderType First of the nine words that are hashed for the order.
/// @param attestationType First of the nine words that are hashed for the attestation. The entries follow after the
/// sheet.
struct BatchSheet {
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

// Addresses of the words that the loops use. Inline assembly accepts only constants.
uint256 constant AT_FROM = 0x200;
uint256 constant AT_NOT_USES = 0x220;
uint256 constant AT_ID_MASK = 0x240;
uint256 constant AT_OLDEST = 0x260;
uint256 constant AT_PROTOCOL_BPS = 0x280;
uint256 constant AT_NODE_CAP_BPS = 0x2a0;
uint256 constant AT_ACCOUNTS = 0x2c0;
uint256 constant AT_ROOMS = 0x2e0;
uint256 constant AT_LINES = 0x300;
uint256 constant AT_LAST_LINE = 0x320;
uint256 constant AT_SPENDER = 0x380;
uint256 constant AT_ROOM = 0x3a0;
uint256 constant AT_COUNT = 0x3c0;
uint256 constant AT_FEE = 0x3e0;
uint256 constant AT_RATE = 0x400;
uint256 constant AT_PREFIX = 0x420;
uint256 constant AT_SIGNED = 0x460;
uint256 constant AT_DIGEST = 0x480;
uint256 constant AT_V = 0x4a0;
uint256 constant AT_R = 0x4c0;
uint256 constant AT_S = 0x4e0;
uint256 constant AT_ORDER_TYPE = 0x500;
uint256 constant AT_PAYER = 0x520;
uint256 constant AT_NONCE = 0x540;
uint256 constant AT_REQUEST = 0x560;
uint256 constant AT_MAX_PRICE = 0x580;
uint256 constant AT_TIER = 0x5a0;
uint256 constant AT_USE = 0x5c0;
uint256 constant AT_RULE = 0x5e0;
uint256 constant AT_DEADLINE = 0x600;
uint256 constant AT_ATTESTATION_TYPE = 0x620;
uint256 constant AT_ORDER = 0x660;
uint256 constant AT_PRICE = 0x680;
uint256 constant AT_NODE = 0x6a0;
uint256 constant AT_NODE_FEE = 0x6c0;
uint256 constant AT_GENERATED_AT = 0x6e0;
uint256 constant AT_ENTRIES_HASH = 0x700;
uint256 constant AT_MANIFEST = 0x720;
uint256 constant AT_ENTRIES = 0x740;

// After the largest number of entries that a generation can have, plus 32 bytes.
uint256 constant AT_END = 0xf60;
