"""A space is the list of all its candidates, in the order of itertools.product, however many there are."""

import copy
import itertools
import math
import pickle
import re
import tracemalloc
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minigrid import (
    Grid,
    Identity,
    InvalidTypeError,
    InvalidValueError,
    Layer,
    Network,
    Neuron,
    OutOfRangeError,
    ReLU,
    SearchSpace,
    ShapeError,
    UnknownNameError,
)
from minigrid._base.text import format_count
from tests.profile import examples
from tests.search.spaces import GOOGOL, RADICES, counting, digits_of, googol_space, small_spaces, space_of


@examples(100)
@given(small_spaces())
def test_the_order_is_that_of_itertools_product(space: SearchSpace) -> None:
    expected = list(itertools.product(*(grid.values.tolist() for grid in space.grids)))
    listed = list(space)
    assert [tuple(candidate.tolist()) for candidate in listed] == expected
    assert [np.signbit(candidate).tolist() for candidate in listed] == np.signbit(expected).tolist()
    assert space.size == len(space) == len(expected)
    assert all(candidate.dtype == np.float64 and candidate.shape == (len(space.grids),) for candidate in listed)
    assert [tuple(space[index].tolist()) for index in range(space.size)] == expected


def test_iteration_goes_on_where_the_first_block_of_candidates_ends() -> None:
    space = space_of([3, 41, 37])
    assert [candidate.tolist() for candidate in space] == [
        list(map(float, p)) for p in itertools.product(range(3), range(41), range(37))
    ]
    assert next(iter(space)).tolist() == [0.0, 0.0, 0.0]


def test_the_parameters_of_a_network_get_their_grids() -> None:
    network = Network.dense([1, 2, 1], bias=True)
    weights, biases, own = Grid([1.0, 2.0]), Grid([0.0, 0.5, 1.0]), Grid([7.0])
    space = SearchSpace(network, weights, biases, {"layer1.neuron0.weight1": own, "layer0.neuron1.bias": weights})
    assert space.names == network.parameter_names
    by_name = dict(zip(space.names, space.grids, strict=True))
    assert by_name == {
        "layer0.neuron0.weight0": weights,
        "layer0.neuron0.bias": biases,
        "layer0.neuron1.weight0": weights,
        "layer0.neuron1.bias": weights,
        "layer1.neuron0.weight0": weights,
        "layer1.neuron0.weight1": own,
        "layer1.neuron0.bias": biases,
    }
    assert space.size == 2 * 3 * 2 * 2 * 2 * 1 * 3
    assert SearchSpace(network, weights).grids == (weights,) * 7
    assert SearchSpace(network, weights, overrides={}) == SearchSpace(network, weights)


def test_candidates_fit_the_network() -> None:
    network = Network.dense([2, 2, 1])
    space = SearchSpace(network, Grid([-1.0, 0.5, 2.0]))
    assert network.with_parameters(space[500]).parameters.tolist() == space[500].tolist()


SIZES = [(1, 1, 1), (3, 100, 10**6), (100, 10, GOOGOL), (400, 10, 10**400), (1000, 7, 7**1000), (64, 2, 2**64)]


@pytest.mark.parametrize(
    ("n_parameters", "n_values", "size"), SIZES, ids=["1", "10^6", "10^100", "10^400", "7^1000", "2^64"]
)
def test_the_size_is_exact(n_parameters: int, n_values: int, size: int) -> None:
    space = SearchSpace(Network.dense([n_parameters, 1]), counting(n_values))
    assert space.size == size
    assert type(space.size) is int
    assert space[size - 1].tolist() == [n_values - 1.0] * n_parameters
    assert space[-size].tolist() == [0.0] * n_parameters


# One candidate ----------------------------------------------------------------------------------


@examples(120)
@given(RADICES, st.data())
def test_a_candidate_spells_out_its_index(radices: list[int], data: st.DataObject) -> None:
    space, size = space_of(radices), math.prod(radices)
    index = data.draw(st.integers(0, size - 1))
    expected = [float(digit) for digit in digits_of(index, radices)]
    assert space[index].tolist() == expected
    assert space[index - size].tolist() == expected
    assert space.index_of(space[index]) == index


