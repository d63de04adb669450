"""What wallets show: every call and message that people sign, whole, as the contracts have it."""

import json
import re

import pytest
from eth_utils import keccak, to_checksum_address
from eth_utils.abi import collapse_if_tuple

from oracle.adapters.chain import deployment
from oracle.domain import consent
from oracle.domain.attribution import RULES
from scripts.deploy import wallet_descriptors
from scripts.solidity.compile import compile_contracts
from scripts.solidity.toolchain import ROOT

TEMPLATES = wallet_descriptors.templates()
CALLS = {name: t for name, t in TEMPLATES.items() if name.startswith("calldata-")}
MESSAGES = {name: t for name, t in TEMPLATES.items() if name.startswith("eip712-")}
NAMED_IN = {"RoyaltyLedger": "ILedger", "RightsSplits": "IRightsSplits",
            "DisputeCourt": "IDisputeCourt"}

# Never shown, and why.
SIGNATURE = "a proof of what is shown beside it; the contract checks it, and nobody can read it"
EXCLUDED = dict.fromkeys(("v", "r", "s", "signature", "signatures"), SIGNATURE)

# No descriptor, and why.
POSTED = "posted by a program; all that matters in it was signed before, and shown then"
DELAYED = "goes through the timelock, whose proposals are read whole before they are made"
ALARM = "the guardian's, who acts on one word"
INNER = "called by a contract"
WITHOUT = {
    "RoyaltyLedger": {
        **dict.fromkeys(("settle", "upgrade", "settleBatch", "settleOrders"), POSTED),
        **dict.fromkeys(("allowNode", "installFirstSet", "proposeSet", "setAuthority",
                         "setReceivers", "unpause"), DELAYED),
        **dict.fromkeys(("pause", "removeSet"), ALARM),
        **dict.fromkeys(("freeze", "release"), INNER),
    },
    "RightsSplits": {"divide": INNER},
    "DisputeCourt": {"setAuthority": DELAYED},
}

NUMBERS = re.compile(r"uint\d+")
SHOWS = {
    "tokenAmount": NUMBERS, "date": NUMBERS, "unit": NUMBERS, "enum": NUMBERS,
    "addressName": re.compile("address"), "raw": re.compile(r"uint\d+|bytes(32)?|string|bool"),
}
PARAMETERS = {"tokenAmount": {"token"}, "date": {"encoding"}, "unit": {"base", "decimals"},
              "enum": {"$ref"}, "addressName": {"types"}, "raw": set()}


def abi(contract):
    found = json.loads((compile_contracts() / f"{contract}.json").read_text())["abi"]
    return [item for item in found if item["type"] == "function"]


def written(parameter):
    """A parameter as a descriptor's key has it: its type, with a tuple's fields named, its name."""
    kind = parameter["type"]
    if kind.startswith("tuple"):
        inside = ",".join(map(written, parameter["components"]))
        kind = f"({inside}){kind.removeprefix('tuple')}"
    return f"{kind} {parameter['name']}"


def signature(function):
    return f"{function['name']}({','.join(map(written, function['inputs']))})"


def selector(function):
    kinds = ",".join(map(collapse_if_tuple, function["inputs"]))
    return keccak(text=f"{function['name']}({kinds})")[:4]


def leaves(parameters, before=""):
    """Path to type of everything that a signer could be shown."""
    for parameter in parameters:
        kind, _, array = parameter["type"].partition("[")
        path = before + parameter["name"] + (".[]" if array else "")
        if "components" in parameter:
            yield from leaves(parameter["components"], path + ".")
        else:
            yield path, kind


def structs(key):
    """The structs of an encodeType, by name."""
    pairs = re.findall(r"(\w+)\(([^)]*)\)", key)
    return {name: [field.split(" ") for field in inside.split(",")] for name, inside in pairs}


def message(key):
    """The parameters of an encodeType's first struct, in the ABI's form."""
    known = structs(key)

    def parameters(name):
        for kind, field in known[name]:
            plain = kind.removesuffix("[]")
            inside = {"components": list(parameters(plain))} if plain in known else {}
            yield {"type": kind, "name": field, **inside}

    return list(parameters(key.partition("(")[0]))


def fields(entry):
    for field in entry:
        yield from fields(field["fields"]) if "fields" in field else [field]


def cases():
    for name, template in TEMPLATES.items():
        contract = wallet_descriptors.contract_of(name)
        for key, shown in template["display"]["formats"].items():
            yield pytest.param(template, contract, key, shown, id=f"{name[:8]} {key.split('(')[0]}")


def parameters_of(contract, key):
    named = {signature(function): function for function in abi(NAMED_IN[contract])}
    return named[key]["inputs"] if key in named else message(key)


@pytest.mark.parametrize("name", CALLS)
def test_every_call_of_a_person_has_a_descriptor_with_the_interfaces_names(name):
    contract = wallet_descriptors.contract_of(name)
    named = {function["name"]: function for function in abi(NAMED_IN[contract])}
    deployed = [f for f in abi(contract) if f["stateMutability"] not in ("view", "pure")]
    people = [f for f in deployed if f["name"] not in WITHOUT[contract]]
    assert all(selector(function) == selector(named[function["name"]]) for function in people)
    keys = {signature(named[function["name"]]) for function in people}
    assert set(CALLS[name]["display"]["formats"]) == keys


