"""The forward pass gives the outputs of plain Python, bit for bit, whatever the batch."""

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minigrid import HardSigmoid, HardTanh, Identity, Layer, Network, Neuron, ReLU, Softsign, Step
from tests.model.models import (
    MASKED,
    activate_alone,
    activate_plainly,
    fed_networks,
    hand_wired,
    hexes,
    mixed,
    plain_outputs,
    plain_sum,
)
from tests.problems import ANY, DECIMAL
from tests.profile import examples


@examples(300)
@given(fed_networks())
@example((mixed(), [[0.1, 0.2, 0.3], [1e300, -1e300, 1e300], [0.0, -0.0, 5e-324]]))
def test_outputs_are_those_of_plain_python_to_the_bit(case: tuple[Network, list[list[float]]]) -> None:
    network, rows = case
    outputs = network(rows)
    assert outputs.shape == (len(rows), network.n_outputs)
    assert outputs.dtype == np.float64
    expected = [plain_outputs(network, row, activate_alone) for row in rows]
    assert hexes(outputs) == hexes(np.array(expected))


@examples(150)
@given(st.data())
def test_outputs_are_those_of_plain_python_without_numpy_at_all(data: st.DataObject) -> None:
    exact = st.sampled_from([Identity(), Step(), ReLU(), HardTanh(), HardSigmoid(), Softsign()])
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    inner, last = data.draw(exact), data.draw(exact)
    network = Network.dense(sizes, activation=inner, output_activation=last, bias=data.draw(st.booleans()))
    values = st.one_of(ANY, DECIMAL)
    network = network.with_parameters(
        data.draw(st.lists(values, min_size=network.n_parameters, max_size=network.n_parameters))
    )
    rows = data.draw(st.lists(st.lists(values, min_size=sizes[0], max_size=sizes[0]), min_size=1, max_size=5))
    assert network(rows).tolist() == [plain_outputs(network, row, activate_plainly) for row in rows]


def test_the_order_of_summation_is_left_to_right_with_the_bias_last() -> None:
    weights = [1e16, 1.0, -1e16, 1.0, 1.0]
    assert Neuron(weights, activation=Identity())([[1.0] * 5]).tolist() == [2.0]
    assert Neuron(weights, bias=1e16, activation=Identity())([[1.0] * 5]).tolist() == [1e16 + 2.0]
    assert Neuron([1.0, 1.0], bias=-1e16, activation=Identity())([[1e16, 1.0]]).tolist() == [0.0]
    assert Neuron([1.0, 1.0, 1e16], activation=Identity(), inputs=[2, 0, 1])([[1.0, -1.0, 1.0]]).tolist() == [
        -1e16 + 2.0
    ]


def test_many_inputs_are_summed_in_order_too() -> None:
    generator = np.random.default_rng(5)
    weights, rows = generator.normal(size=97), generator.normal(size=(33, 97))
    neuron = Neuron(weights, bias=0.1, activation=Identity())
    assert hexes(neuron(rows)) == [plain_sum(neuron, row).hex() for row in rows.tolist()]


def test_sums_beyond_the_largest_float_are_infinite_and_silent() -> None:
    network = Network([Layer([Neuron([1e308, 1e308], activation=Identity())])])
    np.testing.assert_array_equal(network([[10.0, 10.0], [-10.0, 0.0], [10.0, -10.0]]), [[np.inf], [-np.inf], [np.nan]])


# Batches ----------------------------------------------------------------------------------------


@examples(150)
@given(fed_networks())
def test_rows_computed_alone_equal_rows_computed_together(case: tuple[Network, list[list[float]]]) -> None:
    network, rows = case
    together = network(rows)
    alone = np.concatenate([network([row]) for row in rows])
    backwards = network(rows[::-1])[::-1]
    many = network(rows * 40)
    assert hexes(together) == hexes(alone) == hexes(backwards)
    assert hexes(many) == hexes(together) * 40


@pytest.mark.parametrize("n_samples", [1, 2, 3, 7, 8, 9, 63, 64, 65, 1000])
def test_outputs_do_not_depend_on_the_number_of_rows(n_samples: int) -> None:
    network = mixed()
    X = np.random.default_rng(1).normal(size=(1000, 3))
    assert hexes(network(X[:n_samples])) == hexes(network(X)[:n_samples])
    assert network(X[-n_samples:]).tobytes() == network(X)[-n_samples:].tobytes()


def test_outputs_do_not_depend_on_the_memory_layout_or_kind_of_the_data() -> None:
    network = hand_wired()
    X = np.random.default_rng(2).integers(-4, 5, (50, 2)).astype(np.float64)
    expected = network(X).tobytes()
    wide = np.zeros((100, 7))
    wide[::2, ::3][:, :2] = X
    layouts: list[Any] = [
        np.asfortranarray(X),
        wide[::2, ::3][:, :2],
        X[::-1][::-1],
        X.astype(np.float32),
        X.astype(np.int8),
        X.astype(">f8"),
        X.tolist(),
        tuple(map(tuple, X.tolist())),
        MASKED(X),
    ]
    for layout in layouts:
        outputs = network(layout)
        assert outputs.tobytes() == expected
        assert outputs.flags.c_contiguous
