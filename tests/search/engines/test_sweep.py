"""The sweep over the last parameter gives the same counts as a direct computation, ties included."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

import minigrid
from minigrid import Activation
from minigrid._base.typing import FloatArray
from minigrid.exceptions import ActivationError
from minigrid.search.engines.batched.decision import Decision
from minigrid.search.engines.batched.label_sweep import LabelSweep
from tests.problems import BUILT_IN, OWN, Staircase, signed

DECIMALS = np.round(np.arange(-12, 13) * 0.1, 1)
GRIDS = {
    "decimal": np.linspace(-1, 1, 21),
    "falling": np.linspace(1, -1, 21),
    "wide": np.linspace(-10, 10, 100),
    "narrow": np.linspace(-1e-9, 1e-9, 7),
    "uneven": np.array([-1.0, -0.7, -0.3, 0.1, 0.2, 0.6, 0.7, 0.3, -0.1]),
    "with duplicates": np.array([0.0, 0.5, 0.5, -0.5, 0.0, 0.5, 1.0]),
    "of all sizes": np.array([-1e9, -1.0, -1e-300, -0.0, 1e-17, 0.3, 1e12]),
    "of many values": np.linspace(-3, 3, 100_001),
}
INPUTS = {
    "decimal": DECIMALS,
    "with zeros": np.array([0.0, -0.0, 1.0, -1.0, 0.5, 0.0]),
    "tiny and huge": np.array([5e-324, 1e-300, -1e-290, 1e-12, 1e12, -1e9, 0.1, -1 / 3]),
    "constant": np.array([1.0]),
}


def directly(activation: Activation, base: FloatArray, inputs: FloatArray, values: FloatArray) -> NDArray[np.bool_]:
    """Compute the labels of every row, value and sample, one by one."""
    sums = base[:, np.newaxis, :] + values[np.newaxis, :, np.newaxis] * inputs[:, np.newaxis, :]
    labels: NDArray[np.bool_] = activation(sums) > 0.5
    return labels


def assert_equal_hits(activation: Activation, base: FloatArray, inputs: FloatArray, values: FloatArray) -> None:
    n_samples = base.shape[1]
    positive = np.zeros(n_samples, dtype=np.bool_)
    positive[np.random.default_rng(1).permutation(n_samples)[: n_samples // 2]] = True
    reach = float(np.abs(base).max() + np.abs(values).max() * np.abs(inputs).max())
    with np.errstate(all="ignore"):
        decision = Decision.of(activation, reach)
        hits = LabelSweep(values, decision, positive, None, reach).hits(base, inputs)
        counts = np.resize([1.0, 2.0, 3.0], n_samples).astype(np.float64)
        counted = LabelSweep(values, decision, positive, counts, reach).hits(base, inputs)
        labels = directly(activation, base, inputs, values)
    np.testing.assert_array_equal(hits[:, :, 1], np.count_nonzero(labels & positive, axis=2))
    np.testing.assert_array_equal(hits[:, :, 0], np.count_nonzero(~labels & ~positive, axis=2))
    np.testing.assert_array_equal(counted[:, :, 1], (labels & positive) @ counts)
    np.testing.assert_array_equal(counted[:, :, 0], (~labels & ~positive) @ counts)


@pytest.mark.parametrize("grid", [name for name in GRIDS if name != "of many values"])
@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize(
    "activation",
    [minigrid.Sigmoid(), minigrid.Step(), minigrid.Identity(), minigrid.Softsign(), minigrid.HardTanh(), signed],
    ids=repr,
)
def test_sums_that_meet_the_threshold(activation: Activation, inputs: str, grid: str) -> None:
    values = GRIDS[grid]
    pairs = np.array(list(itertools.product([*DECIMALS, 0.5, -0.0, 1e-17, -1e-9, 123.0], INPUTS[inputs])))
    base = np.stack([pairs[:, 0], pairs[:, 0] * 0.1, np.zeros(len(pairs)), 0.5 - pairs[:, 0] * pairs[:, 1]])
    assert_equal_hits(activation, base, pairs[np.newaxis, :, 1], values)


@pytest.mark.parametrize("grid", ["decimal", "uneven", "with duplicates"])
@pytest.mark.parametrize("activation", [a for a in [*BUILT_IN, *OWN] if a.monotonic], ids=repr)
def test_inputs_that_differ_from_row_to_row(activation: Activation, grid: str) -> None:
    generator = np.random.default_rng(2)
    inputs = generator.choice(np.concatenate([DECIMALS, [0.0] * 20]), size=(40, 60))
    base = generator.choice(np.concatenate([DECIMALS * 0.3, [0.5, 0.0]]), size=(40, 60))
    assert_equal_hits(activation, base, inputs, GRIDS[grid])


def test_a_grid_of_many_values() -> None:
    generator = np.random.default_rng(3)
    values = GRIDS["of many values"]
    base = -np.round(generator.random((2, 40)) * 3, 4)
    assert_equal_hits(minigrid.Step(), base, np.round(generator.random((1, 40)), 1), values)


@pytest.mark.parametrize("activation", [minigrid.Sigmoid(), minigrid.Step(), Staircase(), signed], ids=repr)
def test_a_decision_is_the_activations_own(activation: Activation) -> None:
    decision = Decision.of(activation, 1e6)
    near = np.array([decision.lower, decision.upper, 0.0, 2.0, 3.0])
    sums = np.concatenate([near + k * np.spacing(near) for k in range(-40, 41)])
    sums = np.concatenate([sums, np.geomspace(5e-324, 1e6, 500), -np.geomspace(5e-324, 1e6, 500), [-0.0]])
    labels = np.empty(sums.shape, dtype=np.bool_)
    labels = decision.labels(sums)
    np.testing.assert_array_equal(labels, activation(sums) > 0.5)


@pytest.mark.parametrize("activation", [*filter(lambda f: f.monotonic, BUILT_IN), Staircase(), signed], ids=repr)
def test_likely_sums_have_the_activations_own_labels(activation: Activation) -> None:
    decision = Decision.of(activation, 40.0)
    step, first, labels = decision.likely()
    sums: FloatArray = (first + np.arange(len(labels), dtype=np.float64)) * step
    assert ((sums >= decision.lower) & (sums < decision.upper + step)).all()
    if isinstance(activation, minigrid.Sigmoid):
        assert len(labels) == 64
    known = labels >= 0
    np.testing.assert_array_equal(labels[known] == 1, activation(sums[known]) > 0.5)
    assert (sums[~known] == 0.0).all()


def test_zeros_that_have_different_labels_are_in_doubt() -> None:
    by_sign = minigrid.FunctionActivation(lambda z: np.where(np.signbit(z), 0.0, 1.0), monotonic=True)
    step, first, labels = Decision.of(by_sign, 40.0).likely()
    assert labels[int(-first)] == -1
    assert step == 2.0**-56


def test_a_false_promise_is_noticed() -> None:
    bump = minigrid.FunctionActivation(lambda z: np.where(np.abs(z - 400.0) < 100.0, 1.0, 0.0), monotonic=True)
    with pytest.raises(ActivationError, match="monotonic"):
        Decision.of(bump, 1000.0)
