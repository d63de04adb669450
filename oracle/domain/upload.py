"""The statement with which an owner allows a node to store a recording's file (EIP-712 `Upload`).

The owner's client signs it and the node checks the signature; both build it here.
"""

from __future__ import annotations

from typing import Any

from oracle.domain.typed_data import SigningDomain, typed_data

UPLOAD = "Upload(uint256 recording,bytes32 audio,uint256 deadline)"


def upload_typed_data(
    domain: SigningDomain, recording: int, audio: bytes, deadline: int
) -> dict[str, Any]:
    """The statement as `eth_account` signs it.

    Args:
        audio: sha256 of the file, 32 bytes.
        deadline: last second at which the signature holds, since 1970.
    """
    message = {"recording": recording, "audio": audio, "deadline": deadline}
    return typed_data(domain, UPLOAD, message)
