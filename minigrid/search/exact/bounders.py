"""Which bounds serve which problem, and why none does.

Each bounder is put together from a problem that was checked, and bounds the score of all candidates in a box,
more being better (a loss counts with a minus sign). Sound if its parts are; see there.
"""

from collections.abc import Sequence
from typing import NamedTuple, final

import numpy as np

from minigrid._typing import BoolArray, FloatArray, IntArray
from minigrid._validation import message
from minigrid.activations import Activation, BuiltinActivation
from minigrid.exceptions import ActivationError, ScoringError
from minigrid.function_activation import bound_activation, check_bounds
from minigrid.network import Network
from minigrid.neuron import Neuron
from minigrid.scoring import BuiltinScoring, LabelScoring, bound_scoring
from minigrid.search.decision import Decision
from minigrid.search.exact.axes import Axes, Boxes
from minigrid.search.exact.intervals import (
    DeclaredRanges,
    KeptRanges,
    NeuronRanges,
    Range,
    output_range,
    sum_range,
)
from minigrid.search.exact.places import PlaceCounter
from minigrid.search.exact.proof import Bounder
from minigrid.search.exact.ratio import RatioSweep
from minigrid.search.exact.sweep import IntervalSweep, LastAxis, LinearSweep
from minigrid.search.exact.tables import LARGEST_TABLE, TableRanges
from minigrid.search.problem import Problem

_NEAR_ZERO = 1e-9  # a threshold that is 0 but for rounding
_SAFE = 1e300  # sums below it cannot overflow, nor become NaN


@final
class HiddenRanges:
    """Bounds the outputs of all layers but the last, over boxes of their parameters."""

    def __init__(self, problem: Problem, columns: FloatArray) -> None:
        self.network = problem.network
        self._grids = problem.space.grids
        self._axes = Axes(self._grids)
        self._inputs = [Range(column[np.newaxis], column[np.newaxis]) for column in columns]
        self._first: list[tuple[slice, KeptRanges]] = []
        kept: dict[tuple[object, ...], KeptRanges] = {}
        for neuron, own in zip(self.network.layers[0], _slices(self.network, 0), strict=True):
            kind = (repr(neuron.activation), neuron.inputs, neuron.bias is None, self._grids[own])
            if kind not in kept:
                kept[kind] = self._ranges_of(neuron, own, columns)
            self._first.append((own, kept[kind]))

    def _ranges_of(self, neuron: Neuron, own: slice, columns: FloatArray) -> KeptRanges:
        axes = Axes(self._grids[own])
        source: NeuronRanges
        if declares(neuron.activation):
            source = DeclaredRanges(neuron, axes, self._inputs)
        else:
            source = TableRanges(neuron, axes, columns)
        return KeptRanges(source, axes.lengths, columns.shape[1])

    def tables(self, boxes: Boxes, neurons: Sequence[int]) -> tuple[list[Range], list[IntArray]]:
        """Bound the outputs of some neurons of the first layer, as tables and the rows of the boxes in them."""
        found = [self._first[k][1].rows(boxes.columns(self._first[k][0])) for k in neurons]
        return [table for table, _ in found], [rows for _, rows in found]

    def inputs_of_last(self, boxes: Boxes) -> list[Range]:
        """Bound what the last layer is fed with; boxes may leave out parameters of that layer."""
        if len(self.network.layers) == 1:
            return self._inputs
        outputs = [ranges.ranges(boxes.columns(own)) for own, ranges in self._first]
        for number, layer in enumerate(self.network.layers[1:-1], start=1):
            below = outputs
            outputs = []
            for neuron, own in zip(layer, _slices(self.network, number), strict=True):
                low, high = self.values(boxes, own)
                outputs.append(output_range(neuron.activation, sum_range(neuron, low, high, below)))
        return outputs

    def range_of_first(self, k: int) -> Range:
        """Bound the outputs of a neuron of the first layer over all its parameters."""
        own, ranges = self._first[k]
        return ranges.ranges(self._axes.root().columns(own))

    def values(self, boxes: Boxes, own: slice) -> tuple[FloatArray, FloatArray]:
        """The least and the greatest values of some parameters."""
        return self._axes.values_on(own, boxes.low[:, own]), self._axes.values_on(own, boxes.high[:, own])


