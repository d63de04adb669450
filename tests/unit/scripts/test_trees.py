"""Every leaf of a `.tree` file names the tests that show it, and every test stands under a leaf."""

import pytest

from scripts.solidity import trees

TREE = """door
├── when it is locked
│   ├── with the key: it should open
│   │       test_OpensWithTheKey, testFuzz_OpensWithAnyCopy
│   └── without it: it should revert
│           test_RevertsWithoutTheKey
└── when it is broken: it should stay open
        invariant_StaysOpen
"""
SOURCE = """/// @notice A door. See Door.tree.
contract DoorTest {
    function test_OpensWithTheKey() public {}
    function testFuzz_OpensWithAnyCopy(uint256 copy) public {}
    function test_RevertsWithoutTheKey() public {}
    function invariant_StaysOpen() public {}
    function _help() private {}
}
"""


def found(tree=TREE, source=SOURCE, **more):
    return trees.problems({"Door.tree": tree}, {"Door.t.sol": source, **more})


def test_the_trees_of_this_repository_fit_its_tests(capsys):
    assert trees.main() == 0, capsys.readouterr().out


def test_a_tree_that_fits_has_no_problem():
    assert found() == []


def test_a_leaf_without_a_test_is_named():
    without = TREE.replace("        invariant_StaysOpen\n", "")
    assert found(without) == [
        "Door.tree: no test shows: when it is broken: it should stay open",
        "Door.t.sol: no branch names invariant_StaysOpen",
    ]


def test_a_test_without_a_leaf_is_named():
    more = SOURCE.replace("_help() private", "test_Creaks() public")
    assert found(source=more) == ["Door.t.sol: no branch names test_Creaks"]


def test_a_name_that_no_test_has_is_named():
    renamed = SOURCE.replace("test_OpensWithTheKey", "test_Opens")
    assert found(source=renamed) == [
        "Door.tree: 0 tests are named test_OpensWithTheKey",
        "Door.t.sol: no branch names test_Opens",
    ]


def test_a_name_that_two_contracts_share_needs_its_contract():
    twin = "// Door.tree\ncontract GateTest {\n    function invariant_StaysOpen() public {}\n}\n"
    both = {"Gate.t.sol": twin}
    assert found(**both)[0] == "Door.tree: 2 tests are named invariant_StaysOpen"
    told = "DoorTest.invariant_StaysOpen, GateTest.invariant_StaysOpen"
    assert found(TREE.replace("invariant_StaysOpen", told), **both) == []


def test_a_leaf_says_what_should_happen():
    silent = TREE.replace("without it: it should revert", "without it")
    assert found(silent) == ["Door.tree: does not say what should happen: without it"]


def test_tests_belong_under_leaves():
    early = TREE.replace("locked\n", "locked\n│       test_RevertsWithoutTheKey\n")
    assert found(early) == ["Door.tree: tests belong under a leaf: when it is locked"]


def test_a_source_names_its_trees():
    assert found(source=SOURCE.replace(" See Door.tree.", ""))[-5] == "Door.t.sol: names no tree"
    elsewhere = SOURCE.replace("Door.tree", "Gate.tree")
    assert "Door.t.sol: there is no Gate.tree" in found(source=elsewhere)


@pytest.mark.parametrize("line", ["it should open", "│   └──  ", "│   │   └── too deep: it should"])
def test_a_line_of_another_shape_is_refused(line):
    with pytest.raises(ValueError, match=f"line 2 is neither .*: {line}"):
        trees.parse(f"door\n{line}\n")
