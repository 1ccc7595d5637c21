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
    mg,
    returned,
    shape_error,
    type_error,
    value_error,
)
from tests.errors.kinds import (
    count_cases,
    grid_cases,
    network_cases,
    number_cases,
    vector_cases,
)


def not_yet(network: Any) -> Any:
    return mg.SearchSpace(network, GRID)


def overridden(name: str) -> Any:
    return mg.SearchSpace(NETWORK, GRID, overrides={name: GRID})


def regridded(grid: Any) -> Any:
    return SPACE.with_grids({0: grid})


def of_one(grids: Any) -> Any:
    return mg.SearchSpace.from_grids(grids, ["a"])


OVERRIDES = "^overrides: expected names of the network's parameters, got "


KNOWN_NAMES = r"Known: 'layer0\.neuron0\.weight0', 'layer0\.neuron0\.weight1'"


GRID_CASES = [
    *vector_cases("Grid", "values", lambda value: mg.Grid(value), [0, 1]),
    *number_cases("Grid.linspace", "start", lambda value: mg.Grid.linspace(value, 1.0, 3)),
    *number_cases("Grid.linspace", "stop", lambda value: mg.Grid.linspace(0.0, value, 3)),
    *count_cases("Grid.linspace", "num", 1, lambda value: mg.Grid.linspace(0.0, 1.0, value)),
    value_error("Grid.linspace, more values than memory", lambda: mg.Grid.linspace(0.0, 1.0, 10**18), "^num: ").then(
        "Pass a smaller one", lambda: mg.Grid.linspace(0.0, 1.0, 10)
    ),
    value_error(
        "Grid.linspace, more values than an array may have", lambda: mg.Grid.linspace(0.0, 1.0, 10**30), "^num: "
    ).then("Pass a smaller one", lambda: mg.Grid.linspace(0.0, 1.0, 10)),
    *number_cases("Grid.fixed", "value", lambda value: mg.Grid.fixed(value)),
    case("Grid[], beyond the end", lambda: GRID[3], OutOfRangeError, IndexError, "3").then(
        "Pass a whole number, from 0", lambda: GRID[0]
    ),
    case("Grid[], before the beginning", lambda: GRID[-4], OutOfRangeError, IndexError, "-4").then(
        "Pass a whole number, from 0", lambda: GRID[0]
    ),
    type_error("Grid[], text", lambda: GRID["a"], "'a'").then("Pass a whole number, from 0", lambda: GRID[0]),
    type_error("Grid[], a float", lambda: GRID[0.0], r"0\.0").then("Pass a whole number, from 0", lambda: GRID[0]),
    type_error("Grid[], a boolean", lambda: GRID[True], "True").then("Pass a whole number, from 0", lambda: GRID[0]),
    type_error("Grid[], a list", lambda: GRID[[0]], "list of length 1").then(
        "Pass a whole number, from 0", lambda: GRID[0]
    ),
    *network_cases("SearchSpace", not_yet),
    *grid_cases("SearchSpace", "weights", lambda value: mg.SearchSpace(NETWORK, value)),
    *grid_cases(
        "SearchSpace", "biases", lambda value: mg.SearchSpace(mg.Network.dense([2, 1], bias=True), GRID, value)
    ),
    type_error(
        "SearchSpace, overrides is a list",
        lambda: mg.SearchSpace(NETWORK, GRID, overrides=[GRID]),
        "^overrides: expected a dict, got a list of length 1",
        "dict of parameter names and grids",
    ).then("Pass a dict of parameter names and grids", lambda: overridden("layer0.neuron0.weight0")),
    type_error(
        "SearchSpace, overrides is a grid",
        lambda: mg.SearchSpace(NETWORK, GRID, overrides=GRID),
        "^overrides: .*got .*Grid",
    ).then("Pass a dict of parameter names and grids", lambda: overridden("layer0.neuron0.weight0")),
    case(
        "SearchSpace, overrides names no parameter",
        lambda: mg.SearchSpace(NETWORK, GRID, overrides={"layer0.neuron0.weigth1": GRID}),
        UnknownNameError,
        ValueError,
        OVERRIDES + "'layer0.neuron0.weigth1'",
        r"Did you mean 'layer0\.neuron0\.weight1'",
        KNOWN_NAMES,
    ).then("Did you mean 'layer0.neuron0.weight1'", lambda: overridden("layer0.neuron0.weight1")),
    case(
        "SearchSpace, overrides names a bias that is not there",
        lambda: mg.SearchSpace(NETWORK, GRID, overrides={"layer0.neuron0.bias": GRID}),
        UnknownNameError,
        ValueError,
        OVERRIDES + "'layer0.neuron0.bias'",
        KNOWN_NAMES,
    ).then("Known: 'layer0.neuron0.weight0'", lambda: overridden("layer0.neuron0.weight0")),
    case(
        "SearchSpace, overrides by position",
        lambda: mg.SearchSpace(NETWORK, GRID, overrides={0: GRID}),
        UnknownNameError,
        ValueError,
        OVERRIDES + "0",
        KNOWN_NAMES,
    ).then("Known: 'layer0.neuron0.weight0'", lambda: overridden("layer0.neuron0.weight0")),
    *grid_cases(
        "SearchSpace",
        "overrides['layer0.neuron0.weight1']",
        lambda value: mg.SearchSpace(NETWORK, GRID, overrides={"layer0.neuron0.weight1": value}),
    ),
    *vector_cases("SearchSpace.index_of", "parameters", lambda value: SPACE.index_of(value), [0, 1]),
    shape_error(
        "SearchSpace.index_of, too many",
        lambda: SPACE.index_of([0.0] * 3),
        "^parameters: expected 2",
        r"got 3\b",
        "exactly 2",
    ).then("Pass exactly 2", lambda: SPACE.index_of([0.0] * 2)),
    case(
        "SearchSpace[], at the end",
        lambda: SPACE[9],
        OutOfRangeError,
        IndexError,
        "^index: .*below 9, the size, got 9",
        r"space\[0\]",
    )
    .runs("space[0]", returned, space=SPACE)
    .runs("space[0:10]", returned, space=SPACE),
    case("SearchSpace[], before the beginning", lambda: SPACE[-10], OutOfRangeError, IndexError, "^index: .*got -10")
    .runs("space[0]", returned, space=SPACE)
    .runs("space[0:10]", returned, space=SPACE),
    case("SearchSpace[], far beyond", lambda: SPACE[ENDLESS], OutOfRangeError, IndexError, "^index: .*below 9")
    .runs("space[0]", returned, space=SPACE)
    .runs("space[0:10]", returned, space=SPACE),
    case("SearchSpace[], beyond a huge end", lambda: HUGE_SPACE[10**100], OutOfRangeError, IndexError, r"below 10\^100")
    .runs("space[0]", returned, space=HUGE_SPACE)
    .runs("space[0:10]", returned, space=HUGE_SPACE),
    type_error(
        "SearchSpace[], text",
        lambda: SPACE["a"],
        "^index: expected a whole number or a slice, got 'a'",
        r"space\[0\]",
    )
    .runs("space[0]", returned, space=SPACE)
    .runs("space[0:10]", returned, space=SPACE),
    type_error("SearchSpace[], a float", lambda: SPACE[1.0], r"^index: .*got 1\.0")
    .runs("space[0]", returned, space=SPACE)
    .runs("space[0:10]", returned, space=SPACE),
    type_error("SearchSpace[], a boolean", lambda: SPACE[True], "^index: .*got True")
    .runs("space[0]", returned, space=SPACE)
    .runs("space[0:10]", returned, space=SPACE),
    type_error("SearchSpace[], a list", lambda: SPACE[[0, 1]], "^index: .*got a list of length 2")
    .runs("space[0]", returned, space=SPACE)
    .runs("space[0:10]", returned, space=SPACE),
    type_error(
        "SearchSpace[], a slice of floats",
        lambda: SPACE[0.5:2],
        r"^index: .*got slice\(0\.5, 2, None\)",
        "whole numbers",
    ).runs("space[0:1000]", returned, space=SPACE),
    case(
        "SearchSpace[], a slice that stands still",
        lambda: SPACE[::0],
        MinigridError,
        Exception,
        "^index: .*got slice",
        "0",
    ).runs("space[0:1000]", returned, space=SPACE),
    value_error(
        "SearchSpace[], too long a slice",
        lambda: HUGE_SPACE[1:],
        "^index: expected a slice of at most 50,000,000",
        "shorter",
    )
    .then("Take a shorter slice", lambda: HUGE_SPACE[1:9])
    .then("iterate over the space", lambda: next(iter(HUGE_SPACE))),
    case(
        "SearchSpace, len() of a huge one", lambda: len(HUGE_SPACE), MinigridError, OverflowError, r"space\.size"
    ).runs("space.size", returned, space=HUGE_SPACE),
    type_error(
        "SearchSpace.with_grids, a list",
        lambda: SPACE.with_grids([GRID]),
        "^changes: expected",
        "got a list of length 1",
    ).then("Pass a dict of positions and grids", lambda: SPACE.with_grids({0: GRID})),
    type_error(
        "SearchSpace.with_grids, a list of values", lambda: SPACE.with_grids({0: [1.0]}), "expected a Grid, got a list"
    )
    .runs("Grid([-1, 0, 1])", regridded)
    .runs("Grid.linspace(-10, 10, 100)", regridded),
    case(
        "SearchSpace.with_grids, no such position",
        lambda: SPACE.with_grids({2: GRID}),
        MinigridError,
        Exception,
        "^changes",
        "2",
    ).then("Pass a whole number, from 0", lambda: regridded(GRID)),
    case(
        "SearchSpace.with_grids, a name for a position",
        lambda: SPACE.with_grids({"layer0.neuron0.weight0": GRID}),
        MinigridError,
        Exception,
        "^changes",
        "layer0",
    ).then("Pass a whole number, from 0", lambda: regridded(GRID)),
    shape_error(
        "SearchSpace.from_grids, no grids", lambda: mg.SearchSpace.from_grids([], []), "^grids: .*at least one, got 0"
    ).then("at least one grid, and as many names as grids", lambda: mg.SearchSpace.from_grids([GRID], ["a"])),
    shape_error(
        "SearchSpace.from_grids, too few grids",
        lambda: mg.SearchSpace.from_grids([GRID], ["a", "b"]),
        "^grids: expected one for each of 2 names, at least one, got 1",
        "as many names as grids",
    ).then("as many names as grids", lambda: mg.SearchSpace.from_grids([GRID, GRID], ["a", "b"])),
    type_error(
        "SearchSpace.from_grids, lists", lambda: mg.SearchSpace.from_grids([[0.0]], ["a"]), "^grids: .*got a list"
    ).runs("[Grid([-1, 0, 1])]", of_one),
    type_error(
        "SearchSpace.from_grids, a grid", lambda: mg.SearchSpace.from_grids(GRID, ["a"] * 3), "^grids: expected", "got"
    ).runs("[Grid([-1, 0, 1])]", of_one),
    type_error(
        "SearchSpace.from_grids, a number", lambda: mg.SearchSpace.from_grids(3, ["a"]), "^grids: expected", "got 3"
    ).runs("[Grid([-1, 0, 1])]", of_one),
]