@final
class LinearLabels:
    """A single neuron whose score is a matter of labels."""

    def __init__(self, problem: Problem, labels: "_Labels") -> None:
        neuron = problem.network.layers[0][0]
        columns = [labels.columns[column] for column in neuron.input_columns()]
        if neuron.bias is not None:
            columns.append(np.ones(labels.positive.size))
        self._problem = problem
        self.n_axes = len(problem.space.grids) - 1
        self.whole = np.zeros(self.n_axes, dtype=np.bool_)
        self.urgency = _spans(problem)[:-1] * np.abs(columns[:-1]).mean(axis=1) if self.n_axes else np.ones(0)
        self._axes = Axes(problem.space.grids[:-1])
        self._sweep = LinearSweep(
            np.array(columns), labels.positive, labels.decision, labels.reach, labels.last, labels.counter
        )

    def disproved(self) -> Exception:
        """Make the error for a candidate that scored better than its bound."""
        return _disproved(self._problem)

    def middles(self, boxes: Boxes) -> IntArray:
        """Choose a point in each box that promises a good score, as ranks."""
        return (boxes.low + boxes.high) // 2

    def best(self, boxes: Boxes) -> FloatArray:
        """Bound the scores, shape (n_boxes,)."""
        return self._sweep.best(self._axes.values(boxes.low), self._axes.values(boxes.high))


@final
class IntervalLabels:
    """A deeper network of one output whose score is a matter of labels."""

    def __init__(self, problem: Problem, labels: "_Labels", hidden: HiddenRanges) -> None:
        self._problem = problem
        self.n_axes = len(problem.space.grids) - 1
        self.urgency = np.ones(self.n_axes)
        self.whole = np.zeros(self.n_axes, dtype=np.bool_)
        self._neuron = problem.network.layers[-1][0]
        self._hidden = hidden
        self._held = slice(self.n_axes + 1 - self._neuron.n_parameters, self.n_axes)
        self._sweep = IntervalSweep(labels.positive, labels.decision, labels.reach, labels.last, labels.counter)
        self._ratio = _ratio(problem, labels, hidden)
        if self._ratio is not None:  # both output weights are bounded at once until the hidden ones are known
            self._widest = len(problem.space.grids[-2]) - 1
            self.urgency[-1] = 1e-9
            self.whole[-1] = True

    def best(self, boxes: Boxes) -> FloatArray:
        """Bound the scores, shape (n_boxes,)."""
        if self._ratio is None:
            return self._by_interval(boxes)
        whole = (boxes.high - boxes.low)[:, -1] == self._widest
        bounds = np.empty(len(boxes))
        bounds[~whole] = self._by_interval(boxes[~whole])
        bounds[whole] = self._by_ratio(boxes[whole])
        return bounds

    def disproved(self) -> Exception:
        """Make the error for a candidate that scored better than its bound."""
        return _disproved(self._problem)

    def middles(self, boxes: Boxes) -> IntArray:
        """Choose a point in each box that promises a good score, as ranks."""
        middles = (boxes.low + boxes.high) // 2
        if self._ratio is not None:
            whole = np.flatnonzero((boxes.high - boxes.low)[:, -1] == self._widest)
            points = Boxes(middles[whole], middles[whole])
            if len(whole):
                inputs = self._hidden.inputs_of_last(points)
                first, second = (inputs[k] for k in self._neuron.input_columns())
                middles[whole, -1] = self._ratio.suggest(first, second, len(whole))
        return middles

    def _by_ratio(self, boxes: Boxes) -> FloatArray:
        if not len(boxes):
            return np.empty(0)
        assert self._ratio is not None
        points = (boxes.low == boxes.high)[:, :-1].all(axis=1)
        bounds = np.empty(len(boxes))
        if len(self._hidden.network.layers) == 2 and self._ratio.compiled() is not None:
            tables, rows = self._hidden.tables(boxes, self._neuron.input_columns())
            for which, fine in ((np.flatnonzero(points), True), (np.flatnonzero(~points), False)):
                bounds[which] = self._ratio.best_of_tables(tables, [own[which] for own in rows], fine)
            return bounds
        for which, fine in ((np.flatnonzero(points), True), (np.flatnonzero(~points), False)):
            if which.size:
                inputs = self._hidden.inputs_of_last(boxes[which])
                first, second = (inputs[k] for k in self._neuron.input_columns())
                bounds[which] = self._ratio.best(first, second, fine, which.size)
        return bounds

    def _by_interval(self, boxes: Boxes) -> FloatArray:
        if not len(boxes):
            return np.empty(0)
        inputs = self._hidden.inputs_of_last(boxes)
        low, high = self._hidden.values(boxes, self._held)
        base = sum_range(self._neuron, low, high, inputs) if low.shape[1] else None
        factor = None if self._neuron.bias is not None else inputs[self._neuron.input_columns()[-1]]
        return self._sweep.best(base, factor, len(boxes))