def test_huge_indices() -> None:
    space = googol_space()
    index = int("9876543210" * 10)
    expected = [Grid.linspace(-1.0, 1.0, 10)[int(digit)] for digit in "9876543210" * 10]
    assert space[index].tolist() == expected
    assert space[index - GOOGOL].tolist() == expected
    assert space.index_of(expected) == index
    assert space[-1].tolist() == [1.0] * 100
    assert space[-GOOGOL].tolist() == [-1.0] * 100


def test_indices_may_be_numpy_integers() -> None:
    space = space_of([3, 4])
    for kind in (np.int8, np.uint8, np.int64, np.uint64):
        index: Any = kind(7)
        assert space[index].tolist() == [1.0, 3.0]
    negative: Any = np.int8(-1)
    assert space[negative].tolist() == [2.0, 3.0]
    assert space_of([200, 2])[negative].tolist() == [199.0, 1.0]


def test_a_candidate_is_the_callers_own() -> None:
    space = space_of([3, 4])
    candidate, several = space[5], space[2:4]
    candidate += 10.0
    several += 10.0
    assert space[5].tolist() == [1.0, 1.0]
    assert space.grids[0].values.tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("space", [space_of([3, 4]), googol_space()], ids=repr)
def test_indices_outside_the_space(space: SearchSpace) -> None:
    for index in (space.size, -space.size - 1, space.size**2):
        with pytest.raises(OutOfRangeError) as caught:
            space[index]
        least = f"of at least -{format_count(space.size)}, got "
        below = f"below {format_count(space.size)}, the size, got "
        assert str(caught.value).startswith(f"index: expected a whole number {least if index < 0 else below}")
        assert f", got {format_count(index)}. " in str(caught.value)


@pytest.mark.parametrize("index", [10**5000, -(10**5000)], ids=["10^5000", "-10^5000"])
def test_an_index_of_more_digits_than_python_writes_is_outside_too(index: int) -> None:
    with pytest.raises(
        OutOfRangeError, match=r"^index: expected a whole number (below 12, the size|of at least -12), got"
    ):
        space_of([3, 4])[index]


# Slices -----------------------------------------------------------------------------------------

ENDS = st.one_of(st.none(), st.integers(-400, 400), st.sampled_from([GOOGOL, -GOOGOL]))


STEPS = st.one_of(st.none(), st.integers(-7, 7).filter(bool), st.sampled_from([2**31, -(2**31), GOOGOL, -GOOGOL]))


@examples(120)
@given(small_spaces(), ENDS, ENDS, STEPS)
@example(space_of([3, 4]), None, None, None)
@example(space_of([3, 4]), None, None, -1)
@example(space_of([3, 4]), 5, 5, None)
@example(space_of([3, 4]), -1, None, None)
def test_slices_are_those_of_the_list_of_all(
    space: SearchSpace, start: int | None, stop: int | None, step: int | None
) -> None:
    everything = [candidate.tolist() for candidate in space]
    chosen = space[start:stop:step]
    assert chosen.tolist() == everything[start:stop:step]
    assert chosen.shape == (len(everything[start:stop:step]), len(space.grids))
    assert chosen.dtype == np.float64


