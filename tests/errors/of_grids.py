"""Wrong grids and spaces."""

from typing import Any

from minigrid import MinigridError, OutOfRangeError, UnknownNameError
from tests.errors.cases import (
    ENDLESS,
    GRID,
    HUGE_SPACE,
    NETWORK,
    SPACE,
    case,
    count_cases,
    grid_cases,
    mg,
    network_cases,
    number_cases,
    shape_error,
    type_error,
    value_error,
    vector_cases,
)


def not_yet(network: Any) -> Any:
    return mg.SearchSpace(network, GRID)


OVERRIDES = "^overrides: expected names of the network's parameters, got "


KNOWN_NAMES = r"Known: 'layer0\.neuron0\.weight0', 'layer0\.neuron0\.weight1'"


GRID_CASES = [
    *vector_cases("Grid", "values", lambda value: mg.Grid(value)),
    *number_cases("Grid.linspace", "start", lambda value: mg.Grid.linspace(value, 1.0, 3)),
    *number_cases("Grid.linspace", "stop", lambda value: mg.Grid.linspace(0.0, value, 3)),
    *count_cases("Grid.linspace", "num", 1, lambda value: mg.Grid.linspace(0.0, 1.0, value)),
    value_error("Grid.linspace, more values than memory", lambda: mg.Grid.linspace(0.0, 1.0, 10**18), "^num: "),
    value_error(
        "Grid.linspace, more values than an array may have", lambda: mg.Grid.linspace(0.0, 1.0, 10**30), "^num: "
    ),
    *number_cases("Grid.fixed", "value", lambda value: mg.Grid.fixed(value)),
    case("Grid[], beyond the end", lambda: GRID[3], OutOfRangeError, IndexError, "3"),
    case("Grid[], before the beginning", lambda: GRID[-4], OutOfRangeError, IndexError, "-4"),
    type_error("Grid[], text", lambda: GRID["a"], "'a'"),
    type_error("Grid[], a float", lambda: GRID[0.0], r"0\.0"),
    type_error("Grid[], a boolean", lambda: GRID[True], "True"),
    type_error("Grid[], a list", lambda: GRID[[0]], "list of length 1"),
    *network_cases("SearchSpace", not_yet),
    *grid_cases("SearchSpace", "weights", lambda value: mg.SearchSpace(NETWORK, value)),
    *grid_cases("SearchSpace", "biases", lambda value: mg.SearchSpace(NETWORK, GRID, value)),
    type_error(
        "SearchSpace, overrides is a list",
        lambda: mg.SearchSpace(NETWORK, GRID, overrides=[GRID]),
        "^overrides: expected a dict, got a list of length 1",
        "dict of parameter names and grids",
    ),
    type_error(
        "SearchSpace, overrides is a grid",
        lambda: mg.SearchSpace(NETWORK, GRID, overrides=GRID),
        "^overrides: .*got .*Grid",
    ),
    case(
        "SearchSpace, overrides names no parameter",
        lambda: mg.SearchSpace(NETWORK, GRID, overrides={"layer0.neuron0.weigth1": GRID}),
        UnknownNameError,
        ValueError,
        OVERRIDES + "'layer0.neuron0.weigth1'",
        r"Did you mean 'layer0\.neuron0\.weight1'",
        KNOWN_NAMES,
    ),
    case(
        "SearchSpace, overrides names a bias that is not there",
        lambda: mg.SearchSpace(NETWORK, GRID, overrides={"layer0.neuron0.bias": GRID}),
        UnknownNameError,
        ValueError,
        OVERRIDES + "'layer0.neuron0.bias'",
        KNOWN_NAMES,
    ),
    case(
        "SearchSpace, overrides by position",
        lambda: mg.SearchSpace(NETWORK, GRID, overrides={0: GRID}),
        UnknownNameError,
        ValueError,
        OVERRIDES + "0",
        KNOWN_NAMES,
    ),
    *grid_cases(
        "SearchSpace",
        "overrides['layer0.neuron0.weight1']",
        lambda value: mg.SearchSpace(NETWORK, GRID, overrides={"layer0.neuron0.weight1": value}),
    ),
    *vector_cases("SearchSpace.index_of", "parameters", lambda value: SPACE.index_of(value)),
    shape_error(
        "SearchSpace.index_of, too many",
        lambda: SPACE.index_of([0.0] * 3),
        "^parameters: expected 2",
        r"got 3\b",
        "exactly 2",
    ),
    case(
        "SearchSpace[], at the end",
        lambda: SPACE[9],
        OutOfRangeError,
        IndexError,
        "^index: .*below 9, the size, got 9",
        "start at 0",
    ),
    case("SearchSpace[], before the beginning", lambda: SPACE[-10], OutOfRangeError, IndexError, "^index: .*got -10"),
    case("SearchSpace[], far beyond", lambda: SPACE[ENDLESS], OutOfRangeError, IndexError, "^index: .*below 9"),
    case(
        "SearchSpace[], beyond a huge end", lambda: HUGE_SPACE[10**100], OutOfRangeError, IndexError, r"below 10\^100"
    ),
    type_error(
        "SearchSpace[], text",
        lambda: SPACE["a"],
        "^index: expected a whole number or a slice, got 'a'",
        r"space\[0\]; indices start at 0",
    ),
    type_error("SearchSpace[], a float", lambda: SPACE[1.0], r"^index: .*got 1\.0"),
    type_error("SearchSpace[], a boolean", lambda: SPACE[True], "^index: .*got True"),
    type_error("SearchSpace[], a list", lambda: SPACE[[0, 1]], "^index: .*got a list of length 2"),
    type_error(
        "SearchSpace[], a slice of floats",
        lambda: SPACE[0.5:2],
        r"^index: .*got slice\(0\.5, 2, None\)",
        "whole numbers",
    ),
    case(
        "SearchSpace[], a slice that stands still",
        lambda: SPACE[::0],
        MinigridError,
        Exception,
        "^index: .*got slice",
        "0",
    ),
    value_error(
        "SearchSpace[], too long a slice",
        lambda: HUGE_SPACE[1:],
        "^index: expected a slice of at most 50000000",
        "shorter",
    ),
    case("SearchSpace, len() of a huge one", lambda: len(HUGE_SPACE), MinigridError, OverflowError, r"space\.size"),
    type_error(
        "SearchSpace.with_grids, a list",
        lambda: SPACE.with_grids([GRID]),
        "^changes: expected",
        "got a list of length 1",
    ),
    type_error(
        "SearchSpace.with_grids, a list of values", lambda: SPACE.with_grids({0: [1.0]}), "expected a Grid, got a list"
    ),
    case(
        "SearchSpace.with_grids, no such position",
        lambda: SPACE.with_grids({2: GRID}),
        MinigridError,
        Exception,
        "^changes",
        "2",
    ),
    case(
        "SearchSpace.with_grids, a name for a position",
        lambda: SPACE.with_grids({"layer0.neuron0.weight0": GRID}),
        MinigridError,
        Exception,
        "^changes",
        "layer0",
    ),
    shape_error(
        "SearchSpace.from_grids, no grids", lambda: mg.SearchSpace.from_grids([], []), "^grids: .*at least one, got 0"
    ),
    shape_error(
        "SearchSpace.from_grids, too few grids",
        lambda: mg.SearchSpace.from_grids([GRID], ["a", "b"]),
        "^grids: expected 2 grids, at least one, got 1",
        "as many grids as names",
    ),
    type_error(
        "SearchSpace.from_grids, lists", lambda: mg.SearchSpace.from_grids([[0.0]], ["a"]), "^grids: .*got a list"
    ),
    type_error(
        "SearchSpace.from_grids, a grid", lambda: mg.SearchSpace.from_grids(GRID, ["a"] * 3), "^grids: expected", "got"
    ),
    type_error(
        "SearchSpace.from_grids, a number", lambda: mg.SearchSpace.from_grids(3, ["a"]), "^grids: expected", "got 3"
    ),
]
