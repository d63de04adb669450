"""The code of the contracts, as `python -m scripts.solidity.known_code` compiled it.

A constructor writes immutable variables into the code, 32 bytes at each of their places. The hash
is that of the code with zeros there.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """Length in bytes, keccak of the code without immutables, and the places of each immutable."""

    size: int
    digest: str
    immutables: dict[str, tuple[int, ...]]


CODES = {
    "RoyaltyLedger": Code(23848, (
        "540f3e77bda2f0f4c581535fe8d05468332404308273267d1c1c3587433a9327"
    ), {
        "EXIT_DELAY": (4487,),
        "_cachedChainId": (20932,),
        "_cachedDomainSeparator": (20743,),
        "_cachedThis": (20696,),
        "_hashedName": (20822,),
        "_hashedVersion": (20860,),
        "_name": (5307,),
        "_version": (5348,),
        "catalogueModule": (1244, 3770, 9510, 9729, 17311),
        "maxLag": (10062, 12120, 15240, 15574),
        "oversightModule": (1043, 2285, 3181, 5968, 7265, 17545),
        "purseModule": (1801, 9405, 9973, 17203, 17480),
        "settlementModule": (2047, 4126, 7763, 9283),
        "splits": (7551, 19701),
        "token": (929, 6103, 21924),
        "window": (8804, 19112),
    }),
    "CatalogueModule": Code(8412, (
        "5bfe09f6a28caad7638cb46f628c27bb8260d4aad1fc220518af0064b1910ce2"
    ), {
        "_name": (1894,),
        "_version": (1935,),
        "maxLag": (694, 3096),
        "splits": (2521, 5695, 6205),
        "token": (264, 6485, 7253),
        "window": (2714, 5876),
    }),
    "SettlementModule": Code(22782, (
        "c6c5f41f335688246985a0e1b98e1c403b3ca3e6e4062e830572d04ce8cb3ecb"
    ), {
        "_cachedChainId": (15416,),
        "_cachedDomainSeparator": (15227,),
        "_cachedThis": (15180,),
        "_hashedName": (15306,),
        "_hashedVersion": (15344,),
        "_name": (9332,),
        "_version": (9373,),
        "maxLag": (614, 4893, 8062, 8357, 10266, 12629),
        "splits": (9959,),
        "token": (223,),
        "window": (1074, 4976, 10789, 12543, 14053),
    }),
    "OversightModule": Code(11298, (
        "3f4c7e4cee63da248dad07006ad2da53a5bab064fe8723f6941515d1f42d988b"
    ), {
        "_name": (1738,),
        "_version": (1779,),
        "maxLag": (4820,),
        "splits": (3924,),
        "token": (275,),
        "window": (2150, 4732, 7529),
    }),
    "PayoutModule": Code(9971, (
        "3bcee8edc4b7448a9a3e3b110ea5d9a28f47a75d5ecfb2317f88ccdddce422f8"
    ), {
        "_cachedChainId": (8475,),
        "_cachedDomainSeparator": (8286,),
        "_cachedThis": (8239,),
        "_hashedName": (8365,),
        "_hashedVersion": (8403,),
        "_name": (2509,),
        "_version": (2551,),
        "maxLag": (2815, 5631),
        "splits": (1680, 3472),
        "token": (475, 956, 5349, 6273, 7412, 7923),
        "window": (4191, 6955),
    }),
    "RightsSplits": Code(13302, (
        "cd9b0027bf607fb95b7e7d8216a31f30214c0638ee4b4b053263e623743712ee"
    ), {
        "_cachedChainId": (11694,),
        "_cachedDomainSeparator": (11505,),
        "_cachedThis": (11458,),
        "_hashedName": (11584,),
        "_hashedVersion": (11622,),
        "_name": (3207,),
        "_version": (3251,),
    }),
    "DisputeCourt": Code(10058, (
        "a82b9798c3b95d5e1620cc9731a0f40e7d76435ed94b752f29246e964f8d5706"
    ), {
        "BOND": (774, 1649),
        "RULING_TIME": (944, 1783),
        "_token": (1462, 6394),
        "ledger": (1411, 2991, 3824, 4106, 5081, 6985),
    }),
    "TrainingPool": Code(6589, (
        "b78921e400983102eebe53be84d7d19610ba4e15c985d4d58d64a8282f0ae0d6"
    ), {
        "PERIOD": (3134, 6075),
        "_token": (406, 2163),
        "ledger": (234, 2221, 3307, 3751),
    }),
    "RoyaltyLens": Code(10021, (
        "bac94ef7e9aa81d3e219d0b09bc37fc151053336d4e2f3c8827d0fe468cdf18b"
    ), {
        "ledger": (223, 877, 1392, 2180, 2336, 3530, 4619, 5773, 6157, 6765, 8095, 9408),
    }),
    "AccessManager": Code(12771, (
        "2c8c638e9948f81a88e82823a4a61f424ee57ec09afd8665320eb771f0841275"
    ), {}),
    "TimelockController": Code(7529, (
        "46b5ac2fa2a01b12b9817e0838974c1b652451e395515e3cd3f2ae8f50a204c7"
    ), {}),
}  # fmt: skip
"""Name of a contract to its code."""
