"""Profiles: which chain, deployment, oracle and key somebody works with, in one file.

    default = "ada"

    [profiles.ada]
    rpc = "http://127.0.0.1:8545"
    deployment = "/srv/refrain/deployment.json"
    key = "/srv/refrain/ada.key"
    api = "http://127.0.0.1:8080"

The file is `REFRAIN_CONFIG`, or `refrain/config.toml` in the user's folder for configuration. The
key is a path or a URI, never the key itself. Variables of the environment come before the file.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from oracle.client.private import require_unshared, write_file
from oracle.domain.environment import path_of
from oracle.domain.errors import InvalidInput, NotFound

OVERRIDES = {
    "rpc": "REFRAIN_RPC", "deployment": "REFRAIN_DEPLOYMENT", "key": "REFRAIN_KEY",
    "api": "REFRAIN_API", "rpc_token": "REFRAIN_RPC_TOKEN",
}  # fmt: skip
"""Members of a profile that a variable of the environment replaces."""

ENVIRONMENT = "environment"
"""The name of a profile that consists of such variables alone."""

_LISTS = ("oracles", "nodes")
"""Members that hold several URLs."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)


@dataclass(frozen=True)
class Profile:
    """What commands work with.

    Args:
        rpc: URL of the chain's JSON-RPC; it may hold a key, so it is not printed.
        deployment: path of the deployment's file.
        key: path or URI of the key that signs.
        api: URL of an oracle.
        oracles: URLs of other oracles of its set, asked in turn when `api` does not answer.
        nodes: URLs of generation nodes, for uploads.
        ipfs: URL of a gateway that serves what is pinned.
        pin: where to pin metadata and grounds: ``folder:PATH`` or ``kubo:ADDRESS``.
        rpc_token: bearer token for the RPC; empty for none.
    """

    rpc: str = field(default="", repr=False)
    deployment: str = ""
    key: str = ""
    api: str = ""
    oracles: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    ipfs: str = ""
    pin: str = ""
    rpc_token: str = field(default="", repr=False)


MEMBERS = tuple(item.name for item in fields(Profile))


@dataclass(frozen=True)
class Config:
    """The profiles by name, and the name of the one that is used unless another is named."""

    default: str = ""
    profiles: Mapping[str, Profile] = field(default_factory=dict)

    def with_profile(self, name: str, profile: Profile, default: bool) -> Config:
        """Another one with this profile; the first profile becomes the default."""
        chosen = name if default or not self.default else self.default
        return Config(chosen, {**self.profiles, name: profile})


def config_path(environment: Mapping[str, str]) -> Path:
    """Where the file of profiles is.

    Raises:
        InvalidInput: no variable says where the user's files are.
    """
    if found := environment.get("REFRAIN_CONFIG"):
        return path_of(found, "REFRAIN_CONFIG")
    if found := environment.get("XDG_CONFIG_HOME"):
        return path_of(found, "XDG_CONFIG_HOME") / "refrain" / "config.toml"
    if found := environment.get("HOME"):
        return Path(found, ".config", "refrain", "config.toml")
    raise InvalidInput("must be set, or HOME", field="REFRAIN_CONFIG")


def orders_path(environment: Mapping[str, str]) -> Path:
    """The folder, beside the file of profiles, in which placed orders are kept."""
    return config_path(environment).parent / "orders"


def load_config(path: Path) -> Config:
    """Reads the file; an absent one holds no profile.

    Raises:
        InvalidInput: others can write it, it is not readable or not TOML, or an entry is unknown or
            has the wrong type.
    """
    try:
        require_unshared(path, "config")
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return Config()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidInput(f"cannot be read: {reason}", field="config", value=path) from None
    return parse_config(found)


def parse_config(found: Mapping[str, Any]) -> Config:
    """A config from parsed TOML; what it does not know is named."""
    for name in sorted(found.keys() - {"default", "profiles"}):
        raise InvalidInput("is not a known entry", field=f"config.{name}")
    listed = found.get("profiles", {})
    if not isinstance(listed, dict):
        raise InvalidInput("must be a table", field="config.profiles")
    profiles = {name: _profile(name, entries) for name, entries in listed.items()}
    default = found.get("default", "")
    if default and (not isinstance(default, str) or default not in profiles):
        raise InvalidInput("names no profile of the file", field="config.default", value=default)
    return Config(default, profiles)


def _profile(name: str, entries: Any) -> Profile:
    place = f"config.profiles.{check_name(name)}"
    if not isinstance(entries, dict):
        raise InvalidInput("must be a table", field=place)
    for entry in sorted(entries.keys() - set(MEMBERS)):
        raise InvalidInput("is not a known entry", field=f"{place}.{entry}")
    for entry, value in entries.items():
        many = entry in _LISTS and isinstance(value, list)
        if not all(isinstance(item, str) for item in (value if many else [value])):
            raise InvalidInput("must be text", field=f"{place}.{entry}", value=value)
    listed = {name: entries.get(name, []) for name in _LISTS}
    several = {n: (v,) if isinstance(v, str) else tuple(v) for n, v in listed.items()}
    return Profile(**{**entries, **several})


def check_name(name: str) -> str:
    """The name of a profile: letters, digits, - and _."""
    if not _NAME.fullmatch(name):
        detail = "must be 1 to 40 letters, digits, - or _"
        raise InvalidInput(detail, field="profile", value=name)
    return name


def save_config(config: Config, path: Path) -> None:
    """Writes the file whole or not at all, mode 600: a URL in it may hold a key.

    Raises:
        InvalidInput: a text that TOML cannot hold.
    """
    write_file(path, to_toml(config).encode("utf-8"))


def to_toml(config: Config) -> str:
    """The file's text; entries without a value are left out."""
    lines = [f"default = {_quoted(config.default, 'default')}"] if config.default else []
    for name, profile in config.profiles.items():
        lines += ["", f"[profiles.{check_name(name)}]"]
        for entry in MEMBERS:
            value = getattr(profile, entry)
            if isinstance(value, tuple) and value:
                lines.append(f"{entry} = [{', '.join(_quoted(item, entry) for item in value)}]")
            elif value:
                lines.append(f"{entry} = {_quoted(value, entry)}")
    return "\n".join(lines).lstrip("\n") + "\n"


def _quoted(text: str, name: str) -> str:
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise InvalidInput("must be text in UTF-8", field=name, value=ascii(text))
    # A basic string of TOML is one of JSON, except that it holds no raw DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def choose(config: Config, environment: Mapping[str, str], name: str = "") -> tuple[str, Profile]:
    """The profile to work with and its name: named, else `REFRAIN_PROFILE`, else the default.

    Raises:
        NotFound: there is no such profile, or none at all and the environment names no chain.
    """
    wanted = name or environment.get("REFRAIN_PROFILE", "") or config.default
    over: dict[str, Any] = {m: environment[v] for m, v in OVERRIDES.items() if environment.get(v)}
    if wanted in config.profiles:
        return wanted, replace(config.profiles[wanted], **over)
    if wanted:
        known = ", ".join(sorted(config.profiles)) or "none"
        raise NotFound(f"there is no such profile (there are: {known})", field=wanted)
    if "rpc" in over:
        return ENVIRONMENT, Profile(**over)
    raise NotFound("there is no profile yet; `refrain init` makes one")


def host_of(url: str) -> str:
    """The part of a URL that holds no secret: scheme, host and port."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "a URL that is malformed"
    hidden = "/…" if parts.path.strip("/") or parts.query or parts.username else ""
    return f"{parts.scheme}://{parts.hostname}{port}{hidden}"
