"""The default grids of the estimators: values that suit the network and the targets.

The more inputs a neuron has, the smaller its weights need to be for its weighted sum to be of about the size of 1. So
the largest weight is 4 over the square root of their number, rounded to a power of two so that the values are short.
If one parameter is searched at a time, the weights of a feature are divided by its standard deviation, rounded to a
power of two, and biases reach further where features are far from 0. Otherwise, features should be of about the size
of 1, because a bias then has too few values. Linear outputs are of the size of the targets, so their weights
are multiplied by the targets' standard deviation, and their biases are around the targets' mean.
"""

import math

import numpy as np

from minigrid._base.typing import FloatArray
from minigrid.activations import Identity
from minigrid.model.network import Network
from minigrid.search.space import Grid

_REACH = 4.0
_FAR = 16.0  # for output neurons, because outputs of hidden neurons differ by less than 1 between samples
_LARGEST_EXPONENT = 900
_CLOSE = 0.5  # so little a bias need not make up for
_MOST_PIECES = 15  # by which the values of a bias are continued on either side
_SAME = 1e-13  # of the mean of targets: those that vary less are the same but for rounding
_FEW = np.array([-4.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0]) / _REACH
_MANY = np.linspace(-1.0, 1.0, 33)
_MORE = np.linspace(-1.0, 1.0, 129)


def suitable_grids(
    network: Network, X: FloatArray, y: FloatArray, sample_weight: FloatArray | None, *, many: bool
) -> dict[str, Grid]:
    """Choose a grid for each parameter.

    Args:
        network: the architecture.
        X: the features, shape (n_samples, n_features).
        y: the targets, shape (n_samples,) or (n_samples, n_outputs).
        sample_weight: shape (n_samples,), not all 0; None: all count the same.
        many: True chooses many values for each parameter (33 or 129, or more for a bias), for a strategy that searches
            one parameter at a time. False chooses few (9), for one that searches several at once.

    Returns:
        The grids, by the names of the parameters.
    """
    targets = y.reshape(len(y), -1)
    grids: dict[str, Grid] = {}
    centers, exponents = _features(X, sample_weight) if many else (np.zeros(X.shape[1]), np.zeros(X.shape[1]))
    for i, (layer, slices) in enumerate(zip(network, network.parameter_slices, strict=True)):
        is_last = i == len(network) - 1
        for j, (neuron, own) in enumerate(zip(layer, slices, strict=True)):
            weights, biases = _largest_weight(neuron.weights.size) * (_MANY if many else _FEW), _REACH * _FEW
            if many:
                biases = _FAR * _MORE if is_last else _REACH * _MANY
                weights = _FAR * _MORE if is_last and i else weights
            powers = np.zeros(neuron.weights.size)
            if i == 0:
                powers = -exponents[list(neuron.input_columns())]
                offsets = np.ldexp(weights.max() * centers, -exponents.astype(np.int64))[list(neuron.input_columns())]
                biases = _continued(biases, 2.0 * float(np.sqrt(np.square(offsets).sum())))
            if is_last and isinstance(neuron.activation, Identity) and targets.shape[1] == len(layer):
                center, spread = _center_and_spread(targets[:, j], sample_weight)
                powers, biases = powers + math.log2(spread), center + spread * biases
            powers = np.clip(powers, -_LARGEST_EXPONENT, _LARGEST_EXPONENT)
            scaled = {power: Grid(weights * math.ldexp(1.0, int(power))) for power in set(powers.tolist())}
            own_names = network.parameter_names[own]
            grids.update(zip(own_names, (scaled[power] for power in powers.tolist()), strict=False))
            grids.update(dict.fromkeys(own_names[neuron.weights.size :], Grid(biases)))
    return grids


def _features(X: FloatArray, sample_weight: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    """Return the mean of each feature, and its standard deviation as a power of two, both shape (n_features,)."""
    largest = np.abs(X).max(axis=0)
    unit = np.where(largest > 0.0, largest, 1.0)
    means = np.average(X / unit, axis=0, weights=sample_weight)  # so that nothing overflows
    spread = np.sqrt(np.average((X / unit - means) ** 2, axis=0, weights=sample_weight))
    varies = spread > 1e-9
    exponents = np.round(np.log2(np.where(varies, spread, 1.0)) + np.log2(unit))
    return np.where(varies, means * unit, 0.0), np.where(varies, exponents, 0.0)


def _continued(biases: FloatArray, offset: float) -> FloatArray:
    """Continue even values on either side, so that they can make up for an offset."""
    if offset <= _CLOSE:
        return biases
    pieces = min(math.ceil(min(offset, 1e6) / float(biases.max())), _MOST_PIECES)
    farthest = len(biases) // 2 * (1 + pieces)
    continued: FloatArray = np.arange(-farthest, farthest + 1) * np.float64(biases[1] - biases[0])
    return continued


def _largest_weight(n_inputs: int) -> float:
    return _REACH * 0.5 ** round(math.log2(n_inputs) / 2.0)


def _center_and_spread(targets: FloatArray, sample_weight: FloatArray | None) -> tuple[float, float]:
    """Return the targets' mean and standard deviation, rounded to few binary digits; 0 and 1 if they are all 0."""
    largest = float(np.abs(targets).max())
    if not largest:
        return 0.0, 1.0
    scaled = targets / largest  # so that nothing overflows
    mean = float(np.average(scaled, weights=sample_weight))
    deviation = float(np.sqrt(np.average((scaled - mean) ** 2, weights=sample_weight)))
    size = deviation if deviation > _SAME * abs(mean) else abs(mean)
    exponent = min(max(round(math.log2(size) + math.log2(largest)), -_LARGEST_EXPONENT), _LARGEST_EXPONENT)
    spread = math.ldexp(1.0, exponent)
    return round(2.0 * mean * (largest / spread)) / 2.0 * spread, spread  # so that 0 may be a bias