@final
class OutputBounds:
    """Any network and any scoring that bounds itself: from the range of the outputs."""

    def __init__(self, problem: Problem, hidden: HiddenRanges) -> None:
        self.n_axes = len(problem.space.grids)
        self.whole = np.zeros(self.n_axes, dtype=np.bool_)
        self.urgency = np.ones(self.n_axes)
        self._problem = problem
        self._hidden = hidden
        self._sign = 1.0 if problem.scoring.greater_is_better else -1.0

    def disproved(self) -> Exception:
        """Make the error for a candidate that scored better than its bound."""
        return _disproved(self._problem)

    def middles(self, boxes: Boxes) -> IntArray:
        """Choose a point in each box that promises a good score, as ranks."""
        return (boxes.low + boxes.high) // 2

    def best(self, boxes: Boxes) -> FloatArray:
        """Bound the scores, shape (n_boxes,)."""
        network, problem = self._hidden.network, self._problem
        height = max(1, 2**15 // (problem.n_samples * network.n_outputs))
        bounds = np.empty(len(boxes))
        for start in range(0, len(boxes), height):
            some = boxes[start : start + height]
            inputs = self._hidden.inputs_of_last(some)
            low = np.empty((len(some), problem.n_samples, network.n_outputs))
            high = np.empty_like(low)
            for k, (neuron, own) in enumerate(
                zip(network.layers[-1], _slices(network, len(network.layers) - 1), strict=True)
            ):
                sums = sum_range(neuron, *self._hidden.values(some, own), inputs)
                outputs = output_range(neuron.activation, sums)
                low[:, :, k], high[:, :, k] = outputs.low, outputs.high
            bounds[start : start + height] = bound_scoring(
                problem.scoring, problem.targets, low, high, problem.sample_weight
            )
        return self._sign * bounds


def _opposed(first: FloatArray, second: FloatArray) -> bool:
    """Whether two weights can be of opposite signs, or one of them 0, and not both."""
    return bool(
        (
            (np.sign(first)[:, np.newaxis] * np.sign(second) <= 0.0)
            & (np.abs(first)[:, np.newaxis] + np.abs(second) > 0.0)
        ).any()
    )


def _disproved(problem: Problem) -> Exception:
    """Name what a user has declared, as what is built in keeps its promises."""
    better = "a candidate that scores better"
    if not isinstance(problem.scoring, BuiltinScoring):
        what, expected = f"bound of scoring {problem.scoring!r}", "a score that no candidate in the box beats"
        return ScoringError(message(what, expected, better, "Let it return the best score possible, or more."))
    activations = [neuron.activation for neuron in problem.network.neurons]
    own = dict.fromkeys(repr(a) for a in activations if not isinstance(a, BuiltinActivation))
    if not own:
        return AssertionError(f"a bound of minigrid's own is wrong for {problem!r}: please report it")
    what = f"activation {' or '.join(own)}"
    mend = "Drop monotonic = True, and mend or leave out its bounds."
    return ActivationError(message(what, "outputs as it declares them", better + " than that allows", mend))


def _ratio(problem: Problem, labels: "_Labels", hidden: HiddenRanges) -> RatioSweep | None:
    """Put together the bounds by ratio, where they hold: two inputs that are never negative, a threshold near 0."""
    neuron = problem.network.layers[-1][0]
    decision, weights = labels.decision, problem.sample_weight
    builtin = isinstance(neuron.activation, BuiltinActivation)
    if not builtin or neuron.bias is not None or neuron.weights.size != 2 or weights is not None:
        return None
    if max(abs(decision.lower), abs(decision.upper)) > _NEAR_ZERO:
        return None
    ranges = hidden.inputs_of_last(Axes(problem.space.grids).root())
    if any((ranges[column].low < 0.0).any() for column in neuron.input_columns()):
        return None
    assert isinstance(problem.scoring, LabelScoring)
    first, second = (np.sort(grid.values) for grid in problem.space.grids[-2:])
    if not len(first) > 1 or not _opposed(first, second):
        return None
    counts = problem.distinct.counts
    return RatioSweep((first, second), labels.positive, counts, decision, problem.scoring)


class _Labels(NamedTuple):
    """What bounds of labels need to know of a problem."""

    columns: FloatArray
    positive: BoolArray
    decision: Decision
    reach: float
    last: LastAxis
    counter: PlaceCounter


def why_unbounded(problem: Problem) -> str | None:
    """Say why nothing can be proven about boxes of this problem; None: it can."""
    network, scoring = problem.network, problem.scoring
    if not scoring.declares_bounds:
        return f"{scoring!r} declares no bound"
    for number, layer in enumerate(network.layers):
        for neuron, own in zip(layer, _slices(network, number), strict=True):
            if declares(neuron.activation):
                continue
            if number or len(network.layers) == 1:
                return f"{neuron.activation!r} declares neither monotonic nor bounds"
            size = problem.n_samples
            for grid in problem.space.grids[own]:
                size *= len(grid)
            if size > LARGEST_TABLE:
                return (
                    f"{neuron.activation!r} declares neither monotonic nor bounds, and a table of a neuron's outputs "
                    "would be too large"
                )
    return None


def make_bounder(problem: Problem) -> Bounder | None:
    """Put together the bounds that serve a problem for which `why_unbounded` knows no reason.

    Returns:
        None if sums may overflow.

    Raises:
        ActivationError: what an activation declares is not true for sums that occur.
    """
    counted = isinstance(problem.scoring, LabelScoring) and problem.network.n_outputs == 1
    if counted and problem.network.layers[-1][0].activation.monotonic:
        merged = problem.sample_weight is None
        columns = problem.distinct.columns if merged else problem.columns
        hidden = HiddenRanges(problem, columns)
        reach = _reach(problem, hidden)
        if reach is None:
            return None
        labels = _labels(problem, columns, reach)
        if labels is not None:
            return (
                IntervalLabels(problem, labels, hidden)
                if len(problem.network.layers) > 1
                else LinearLabels(problem, labels)
            )
    hidden = HiddenRanges(problem, problem.columns)
    return None if _reach(problem, hidden) is None else OutputBounds(problem, hidden)


def _labels(problem: Problem, columns: FloatArray, reach: float) -> _Labels | None:
    """Find the places where labels change; None if none does within reach."""
    assert isinstance(problem.scoring, LabelScoring)
    decision = Decision.of(problem.network.layers[-1][0].activation, reach)
    if not np.isfinite([decision.lower, decision.upper]).all():
        return None
    merged = problem.sample_weight is None
    positive: BoolArray = (problem.distinct.targets if merged else problem.targets) == 1.0
    weights = problem.distinct.counts if merged else problem.sample_weight
    last = LastAxis(np.sort(problem.space.grids[-1].values))
    counter = PlaceCounter(problem.scoring, positive, weights, len(last.values))
    return _Labels(columns, positive, decision, reach, last, counter)


def _reach(problem: Problem, hidden: HiddenRanges) -> float | None:
    """Bound the sums of the last layer in magnitude; None if those of any layer may overflow.

    Raises:
        ActivationError: what an activation declares is not true for sums that occur.
    """
    network, grids = problem.network, problem.space.grids
    inputs, reach = [float(np.abs(column).max()) for column in problem.columns], 0.0
    for number, layer in enumerate(network.layers):
        outputs, reach = [], 0.0
        for k, (neuron, own) in enumerate(zip(layer, _slices(network, number), strict=True)):
            sizes = [float(np.abs(grid.values).max()) for grid in grids[own]]
            seen = [*(inputs[column] for column in neuron.input_columns()), 1.0]
            total = sum(size * other for size, other in zip(sizes, seen, strict=False))
            if not total < _SAFE:
                return None
            reach = max(reach, total)
            if declares(neuron.activation):
                check_bounds(neuron.activation, _sums_to_try(total))
                ends = output_range(neuron.activation, Range(np.array([-total]), np.array([total])))
            else:
                ends = hidden.range_of_first(k)
            outputs.append(float(max(np.abs(ends.low).max(), np.abs(ends.high).max())))
        inputs = outputs
    return reach


def declares(activation: Activation) -> bool:
    """Tell whether an activation says anything about its outputs over an interval."""
    low, high = bound_activation(activation, np.array([-1.0]), np.array([1.0]))
    return bool(np.isfinite(low[0]) or np.isfinite(high[0]))


def _sums_to_try(reach: float) -> FloatArray:
    near = np.linspace(-30.0, 30.0, 601)
    return np.concatenate([np.linspace(-reach, reach, 1025), near[np.abs(near) <= reach]])


def _slices(network: Network, number: int) -> list[slice]:
    """Where the parameters of one layer's neurons stand among all."""
    position = sum(layer.n_parameters for layer in network.layers[:number])
    own = []
    for neuron in network.layers[number]:
        own.append(slice(position, position + neuron.n_parameters))
        position += neuron.n_parameters
    return own


def _spans(problem: Problem) -> FloatArray:
    """How far apart neighbouring values of each grid are, on average."""
    return np.array([np.ptp(grid.values) / len(grid) for grid in problem.space.grids])
