"""Hints about the data: features or targets that are too large or too small for the values of the grid, or too many."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from minigrid._base.text import counted
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.activations import Activation, Identity
from minigrid.model.network import Network
from minigrid.model.neuron import Neuron
from minigrid.scoring import Hinge, LabelScoring
from minigrid.search.problem import Problem
from minigrid.search.running.grid_names import GridNames
from minigrid.search.space import Grid

_MOST_ROWS = 2**13  # samples to examine
_FLAT = 0.005  # of its range: so little a saturated activation changes while its sum doubles
_STILL = 0.05  # of its range: so little an activation changes where all sums are near 0
_USUAL = 4.0  # the size of sums over which an activation has its range
_OUTWEIGHED, _OUTWEIGHS = 10.0, 2.0  # times
_UNSCALED = 2.5  # the size of a feature that can be scaled down
_TINY = 0.2  # the size of a feature that can be scaled up
_FAR_OFF = 5.0  # times the size of a feature
_SMALL_ONES = 0.25  # of the features
_BEYOND = 2.0  # times the largest outputs
_HALF = 0.5  # of the spread of the targets
_MARGIN, _MANY = 0.05, 0.1  # of the targets' range, and of their number
_ALL_OVER = np.concatenate([[-1e9], np.linspace(-10.0, 10.0, 201), [1e9]])  # sums that show an activation's range
_REACH = 2.0  # what sums are to come to
_MIDDLE = 0.16, 0.84  # the quantiles within one standard deviation, whatever a few samples that are far off do

_COLUMN = re.compile(r"\bcolumn ([0-9]+)(?= of X |, which is about )")
_AS_ARRAY = "X = np.asarray(X, dtype=float); X = (X - X.mean(axis=0))"
SCALE_TARGETS = "y = np.asarray(y, dtype=float); y = (y - y.mean(axis=0)) / y.std(axis=0)"
"""Code that scales targets of any kind."""


def scale_features(problem: Problem) -> str:
    """Code that scales features of any kind: a list, an array or a table."""
    # A feature that is constant stays 0.
    return _AS_ARRAY + (" / X.std(axis=0)" if _varies(problem.X).all() else " / np.maximum(X.std(axis=0), 1e-9)")


class _Terms(NamedTuple):
    """What the weights of one neuron of the first layer can add to its sum, for each of its inputs that varies.

    Attributes:
        columns: of the data.
        sizes: about how large their values are, where they are not 0.
        least: the smallest that a weight adds, unless it is 0.
        most: the largest.
        typical: the root of the mean square of what it adds.
        bias: the largest bias; None: the neuron has none.
        least_bias: the smallest bias that is not 0; None: the neuron has none.
    """

    columns: FloatArray
    sizes: FloatArray
    least: FloatArray
    most: FloatArray
    typical: FloatArray
    bias: float | None
    least_bias: float | None


def hints_of_data(problem: Problem) -> Iterator[str]:
    """Whether features are too large or too small for the grid, or too many for values as large as its."""
    return with_column_names(_hints_of_data(problem), problem.columns_called)


def _hints_of_data(problem: Problem) -> Iterator[str]:
    if is_linear(problem):
        yield from hints_of_linear(problem)
        return
    data = _some_data(problem)
    if not len(data):
        return
    X = np.sort(np.abs(data), axis=0)
    present = np.count_nonzero(X, axis=0)
    # The median of what is not 0: a few samples that are far off say nothing of the others.
    sizes = X[np.minimum(len(X) - present + present // 2, len(X) - 1), np.arange(X.shape[1])]
    squares = np.square(np.minimum(X, _FAR_OFF * sizes)).mean(axis=0)
    layer, matters = problem.network.layers[0], _outputs_matter(problem)
    each = [
        (neuron, _terms(neuron, problem.space.grids[own], sizes, squares, _varies(data)))
        for neuron, own in zip(layer, problem.network.parameter_slices[0], strict=True)
    ]
    each = [(neuron, terms) for neuron, terms in each if len(terms.columns) and terms.least.any()]
    for neuron, terms in each:
        large = int(np.argmax(terms.least))
        small = np.sort(terms.most)[int(_SMALL_ONES * (terms.most.size - 1))]  # a single one may be rare
        outweighs = terms.least[large] > min(_OUTWEIGHED * float(small), _OUTWEIGHS * (terms.bias or math.inf))
        is_flat = matters and _is_flat(neuron.activation, terms.least[large])
        if (outweighs or is_flat) and terms.sizes[large] > min(_UNSCALED, _OUTWEIGHED * terms.sizes.min()):
            yield f"{_mismatch(terms, large)}: scale the features first: {scale_features(problem)}"
            return
    if each and all(_is_small(neuron, terms, matters=matters) for neuron, terms in each):
        yield _too_small(each[0][1], f"scale the features first: {scale_features(problem)}")
    elif not isinstance(problem.scoring, LabelScoring) and len(problem.network.layers) == 1:
        yield from _wide(problem, each)


def with_column_names(hints: Iterable[str], called: Sequence[str] | None) -> Iterator[str]:
    """Replace the numbers of columns in hints by their names, as `called` of `minigrid._base.tables` writes them."""
    for hint in hints:
        yield hint if called is None else _COLUMN.sub(lambda found: f"column {called[int(found[1])]}", hint)


def _wide(problem: Problem, each: list[tuple[Neuron, _Terms]]) -> Iterator[str]:
    """Whether the sums of the only layer are mostly so large that its outputs do not change.

    Hidden layers are none of this: their own weights may be smaller, but those of later layers must not be.
    """
    for neuron, terms in each:
        total = float(np.sqrt(np.square(terms.typical).sum()))
        if _is_flat(neuron.activation, total / 2.0):
            better = GridNames(problem).scaled(problem.is_weight, 2.0 ** round(math.log2(_REACH / total)))
            features = counted(len(neuron.input_columns()), "feature")
            about = f"with the weights of this grid, sums over {features} are about {total:.2g}"
            yield f"{about}, where {type(neuron.activation).__name__} is flat: try {better}"
            return


def is_linear(problem: Problem) -> bool:
    """Whether the network is a linear model of real targets."""
    layers = problem.network.layers
    return problem.targets.ndim > 1 and len(layers) == 1 and all(own.activation == Identity() for own in layers[0])


def hints_of_linear(problem: Problem, spread: float | None = None) -> Iterator[str]:
    """Whether the grid lets a linear model use the features, and reach the targets.

    Nothing saturates there. But if the smallest weight changes the output more than the targets vary, only 0 is of use;
    and if the largest changes it hardly, so is none.

    Args:
        problem: with such a network.
        spread: how far the targets would vary if they were scaled. Default None: as they do.
    """
    data, (low, high) = _some_data(problem), _MIDDLE
    if not len(data):
        return
    middle = np.abs(np.median(data, axis=0))
    widths = np.ptp(np.quantile(data, (low, high), axis=0), axis=0) / 2.0
    for k, (neuron, own) in enumerate(zip(problem.network.layers[0], problem.network.parameter_slices[0], strict=True)):
        targets = problem.targets[:, k]
        varies = float(targets.std()) if spread is None else spread
        farthest = float(np.abs(targets).max()) if spread is None else _FAR_OFF * spread
        terms = _terms(neuron, problem.space.grids[own], widths, np.square(widths), widths > 0.0)
        if not varies > 0.0 or not terms.least.any():
            continue
        large = int(np.argmax(terms.least))
        weights = terms.least / terms.sizes
        offsets = weights * middle[terms.columns]
        far = int(np.argmax(offsets))
        scale = f"scale the features first: {scale_features(problem)}"
        smaller = varies / terms.least[large]
        if 1e-300 < smaller < 1.0 / _OUTWEIGHS and terms.sizes[large] <= _UNSCALED:
            factor = 2.0 ** round(math.log2(smaller))
            about = f"y varies by about {varies:.3g}, too little for weights of {weights[large]:.3g} and up"
            is_far = abs(float(targets.mean())) > factor * (terms.bias or 0.0) + varies  # for smaller biases
            better = GridNames(problem).scaled(problem.is_weight, factor)
            yield f"{about}: " + (
                f"scale the targets: {SCALE_TARGETS}" if is_far and spread is None else f"try {better}"
            )
        elif terms.least[large] > _OUTWEIGHS * varies:
            about = f"column {int(terms.columns[large])} of X varies by about {terms.sizes[large]:.3g}, too much"
            yield f"{about} for weights of {weights[large]:.3g} and up: {scale}"
        elif offsets[far] > _OUTWEIGHS * (farthest + (terms.bias or 0.0)):
            about = f"column {int(terms.columns[far])} of X is about {middle[terms.columns[far]]:.3g}, too large"
            yield f"{about} for weights of {weights[far]:.3g} and up: {scale}"
        elif terms.sizes.max() < _TINY and terms.most.sum() < _STILL * varies:
            yield _too_small(terms, scale)
        elif terms.most.sum() < _HALF * varies:
            weight = (terms.most / terms.sizes).max()
            about = f"y varies by about {varies:.3g}, too much for weights of {weight:.3g} at most"
            yield f"{about}: scale the targets: {SCALE_TARGETS}"
        else:
            continue
        return


def hints_of_targets(problem: Problem) -> Iterator[str]:
    """Whether most targets are beyond what a network with hidden neurons and an output of any size can come to.

    With three hidden neurons, nine data sets got a better network from scaled targets wherever the targets were twice
    as large as the outputs can be, and 7 of 9 a worse one where they were as large.
    """
    rows, network = _some_rows(problem), problem.network
    last = network.layers[-1]
    out_of_range = hint_of_range(problem)
    if out_of_range is not None:
        yield out_of_range
    if problem.targets.ndim == 1 or len(network.layers) == 1 or any(own.activation != Identity() for own in last):
        return
    if not len(rows):
        return
    sizes = np.quantile(np.abs(problem.X[rows]), _MIDDLE[1], axis=0)
    for layer, slices in zip(network.layers, network.parameter_slices, strict=True):
        most = [_most(neuron, problem.space.grids[own], sizes) for neuron, own in zip(layer, slices, strict=True)]
        sizes = np.array(most)
    targets = np.abs(np.quantile(problem.targets[rows], _MIDDLE, axis=0)).max(axis=0)
    far = int(np.argmax(targets / np.maximum(sizes, 1e-300)))
    if targets[far] > _BEYOND * sizes[far]:
        about = f"y comes to about {targets[far]:.3g}, and the outputs to {sizes[far]:.3g} with the largest weights"
        yield f"{about}: scale the targets: {SCALE_TARGETS}"


def hint_of_equal_targets(problem: Problem) -> str | None:
    """Return a hint if all samples have the same target."""
    targets = problem.targets
    if len(targets) == 1 or (targets != targets[:1]).any():
        return None
    one = ", ".join(f"{target:.6g}" for target in np.atleast_1d(targets[0]))
    return f"all targets are {one}: there is nothing to learn from them, so check y"


def hint_of_range(problem: Problem) -> str | None:
    """Return a hint if an output's activation cannot come near a tenth of its targets."""
    rows = _some_rows(problem)
    is_hinge = isinstance(problem.scoring, Hinge)
    if not len(rows) or (problem.targets.ndim == 1 and not is_hinge):
        return None
    for k, neuron in enumerate(problem.network.layers[-1]):
        targets = np.array([-1.0, 1.0]) if is_hinge else problem.targets[rows, k]
        outputs = neuron.activation(_ALL_OVER)
        low, high = float(outputs.min()), float(outputs.max())
        margin = _MARGIN * float(np.ptp(targets))
        is_any = neuron.activation == Identity()
        if not is_any and np.mean((targets < low - margin) | (targets > high + margin)) > _MANY:
            what = (
                "hinge compares outputs with -1 and 1"
                if is_hinge
                else (f"y goes from {targets.min():.3g} to {targets.max():.3g}")
            )
            reach = f"from {low:.3g} to {high:.3g}" if high < _ALL_OVER[-1] else f"from {low:.3g} up"
            own = f"outputs of {neuron.activation!r} {reach}"
            return f"{what}, {own}: pass output_activation=Identity(), whose outputs can be of any size"
    return None


