"""The starts of the estimators' default search: the continuous optimum of the output layer, on hidden neurons.

If the weights of output neurons may be any numbers, the best ones are quick to find (`linear.py`). The hidden
neurons are chosen in two ways. In some starts, they follow the directions in which the outputs of a linear model of the
features differ most, with weighted sums so small that an activation is nearly straight there. In others, many are drawn
at random, and those stay that explain the targets best by least squares. Numbers are rounded to the grid layer by
layer, so that a layer is fitted to the outputs of the rounded layer before it.

The search scores the starts and changes their parameters one by one. It calls none of them the best by itself.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

import numpy as np

from minigrid._base.typing import FloatArray
from minigrid.activations import Identity, Sigmoid
from minigrid.model.layer import Layer
from minigrid.model.network import Network
from minigrid.search.space import Grid, SearchSpace
from minigrid.sklearn._library import threadpool_limits
from minigrid.sklearn.linear import Linear, deviations, linear_model, unexplained
from minigrid.sklearn.samples import Samples

Columns: TypeAlias = tuple[int, ...]

_LINEAR_SPREADS = {True: (1.0, 2.0), False: (0.5, 1.0)}  # deviations of weighted sums, for classes and numbers
_RANDOM_SPREADS = (1.0, 3.0)
_N_DRAWN, _N_KEPT = 64, 4
# Factors and shifts of the optimum. Sigmoids far below 0 are exponentials, whose fractions are those of logistic
# regression for several classes. The best ones for other activations are not known, so the search tries some.
_AS_IT_IS = ((1.0, 0.0),)
_LOW = ((1.0, 0.0), (1.0, -2.0), (1.0, -4.0), (1.0, -6.0))
_SEVERAL = ((1.0, 0.0), (0.25, 0.5), (4.0, -2.0), (0.25, 0.0))


class _Hidden(NamedTuple):
    """Chosen hidden layers: the parameters of the whole network, and the outputs of the last hidden layer."""

    parameters: FloatArray
    outputs: FloatArray


def starting_points(
    network: Network, space: SearchSpace, samples: Samples, is_late: Callable[[], bool] = lambda: False
) -> FloatArray:
    """Compute points to start from.

    Args:
        network: the architecture.
        space: the grids of its parameters.
        samples: the data.
        is_late: a function that tells whether the points so far, at least one, must do. Default: never.

    Returns:
        Points of the space, shape (n_points, n_parameters), at least one.

    Raises:
        ActivationError: a custom activation broke its contract.
    """
    samples = samples.some()
    points = list[FloatArray]()
    with np.errstate(all="ignore"), threadpool_limits(1):  # so that no rounding depends on the number of threads
        for hidden in _hidden_layers(network, space, samples, is_late):
            if points and is_late():
                break
            optimum = _optimum(network, samples, hidden)
            for factor, shift in _shapes(network, samples):
                points.append(_with_outputs(network, space, samples, hidden, optimum, factor, shift))
    return np.array(points)


def _shapes(network: Network, samples: Samples) -> tuple[tuple[float, float], ...]:
    usual = Sigmoid if samples.are_classes else Identity
    if not all(isinstance(neuron.activation, usual) for neuron in network[-1]):
        return _SEVERAL
    return _LOW if samples.are_classes and network.n_outputs > 1 else _AS_IT_IS


def _hidden_layers(
    network: Network, space: SearchSpace, samples: Samples, is_late: Callable[[], bool]
) -> Iterator[_Hidden]:
    """Choose hidden layers in several ways. If there are none, the outputs see the features."""
    features = _Hidden(np.zeros(network.n_parameters), samples.X)
    if len(network) == 1:
        yield features
        return
    generator = np.random.default_rng(0)
    for spread in _LINEAR_SPREADS[samples.are_classes]:
        hidden = features
        for k, layer in enumerate(network.layers[:-1]):
            directions = _directions(layer, hidden.outputs, samples, network.n_outputs)
            hidden = _next_layer(network, space, hidden, k, spread, directions, generator)
        yield hidden
    targets = samples.columns(network.n_outputs)
    drawn: list[tuple[float, _Hidden]] = []
    for turn in range(_N_DRAWN):
        if is_late():
            break
        hidden = features
        for k in range(len(network) - 1):
            spread = _RANDOM_SPREADS[turn % len(_RANDOM_SPREADS)]
            hidden = _next_layer(network, space, hidden, k, spread, None, generator)
        drawn.append((unexplained(hidden.outputs, targets, samples.sample_weight), hidden))
    yield from (hidden for _, hidden in sorted(drawn, key=lambda one: one[0])[:_N_KEPT])


def _directions(layer: Layer, inputs: FloatArray, samples: Samples, n_outputs: int) -> dict[Columns, list[FloatArray]]:
    """List, for the columns that neurons see, the directions in which a linear model's outputs differ most."""
    found: dict[Columns, list[FloatArray]] = {}
    for columns in dict.fromkeys(tuple(neuron.input_columns()) for neuron in layer):
        seen = inputs[:, columns]
        coefficients, _ = linear_model(seen, samples, n_outputs)
        outputs = (seen - seen.mean(axis=0)) @ coefficients.T
        found[columns] = []
        if np.isfinite(outputs).all():
            _, sizes, rows = np.linalg.svd(outputs, full_matrices=False)
            found[columns] = list((rows @ coefficients)[sizes > 1e-8 * sizes[0]])
    return found


