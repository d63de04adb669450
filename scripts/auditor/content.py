"""Content from IPFS; every block is hashed when it is read."""

from __future__ import annotations

import re
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import httpx

from .cids import LARGEST, MOST_BLOCKS, RAW, blocks_of, cid_of, cid_parts, cid_text, message
from .patience import Patience, access
from .proxies import transport_to
from .report import Unanswered, Unreadable, WrongBlock


class Content:
    """Blocks by CID from a gateway, a folder of blocks or a folder of files; checks every hash."""

    def __init__(self, source: str, patience: Patience | None = None) -> None:
        self.folder, self.patience = Path(source).expanduser(), patience or Patience()
        self.gateway = re.match("https?://", source) is not None
        self.source, headers = access(source, "REFRAIN_IPFS_TOKEN")
        self.http = httpx.Client(timeout=60.0, follow_redirects=True, headers=headers,
                                 transport=transport_to(source))

    @cached_property
    def files(self) -> dict[bytes, tuple[Path, int, int] | bytes]:
        """Every block of every file in a plain folder, by digest."""
        found: dict[bytes, tuple[Path, int, int] | bytes] = {}
        for path in sorted(p for p in self.folder.rglob("*") if p.is_file()):
            at = 0
            for cid, block in blocks_of(path.read_bytes()):
                codec, digest = cid_parts(cid)
                found[digest] = (path, at, len(block)) if codec == RAW else block
                at += len(block)
        return found

    def _from_gateway(self, cid: str) -> bytes:
        url = f"{self.source.rstrip('/')}/ipfs/{cid}"
        name = f"block {cid}: {url}"
        try:
            answer, data = self.patience.asked(name, lambda: self._once(url, name))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unanswered(f"{name}: {type(error).__name__}: {error}") from None
        if answer.status_code != 200:
            kind = Unanswered if answer.status_code >= 500 else Unreadable
            raise kind(f"{name} answers {answer.status_code}")
        return data

    def _once(self, url: str, name: str) -> tuple[httpx.Response, bytes]:
        accept, parts = {"Accept": "application/vnd.ipld.raw"}, bytearray()
        with self.http.stream("GET", url, params={"format": "raw"}, headers=accept) as answer:
            for part in answer.iter_bytes():
                parts += part
                if len(parts) > LARGEST:
                    raise Unreadable(f"{name} sends more than {LARGEST} bytes")
        return answer, bytes(parts)

    def _from_folder(self, cid: str, digest: bytes) -> bytes:
        if (self.folder / "blocks").is_dir():
            path = self.folder / "blocks" / digest.hex()[:2] / digest.hex()
            if path.is_file():
                return path.read_bytes()
        elif digest in self.files:
            found = self.files[digest]
            if isinstance(found, bytes):
                return found
            path, start, size = found
            return path.read_bytes()[start:start + size]
        raise Unreadable(f"block {cid} (sha256 {digest.hex()}) is not in {self.folder}")

    def block(self, cid: str) -> bytes:
        """A block, after its hash is checked. Raises WrongBlock if it differs."""
        codec, digest = cid_parts(cid)
        data = self._from_gateway(cid) if self.gateway else self._from_folder(cid, digest)
        if sha256(data).digest() != digest:
            raise WrongBlock(cid, cid_text(codec, sha256(data).digest()), data)
        return data

    def file(self, cid: str) -> bytes:
        """The file under a CID, at most MOST_BLOCKS blocks; its bytes must give the same CID."""
        parts, waiting, count = [], [cid], 0
        while waiting:
            name, count = waiting.pop(), count + 1
            if count > MOST_BLOCKS:
                raise Unreadable(f"{cid} has more than {MOST_BLOCKS} blocks")
            block = self.block(name)
            if cid_parts(name)[0] == RAW:
                parts.append(block)
            else:
                links = [dict(message(value)) for key, value in message(block) if key == 2]
                waiting += [cid_text(link[1][1], link[1][4:]) for link in reversed(links)]
        data = b"".join(parts)
        if cid_of(data) != cid:
            raise Unreadable(f"{cid}: by unixfs-v1-2025 the file's bytes give {cid_of(data)}")
        return data
