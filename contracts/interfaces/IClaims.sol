// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title IClaims
/// @notice Holders whose address is not known yet.
///
/// A table names such a holder by the address of a one-time *claim key*, made by whoever writes the table and handed to
/// the holder. What the holder earns waits under that address. One signature of the key says, once and for all, where
/// the holder's money goes; anybody may send it in, so the holder needs no gas.
///
/// Warning: whoever has the key can claim, the one who made it included. It is a bearer's token, good for one use, not
/// proof of anybody's identity.
/// Warning: a claim cannot be taken back or changed, and holds for every table that names the key, old and new.
interface IClaims {
    event Claimed(address indexed holder, address indexed to);

    error Claims_NoReceiver();
    error Claims_AlreadyClaimed(address holder, address to);
    error Claims_NotSigned(address holder, address signer);

    /// @notice From now on pays `to` what is due to the claim key `holder`. Once only; anyone may call.
    /// @param signature 65 bytes (r, s, v), s in the lower half, v 27 or 28: the key's, over the typed data
    /// `Claim(address holder,address to)` in the domain {Refrain Splits, 1, chainId, this contract}.
    function claim(address holder, address to, bytes calldata signature) external;

    /// @notice Where the money of a claim key goes; zero before it is claimed.
    function claimedBy(address holder) external view returns (address to);
}