def _next_layer(
    network: Network,
    space: SearchSpace,
    before: _Hidden,
    k: int,
    spread: float,
    directions: dict[Columns, list[FloatArray]] | None,
    generator: np.random.Generator,
) -> _Hidden:
    """Choose hidden layer k, with weighted sums of a standard deviation of `spread`.

    Its neurons take the directions, around the mean of the samples, until none is left, and then random ones. If
    `directions` is None, all directions are random, and so are the biases.
    """
    parameters, inputs, outputs = before.parameters.copy(), before.outputs, []
    contiguous, sizes = np.ascontiguousarray(inputs.T), deviations(inputs)
    for neuron, own in zip(network[k], network.parameter_slices[k], strict=True):
        columns = tuple(neuron.input_columns())
        seen = inputs[:, columns]
        left = None if directions is None else directions[columns]
        direction = left.pop(0) if left else generator.normal(size=len(columns)) / sizes[list(columns)]
        deviation = float((seen @ direction).std())
        if 0.0 < deviation < np.inf:
            direction = direction * (spread / deviation)
        bias = -float(direction @ seen.mean(axis=0))
        if directions is None:
            bias += spread * float(generator.normal())
        parameters[own] = _rounded(np.append(direction, bias)[: neuron.n_parameters], space, own, seen.mean(axis=0))
        outputs.append(neuron.with_parameters(parameters[own]).forward(contiguous))
    return _Hidden(parameters, np.column_stack(outputs))


def _optimum(network: Network, samples: Samples, hidden: _Hidden) -> dict[Columns, Linear]:
    """Fit a linear model of the targets to the outputs of hidden layers, for each set of columns that neurons see."""
    seen = dict.fromkeys(tuple(neuron.input_columns()) for neuron in network[-1])
    return {columns: linear_model(hidden.outputs[:, columns], samples, network.n_outputs) for columns in seen}


def _with_outputs(
    network: Network,
    space: SearchSpace,
    samples: Samples,
    hidden: _Hidden,
    optimum: dict[Columns, Linear],
    factor: float,
    shift: float,
) -> FloatArray:
    """Put the output layer on hidden layers: its continuous optimum, times a factor, plus a shift of the biases."""
    chosen: list[FloatArray] = []
    for j, neuron in enumerate(network[-1]):
        rows, intercepts = optimum[tuple(neuron.input_columns())]
        chosen.append(np.append(factor * rows[j], factor * intercepts[j] + shift)[: neuron.n_parameters])
    slices, parameters = network.parameter_slices[-1], hidden.parameters.copy()
    if samples.are_classes:  # a smaller factor leaves the border between them where it is
        reach = np.array([np.abs(grid.values).max() for own in slices for grid in space.grids[own]])
        excess = np.abs(np.concatenate(chosen))[reach > 0.0] / reach[reach > 0.0]
        chosen = [numbers / excess.max(initial=1.0) for numbers in chosen]
    for neuron, own, numbers in zip(network[-1], slices, chosen, strict=True):
        means = hidden.outputs[:, neuron.input_columns()].mean(axis=0)
        parameters[own] = _rounded(numbers, space, own, means)
    return parameters


def _rounded(numbers: FloatArray, space: SearchSpace, own: slice, means: FloatArray) -> FloatArray:
    """Round a neuron's parameters to values of their grids, the bias so that the sum for mean inputs stays as it is."""
    numbers, grids = np.nan_to_num(numbers), space.grids[own]
    weights = np.array([_nearest(grid, number) for grid, number in zip(grids, numbers[: len(means)], strict=False)])
    biases = numbers[len(means) :] + np.nan_to_num((numbers[: len(means)] - weights) @ means)
    return np.append(
        weights, [_nearest(grid, number) for grid, number in zip(grids[len(means) :], biases, strict=True)]
    )


def _nearest(grid: Grid, number: float) -> float:
    return float(grid.values[np.abs(grid.values - number).argmin()])
