// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title IClaims
/// @notice Holders whose address is not known yet.
///
/// A table names such a holder by the address of a one-time *claim key*. The author of the table makes the key and
/// gives it to the holder. The holder's earnings wait under that address. One signature of the key states once and
/// finally where the holder's money goes. Anybody may send the signature, so the holder needs no gas.
///
/// Warning: everyone who has the key can claim, including its maker. The key is a bearer token for one use and proves
/// nobody's identity.
/// Warning: a claim cannot be revoked or changed, and it applies to every table that names the key, old and new.
interface IClaims {
    event Claimed(address indexed holder, address indexed to);

    error Claims_NoReceiver();
    error Claims_AlreadyClaimed(address holder, address to);
    error Claims_NotSigned(address holder, address signer);

    /// @notice Pays everything that is due to the claim key `holder` to `to` from now on. Once only; anyone may call
    /// it.
    /// @param signature 65 bytes (r, s, v) with s in the lower half and v 27 or 28. The key signs the typed data
    /// `Claim(address holder,address to)` in the domain {Refrain Splits, 1, chainId, this contract}.
    function claim(address holder, address to, bytes calldata signature) external;

    /// @notice The address that gets the money of a claim key; zero before it is claimed.
    function claimedBy(address holder) external view returns (address to);
}