@examples(150)
@given(
    near=st.sampled_from([0, 10**18, 2**60, 3 * 2**60, 2**63, 2**64, 10**50, GOOGOL // 2, GOOGOL - 1]),
    start=st.integers(-50, 50),
    length=st.integers(0, 40),
    step=st.one_of(
        st.integers(-50, 50), st.sampled_from([2**29, 2**30 - 1, 2**30, 2**31, -(2**30), 10**17, -(10**18), 10**40])
    ).filter(bool),
)
def test_slices_of_a_huge_space(near: int, start: int, length: int, step: int) -> None:
    first = min(max(near + start, 0), GOOGOL - 1)
    wanted = [index for index in (first + k * step for k in range(length)) if 0 <= index < GOOGOL]
    end: int | None = first + len(wanted) * step
    if end is not None and end < 0:
        end = None
    chosen = space_of([10] * 100)[first:end:step] if wanted else space_of([10] * 100)[first:first:step]
    assert chosen.shape == (len(wanted), 100)
    assert ["".join(str(int(digit)) for digit in row) for row in chosen.tolist()] == [
        f"{index:0100d}" for index in wanted
    ]


def test_slices_at_the_end_of_a_huge_space() -> None:
    space = space_of([10] * 100)
    last = [[9.0] * 99 + [7.0], [9.0] * 99 + [8.0], [9.0] * 100]
    assert space[-3:].tolist() == last
    assert space[GOOGOL - 3 :].tolist() == last
    assert space[GOOGOL - 3 : GOOGOL + 5].tolist() == last
    assert space[: GOOGOL - 4 : -1].tolist() == last[::-1]
    assert space[-1::7].tolist() == last[2:]
    assert space[:: GOOGOL // 2].tolist() == [[0.0] * 100, [5.0] + [0.0] * 99]
    assert space[:: -(GOOGOL - 1)].tolist() == [[9.0] * 100, [0.0] * 100]
    assert space[GOOGOL:].shape == (0, 100)
    assert space[5:5].shape == (0, 100)
    assert space[7:3].shape == (0, 100)
    assert space[3:7:-1].shape == (0, 100)


@pytest.mark.parametrize("wrong", [True, False, np.True_, np.False_])
def test_slices_of_booleans_are_refused(wrong: Any) -> None:
    space = SearchSpace(Network.dense([2, 1]), Grid([-1.0, 0.0, 1.0]))
    for index in (slice(wrong, None), slice(None, wrong), slice(None, None, wrong)):
        with pytest.raises(InvalidTypeError, match=r"^index: expected a slice of whole numbers"):
            space[index]


def test_a_slice_too_long_for_one_array_is_refused() -> None:
    for wrong in (slice(None), slice(None, None, -1), slice(5, None, 10**50)):
        with pytest.raises(InvalidValueError, match=r"^index: expected a slice of at most 50,000,000 candidates, got"):
            googol_space()[wrong]


# Iteration --------------------------------------------------------------------------------------


def test_a_huge_space_can_be_iterated_over_from_its_beginning() -> None:
    space = space_of([10] * 100)
    begun = [int("".join(str(int(digit)) for digit in row)) for row in itertools.islice(space, 2500)]
    assert begun == list(range(2500))
    first, second = iter(space), iter(space)
    next(first)
    assert next(second).tolist() == [0.0] * 100
    assert next(first).tolist() == [0.0] * 99 + [1.0]


def test_candidates_of_one_iteration_do_not_change_with_each_other() -> None:
    listed = list(space_of([2, 3]))
    listed[0][:] = 9.0
    assert [row.tolist() for row in listed[1:]] == [[0.0, 1.0], [0.0, 2.0], [1.0, 0.0], [1.0, 1.0], [1.0, 2.0]]


# Back to the index ------------------------------------------------------------------------------


@examples(100)
@given(small_spaces())
def test_index_of_finds_the_lowest_index(space: SearchSpace) -> None:
    everything = [tuple(candidate.tolist()) for candidate in space]
    to_the_bit = [candidate.tobytes() for candidate in space]
    for candidate in space:
        assert space.index_of(candidate) == everything.index(tuple(candidate.tolist()))
        assert space.index_of(candidate, exact=True) == to_the_bit.index(candidate.tobytes())


def test_index_of_something_else_is_none() -> None:
    space = SearchSpace(Network.dense([2, 1]), Grid([-1.0, 0.0, 1.0]))
    assert space.index_of([0.0, 0.5]) is None
    assert space.index_of([math.nextafter(1.0, 2.0), 0.0]) is None
    assert space.index_of([1, 0]) == 7
    assert space.index_of(np.array([-0.0, 1.0])) == 5
    assert googol_space().index_of([1.0] * 99 + [0.5]) is None


def test_index_of_tells_the_two_zeros_apart_if_asked_to() -> None:
    space = SearchSpace.from_grids([Grid([0.0, -0.0]), Grid([0.0, 1.0])], ["a", "b"])
    assert [space.index_of([a, b]) for a in (0.0, -0.0) for b in (0.0, 1.0)] == [0, 1, 0, 1]
    assert [space.index_of([a, b], exact=True) for a in (0.0, -0.0) for b in (0.0, 1.0)] == [0, 1, 2, 3]
    assert space.index_of([0.0, -0.0]) == 0
    assert space.index_of([0.0, -0.0], exact=True) is None


def test_a_space_holds_its_candidates_and_nothing_else() -> None:
    space = SearchSpace(Network.dense([2, 1]), Grid([-1.0, 0.0, 1.0]))
    assert [0.0, 1.0] in space
    assert space[4] in space
    strangers: list[Any] = [[0.5, 0.0], [0.0], [0.0, 0.0, 0.0], 3, "text", None, [np.nan, 0.0], [[0.0, 0.0]], space]
    assert not any(stranger in space for stranger in strangers)
    huge = SearchSpace(Network.dense([100, 1]), Grid.linspace(0.0, 1.0, 10))
    assert np.zeros(100) in huge  # without looking at its 10^100 candidates
    assert np.full(100, 2.0) not in huge


# Overrides and other grids ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("layer0.neuron0.weigth0", "Did you mean 'layer0.neuron0.weight0'"),
        ("layer1.neuron0.weight", "Did you mean 'layer1.neuron0.weight"),
        ("Layer0.Neuron1.Weight1", "'layer0.neuron1.weight1'"),
        ("layer0.neuron0.biass", "Did you mean 'layer0.neuron0.bias'"),
        ("zzz", "Known: 'layer0.neuron0.weight0', "),
        (0, "Known: 'layer0.neuron0.weight0', "),
    ],
)
def test_an_unknown_parameter_is_answered_with_the_nearest_ones(name: Any, suggestion: str) -> None:
    network = Network.dense([2, 2, 1], bias=True)
    with pytest.raises(UnknownNameError) as caught:
        SearchSpace(network, Grid([0.0]), overrides={name: Grid([1.0])})
    assert str(caught.value).startswith(f"overrides: expected names of the network's parameters, got {name!r}. ")
    assert suggestion in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_of_many_parameters_only_the_nearest_are_listed() -> None:
    with pytest.raises(UnknownNameError) as caught:
        SearchSpace(Network.dense([50, 1]), Grid([0.0]), overrides={"layer0.neuron0.weight50": Grid([1.0])})
    message = str(caught.value)
    assert "Did you mean 'layer0.neuron0.weight" in message
    assert "There are 50, from 'layer0.neuron0.weight0' to 'layer0.neuron0.weight49'." in message
    assert len(message) < 400


def test_the_callers_overrides_are_neither_changed_nor_kept() -> None:
    overrides = {"layer0.neuron0.weight0": Grid([7.0])}
    space = SearchSpace(Network.dense([2, 1]), Grid([0.0]), overrides=overrides)
    overrides["layer0.neuron0.weight1"] = Grid([8.0])
    assert [list(grid) for grid in space.grids] == [[7.0], [0.0]]


def test_with_grids_changes_some_positions() -> None:
    space = SearchSpace(Network.dense([3, 1]), Grid([0.0, 1.0]))
    other = space.with_grids({1: Grid([5.0, 6.0, 7.0])})
    assert [len(grid) for grid in other.grids] == [2, 3, 2]
    assert (other.size, other.names) == (12, space.names)
    assert space.size == 8
    assert space.with_grids({}) == space
    assert space.with_grids({-1: Grid([5.0]), 0: Grid([2.0, 3.0])}).size == 4
    assert [len(grid) for grid in space.with_grids({-1: Grid([5.0])}).grids] == [2, 2, 1]


def test_from_grids_takes_any_grids() -> None:
    space = SearchSpace.from_grids([Grid([1.0, 2.0]), Grid([3.0])], ["a", "b"])
    assert (space.size, space.names) == (2, ("a", "b"))
    assert [row.tolist() for row in space] == [[1.0, 3.0], [2.0, 3.0]]
    for few in ([], [Grid([1.0])], [Grid([1.0])] * 3):
        with pytest.raises(ShapeError, match=r"^grids: expected one for each of 2 names.*got"):
            SearchSpace.from_grids(few, ["a", "b"])
    with pytest.raises(ShapeError, match=r"^grids: expected one for each of 0 names, at least one, got 0"):
        SearchSpace.from_grids([], [])


# Length, truth, repr ----------------------------------------------------------------------------


def test_the_length_of_small_and_of_huge_spaces() -> None:
    assert len(space_of([3, 4])) == 12
    assert len(space_of([2] * 62)) == 2**62
    for huge in (space_of([2] * 63), googol_space()):
        with pytest.raises(OverflowError, match=r"space\.size"):
            len(huge)
        with pytest.raises(OverflowError):
            list(huge)


def test_every_space_is_true() -> None:
    assert bool(space_of([1]))
    assert bool(googol_space())


def test_the_repr_of_a_space() -> None:
    assert repr(space_of([3, 4])) == "<SearchSpace of 12 candidates: 3 x 4>"
    assert repr(space_of([100, 100, 100])) == "<SearchSpace of 1,000,000 candidates: 100 x 100 x 100>"
    assert repr(googol_space()) == f"<SearchSpace of 10^100 candidates: {' x '.join(['10'] * 8)} x ...>"
    assert repr(space_of([100] * 6)) == f"<SearchSpace of 1,000,000,000,000 candidates: {' x '.join(['100'] * 6)}>"
    assert repr(space_of([3] * 40)) == f"<SearchSpace of about 1.2 x 10^19 candidates: {' x '.join(['3'] * 8)} x ...>"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (1, "1"),
        (1_000_000, "1,000,000"),
        (10**15 - 1, "999,999,999,999,999"),
        (10**15, "10^15"),
        (3 * 10**16, "about 3.0 x 10^16"),
        (GOOGOL, "10^100"),
        (10**400, "10^400"),
        (GOOGOL - 1, "about 1.0 x 10^100"),
        (9_990 * 10**15, "about 1.0 x 10^19"),
        (9_940 * 10**15, "about 9.9 x 10^18"),
        (2**10_000, "about 2.0 x 10^3010"),
        (2**33_219, "about 8.2 x 10^9999"),
        (10**5000, "10^5000"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_counts_are_written_so_that_they_can_be_read(count: int, text: str) -> None:
    assert format_count(count) == text


@examples(120)
@given(st.integers(0, 12_000), st.integers(0, 10**20))
def test_a_written_count_is_about_right(power: int, extra: int) -> None:
    count = 2**power + extra
    text = format_count(count).replace(",", "")
    if text.isdecimal():
        assert int(text) == count
        return
    leading, exponent = text.removeprefix("about ").split(" x ") if " x " in text else ("1", text)
    tenths = round(float(leading) * 10)
    assert 10 <= tenths < 100
    assert exponent.startswith("10^")
    scale = 10 ** int(exponent.removeprefix("10^"))
    assert abs(10 * count - tenths * scale) <= scale


# Values, and nothing materialised ---------------------------------------------------------------


def test_spaces_are_equal_by_value() -> None:
    space = SearchSpace(Network.dense([2, 1]), Grid([0.0, 1.0]))
    same = SearchSpace(Network.dense([2, 1], activation=ReLU()), Grid([0, 1]))
    assert space == same
    assert hash(space) == hash(same)
    different = [
        SearchSpace(Network.dense([2, 1]), Grid([1.0, 0.0])),
        SearchSpace(Network.dense([3, 1]), Grid([0.0, 1.0])),
        SearchSpace(Network.dense([1, 1], bias=True), Grid([0.0, 1.0])),
        space.with_grids({0: Grid([0.0])}),
    ]
    assert all(space != other for other in different)
    assert len({space, same, *different}) == 5
    other: object = "space"
    assert space != other


@pytest.mark.parametrize("space", [space_of([3, 4]), googol_space()], ids=repr)
def test_spaces_can_be_copied_and_pickled(space: SearchSpace) -> None:
    copies = [copy.copy(space), copy.deepcopy(space)]
    copies += [pickle.loads(pickle.dumps(space, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    for other in copies:
        assert other == space
        assert hash(other) == hash(space)
        assert other.size == space.size
        assert other[space.size - 1].tolist() == space[-1].tolist()
        assert not other.grids[0].values.flags.writeable


def test_spaces_cannot_be_changed() -> None:
    space: Any = space_of([3, 4])
    for name in ["grids", "names", "size"]:
        with pytest.raises(FrozenInstanceError, match=name):
            setattr(space, name, None)
    with pytest.raises((AttributeError, TypeError)):
        space.anything = 1
    with pytest.raises(TypeError, match="item assignment"):
        space[0] = [0.0, 0.0]


def test_a_space_of_a_googol_candidates_holds_no_big_array() -> None:
    network, grid = Network.dense([100, 1]), Grid.linspace(-1.0, 1.0, 10)
    tracemalloc.start()
    try:
        kept = [SearchSpace(network, grid) for _ in range(200)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert all(space.size == GOOGOL for space in kept)
    assert peak < 200 * 32_768
    assert len(pickle.dumps(kept[0])) < 16_384
    assert {id(one) for space in kept for one in space.grids} == {id(grid)}


def test_a_look_into_a_huge_space_holds_no_big_array_either() -> None:
    space = googol_space()
    tracemalloc.start()
    try:
        for index in range(0, GOOGOL, GOOGOL // 50):
            assert space.index_of(space[index]) == index
        assert len(space[-100:]) == 100
        assert next(iter(space)) is not None
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 2**20


def test_a_space_needs_no_candidate_to_be_made_of_a_hand_wired_network() -> None:
    hidden = Layer([Neuron([1.0] * 60, bias=0.0, activation=Identity()), Neuron([1.0] * 3, inputs=[0, 1, 59])])
    network = Network([hidden, Layer([Neuron([1.0], inputs=[1], bias=2.0)])])
    space = SearchSpace(network, counting(9), counting(4))
    assert space.size == 9**64 * 4**2
    assert space[-1].tolist() == [8.0] * 60 + [3.0] + [8.0] * 4 + [3.0]


# What does not fit ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong", [1.0, "0", None, True, [0], (0, 1), slice(0.5, 2), slice("a", None), slice(None, None, 0)]
)
def test_what_is_no_index_is_refused(wrong: Any) -> None:
    with pytest.raises((InvalidTypeError, InvalidValueError), match=r"^index: expected a"):
        space_of([3, 4])[wrong]


def test_values_that_are_no_list_are_answered_with_one() -> None:
    grid: Any = Grid
    with pytest.raises(InvalidTypeError, match=r"Grid\(\[-10, 10, 41\]\), or Grid\.linspace\(-10, 10, 41\) for even"):
        grid(-10, 10, 41)
    for numbers in ((-10, 10), (-1, 0, 1)):  # three values, of which the last is no number of values
        list_of_all = re.escape(f"Grid({list(numbers)}).")
        with pytest.raises(InvalidTypeError, match=rf"^values: .* Pass them in one list: {list_of_all}$"):
            grid(*numbers)
    dense: Any = Network.dense
    with pytest.raises(
        InvalidTypeError, match=r"^sizes: .*got 2, 2, 1 one by one\. .*Network\.dense\(\[2, 2, 1\]\)\.$"
    ):
        dense(2, 2, 1)


def test_a_grid_of_biases_needs_biases() -> None:
    with pytest.raises(InvalidValueError, match=r"^bias_grid \(biases of a SearchSpace\): expected None, .*bias=True"):
        SearchSpace(Network.dense([2, 1]), Grid([0.0, 1.0]), Grid([1.0]))
    space = SearchSpace(Network.dense([2, 1], bias=True), Grid([0.0, 1.0]), Grid([1.0]))
    assert space.size == 4