def test_every_message_is_the_one_that_the_contracts_hash():
    typed = {"RoyaltyLedger": "libraries/TypedHashes.sol", "RightsSplits": "splits/Claims.sol"}
    assert len(MESSAGES) == len(typed)
    for contract, path in typed.items():
        source = (ROOT / "contracts" / path).read_text()
        hashed = {keccak(text=text) for text in re.findall(r'keccak256\(\s*"([^"]+)"', source)}
        shown = MESSAGES[f"eip712-{contract}.json"]
        assert {keccak(text=key) for key in shown["display"]["formats"]} == hashed


@pytest.mark.parametrize(("contract", "source"), [("RoyaltyLedger", "ledger/LedgerBase"),
                                                  ("RightsSplits", "splits/Claims")])
def test_messages_are_bound_to_the_contracts_domain(contract, source):
    [domain] = re.findall(r'EIP712\("([^"]+)", "([^"]+)"\)',
                          (ROOT / "contracts" / f"{source}.sol").read_text())
    bound = MESSAGES[f"eip712-{contract}.json"]["context"]["eip712"]
    assert tuple(bound["domain"].values()) == domain


@pytest.mark.parametrize(("template", "contract", "key", "shown"), cases())
def test_everything_is_shown_but_signatures_and_nothing_else_exists(
    template, contract, key, shown
):
    known = dict(leaves(parameters_of(contract, key)))
    given = list(fields(shown["fields"]))
    assert [field["path"] for field in given] == list(dict.fromkeys(f["path"] for f in given))
    assert {field["path"] for field in given} == set(known)
    hidden = {field["path"] for field in given if field.get("visible") == "never"}
    assert hidden == {path for path in known if path.split(".")[-1] in EXCLUDED}


@pytest.mark.parametrize(("template", "contract", "key", "shown"), cases())
def test_every_format_fits_its_type_and_finds_what_it_names(template, contract, key, shown):
    known = dict(leaves(parameters_of(contract, key)))
    metadata = template["metadata"]
    assert shown["intent"]
    for field in fields(shown["fields"]):
        parameters = field.get("params", {})
        assert field["label"] and set(parameters) == PARAMETERS[field["format"]]
        if field.get("visible") != "never":
            assert SHOWS[field["format"]].fullmatch(known[field["path"]]), field["path"]
        if field["format"] == "enum":
            assert parameters["$ref"].removeprefix("$.metadata.enums.") in metadata["enums"]
        if field["format"] == "tokenAmount":
            assert parameters["token"] == "$.metadata.constants.token"
            assert "token" in metadata["constants"]


def test_numbers_have_the_names_that_the_oracle_gives_them():
    enums = TEMPLATES["eip712-RoyaltyLedger.json"]["metadata"]["enums"]
    tiers = {str(tier.number): name.capitalize() for name, tier in consent.TIERS.items()}
    assert enums["tier"] == tiers
    assert enums["rule"] == {str(number): name.capitalize() for name, number in RULES.items()}
    for other in TEMPLATES.values():
        for name, values in other["metadata"].get("enums", {}).items():
            assert enums.get(name, values) == values


def test_uses_are_named_bit_by_bit():
    bits = {1: "conditioning", 2: "training", 4: "commercial", 8: "voice"}
    uses = TEMPLATES["calldata-RoyaltyLedger.json"]["metadata"]["enums"]["use"]
    assert uses == {
        str(n): ", ".join(word for bit, word in bits.items() if n & bit).capitalize()
        for n in range(1, 16)
    }
    assert (consent.CONDITIONING, consent.COMMERCIAL) == (1, 4)


@pytest.fixture
def made(tmp_path):
    places = [to_checksum_address(f"0x{n:040x}") for n in range(1, 13)]
    token, splits, ledger, authority, timelock, court, pool, lens, *modules = places
    names = ("catalogue", "settlement", "oversight", "purse")
    value = {
        "chainId": 8453, "token": token, "splits": splits, "ledger": ledger, "block": 1,
        "set": {"threshold": 1, "signers": [token]}, "authority": authority,
        "timelock": timelock, "modules": dict(zip(names, modules, strict=True)),
        "window": 604_800, "court": court, "pool": pool, "lens": lens,
    }
    path = tmp_path / "deployment.json"
    path.write_text(json.dumps(value))
    return path


def test_a_deployment_fills_in_where_and_in_which_token(made, tmp_path, capsys):
    out = tmp_path / "new" / "folder"
    assert wallet_descriptors.main(["--deployment", str(made), "--out", str(out)]) == 0
    assert capsys.readouterr().out.splitlines() == [str(out / name) for name in TEMPLATES]
    found = deployment.load(made)
    for name, template in TEMPLATES.items():
        written_down = json.loads((out / name).read_text())
        bound = written_down["context"].get("contract") or written_down["context"]["eip712"]
        place = getattr(found, wallet_descriptors.PLACES[wallet_descriptors.contract_of(name)])
        assert bound.pop("deployments") == [{"chainId": 8453, "address": place}]
        constants = written_down["metadata"].get("constants", {"token": found.token})
        assert constants == {"token": found.token}
        assert written_down["display"] == template["display"]


def test_the_templates_themselves_name_no_place():
    for template in TEMPLATES.values():
        bound = template["context"].get("contract") or template["context"]["eip712"]
        assert bound["deployments"] == []
        assert template["metadata"].get("constants", {"token": None}) == {"token": None}


def test_a_refusal_is_one_line(tmp_path, made, capsys):
    assert wallet_descriptors.main(["--deployment", str(made), "--out", str(made)]) == 1
    assert "--out" in capsys.readouterr().err
    missing = str(tmp_path / "missing.json")
    assert wallet_descriptors.main(["--deployment", missing, "--out", str(tmp_path)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