def _most(neuron: Neuron, grids: Sequence[Grid], sizes: FloatArray) -> float:
    """The largest output of a neuron for inputs of some sizes."""
    weights = np.array([np.abs(grid.values).max() for grid in grids])
    total = float(
        weights[: len(neuron.weights)] @ sizes[np.array(neuron.input_columns())] + weights[len(neuron.weights) :].sum()
    )
    outputs: FloatArray = np.abs(neuron.activation(np.linspace(-total, total, 9)))
    return float(outputs.max())


def _some_rows(problem: Problem) -> IntArray:
    """The positions of a few thousand samples, without those that do not count."""
    rows = np.arange(0, problem.n_samples, -(-problem.n_samples // _MOST_ROWS))  # evenly from all of them
    return rows if problem.sample_weight is None else rows[problem.sample_weight[rows] > 0.0]


def _some_data(problem: Problem) -> FloatArray:
    """The features of some samples."""
    return problem.X[_some_rows(problem)]


def are_alike(problem: Problem) -> bool:
    """Whether all samples have the same feature values, as far as a few thousand show."""
    return not _varies(_some_data(problem)).any()


def _varies(data: FloatArray) -> BoolArray:
    return np.asarray(np.ptp(data, axis=0) > 0.0)


def _mismatch(terms: _Terms, large: int) -> str:
    """Say which feature is too large, or too small beside others."""
    column, size, weight = int(terms.columns[large]), terms.sizes[large], terms.least[large] / terms.sizes[large]
    if size > _UNSCALED:
        return f"column {column} of X is about {size:.3g}, too large for weights of {weight:.3g} and up"
    least = int(np.argmin(terms.sizes))
    small = f"column {int(terms.columns[least])} of X is about {terms.sizes[least]:.3g}"
    return f"{small}, too small beside column {column}, which is about {size:.3g}"


def _too_small(terms: _Terms, scale: str) -> str:
    first = int(np.argmax(terms.most))
    size, weight = terms.sizes[first], terms.most[first] / terms.sizes[first]
    about = f"column {int(terms.columns[first])} of X is about {size:.3g}"
    return f"{about}, too small for weights of {weight:.3g} at most: {scale}"


def _is_small(neuron: Neuron, terms: _Terms, *, matters: bool) -> bool:
    """Whether the largest weights hardly change the output of a neuron, or the smallest bias outweighs them all."""
    reach = float(terms.most.sum())
    if terms.sizes.max() >= _TINY:
        return False
    if not matters:
        return terms.least_bias is not None and terms.least_bias > _OUTWEIGHED * reach
    near, usual = (neuron.activation(np.linspace(-size, size, 9)) for size in (reach, _USUAL))
    return bool(np.ptp(near) < _STILL * np.ptp(usual))


def _terms(neuron: Neuron, grids: Sequence[Grid], sizes: FloatArray, squares: FloatArray, varies: BoolArray) -> _Terms:
    columns = np.array(neuron.input_columns())
    values = [np.abs(grid.values) for grid in grids[: len(columns)]]
    least = np.array([_least(own) for own in values])
    most, rms = np.array([own.max() for own in values]), np.array([_rms(grid) for grid in grids[: len(columns)]])
    kept = varies[columns] & (most > 0.0)
    columns, size = columns[kept], sizes[columns[kept]]
    biases = None if neuron.bias is None else np.abs(grids[-1].values)
    bias, least_bias = (None, None) if biases is None else (float(biases.max()), _least(biases))
    typical = rms[kept] * np.sqrt(squares[columns])
    return _Terms(columns, size, least[kept] * size, most[kept] * size, typical, bias, least_bias)


def _least(values: FloatArray) -> float:
    """The smallest of some magnitudes, but 0; else 0."""
    return float(values[values > 0.0].min(initial=np.inf)) if values.any() else 0.0


def _rms(grid: Grid) -> float:
    return float(np.sqrt(np.square(grid.values).mean()))


def _outputs_matter(problem: Problem) -> bool:
    """Whether the size of a sum matters, and not its sign alone."""
    is_sign = problem.network.n_outputs == 1 and isinstance(problem.scoring, LabelScoring)
    return len(problem.network.layers) > 1 or not is_sign


def _is_flat(activation: Activation, size: float) -> bool:
    """Whether an activation hardly changes from sums half as large as this up to it, but does nearer to 0."""
    if not 0.0 < size < 1e300:
        return False
    outputs = activation(np.array([-size, -0.7 * size, -0.5 * size, -1e-3, 1e-3, 0.5 * size, 0.7 * size, size]))
    changes = max(np.ptp(outputs[:3]), np.ptp(outputs[-3:]))
    is_step = outputs[0] == outputs[3] and outputs[4] == outputs[7]
    return bool(changes <= _FLAT * np.ptp(outputs) and not is_step)


def hint_of_width(network: Network) -> str | None:
    """Return a hint for a network that tells more labels apart than its hidden neurons can, or None.

    As many hidden neurons as labels, less one, can tell all labels apart; with fewer, some lie between others.
    """
    sizes, n_labels = network.topology, network.n_outputs
    narrowest = min(sizes[1:-1], default=n_labels)
    if narrowest >= n_labels - 1:
        return None
    wider = [sizes[0], *(max(size, n_labels) for size in sizes[1:-1]), n_labels]
    hidden = f"({', '.join(map(str, wider[1:-1]))}{',' * (len(wider) == 3)})"
    few = f"{n_labels} labels are hard to tell apart with {counted(narrowest, 'hidden neuron')}"
    return f"{few}: try {n_labels}, as in Network.dense({wider}, bias=True), or hidden={hidden} of an estimator"
