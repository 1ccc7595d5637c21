"""Bounders for labels: one output whose activation never falls, and a score that counts labels.

Sound because a label is a comparison of the weighted sum with a threshold (`decision.py`), and the sweeps bound this
comparison.
"""

from typing import NamedTuple, final

import numpy as np

from minigrid._base.halting import poll
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.scoring import LabelScoring
from minigrid.search.engines.batched.decision import Decision
from minigrid.search.engines.exact.axes import Axes, Boxes
from minigrid.search.engines.exact.bounder import MANY_TOGETHER
from minigrid.search.engines.exact.cancelling import CancellingWeights
from minigrid.search.engines.exact.group_sweep import GroupSweep
from minigrid.search.engines.exact.hidden import HiddenRanges, LogNeuron
from minigrid.search.engines.exact.hit_counts import HitCounter
from minigrid.search.engines.exact.log_ratio import LogRatioSweep, find_scale
from minigrid.search.engines.exact.ratio import RatioSweep
from minigrid.search.engines.exact.single import inputs_of
from minigrid.search.engines.exact.sweep import IntervalSweep, LastAxis, LinearSweep
from minigrid.search.problem import Problem

_FAR = 1e150  # values of the last parameter beyond which the sweeps' own arithmetic might overflow
_MOST_PAIRS = 2**21  # of output weights that are listed
_MOST_EQUAL = 2**12  # of them that are scored where two inputs are one, or nearly
_VALUES = 2**9  # of the last parameter, that are counted as fast as groups are examined
_ORDINARY = 1e60  # inputs and values of the last parameter are smaller, and one over the largest sum
_HUGE = 1e300
_NEAR_ZERO = 1e-9  # a threshold that is 0 but for rounding


class Labels(NamedTuple):
    """The data that bounds of labels need from a problem."""

    columns: FloatArray
    positive: BoolArray
    decision: Decision
    reach: float
    last: LastAxis
    counter: HitCounter


def find_labels(problem: Problem, columns: FloatArray, reach: float) -> Labels | None:
    """Find where labels change; None if no label changes within reach, or a sweep is not possible."""
    assert isinstance(problem.scoring, LabelScoring)
    decision = Decision.of(problem.network.layers[-1][0].activation, reach)
    far = float(np.abs(problem.space.grids[-1].values).max()) > _FAR
    if far or not np.isfinite([decision.lower, decision.upper]).all():
        return None
    samples = problem.counted
    positive: BoolArray = samples.targets == 1.0
    last = LastAxis(np.sort(problem.space.grids[-1].values))
    counter = HitCounter(problem.scoring, positive, samples.counts, len(last.values))
    return Labels(columns, positive, decision, reach, last, counter)


@final
class LinearLabels:
    """A single neuron whose score depends only on labels.

    Attributes:
        is_finite: whether all numbers that it works with are; else it bounds nothing.
    """

    def __init__(self, problem: Problem, labels: Labels, many: int) -> None:
        """Choose the sweep.

        Args:
            problem: of a single neuron.
            labels: of this problem.
            many: from this many samples on they are grouped if there are two parameters.
        """
        neuron = problem.network.layers[0][0]
        inputs = inputs_of(labels.columns, neuron)
        self.n_axes: int = len(problem.space.grids) - 1
        self.whole: BoolArray = np.zeros(self.n_axes, dtype=np.bool_)
        self.most_together: int = MANY_TOGETHER
        self.heeds_penalty: bool = False
        self.improves: bool = False
        means = np.array([float(np.abs(column).mean()) for column in inputs[:-1]])
        self._urgency: FloatArray = _spans(problem)[:-1] * means if self.n_axes else np.ones(0)
        self._axes = Axes(problem.space.grids[:-1])
        poll()
        fixed = [grid.values for grid in problem.space.grids[:-1]]
        rest = labels.positive, labels.decision, labels.reach, labels.last, labels.counter
        # With more parameters, groups must be smaller to be useful; with more values, each bound takes longer.
        enough = many * 4.0 ** (len(fixed) - 1) * max(1.0, len(labels.last.values) / _VALUES)
        largest = max(float(inputs.max()), -float(inputs.min()), float(np.abs(labels.last.values).max()))
        ordinary = largest < _ORDINARY and labels.reach * _ORDINARY > 1.0  # no quotient of these is infinite
        grouped = bool(fixed) and ordinary and labels.positive.size >= enough
        self._sweep: LinearSweep | GroupSweep = (
            GroupSweep(inputs, *rest, fixed, many) if grouped else LinearSweep(inputs, *rest)
        )
        sizes = np.array([float(np.abs(values).max()) for values in fixed])
        self.is_finite: bool = ordinary or (isinstance(self._sweep, LinearSweep) and self._sweep.largest(sizes) < _HUGE)

    def promising(self) -> IntArray | None:
        """See `Bounder`."""
        return None

    def shrink_cache(self) -> None:
        """This bounder caches nothing."""

    def halves(self, boxes: Boxes) -> Boxes:
        """Split every box in two."""
        return boxes.halves(self._urgency)

    def middles(self, boxes: Boxes) -> IntArray:
        """Choose a promising point in each box, as ranks."""
        return (boxes.low + boxes.high) // 2

    def bound(self, boxes: Boxes, threshold: float = -np.inf) -> FloatArray:
        """Bound the scores, shape (n_boxes,)."""
        ends = self._axes.values(boxes.low), self._axes.values(boxes.high)
        return self._sweep.bound(*ends) if isinstance(self._sweep, LinearSweep) else self._sweep.bound(*ends, threshold)


@final
class IntervalLabels:
    """A deeper network of one output whose score depends only on labels.

    Attributes:
        by_ratio: whether both weights of the output are bounded at once.
    """

    def __init__(self, problem: Problem, labels: Labels, hidden: HiddenRanges) -> None:
        self.n_axes: int = len(problem.space.grids) - 1
        self.most_together: int = MANY_TOGETHER
        self.heeds_penalty: bool = False
        self.improves: bool = False
        self._urgency: FloatArray = np.ones(self.n_axes)
        self.whole: BoolArray = np.zeros(self.n_axes, dtype=np.bool_)
        self._neuron = problem.network.layers[-1][0]
        self._hidden = hidden
        self._sweep = IntervalSweep(labels.positive, labels.decision, labels.reach, labels.last, labels.counter)
        self._ratio = _ratio(problem, labels, hidden)
        self.by_ratio: bool = self._ratio is not None
        if self._ratio is not None:  # both output weights are bounded at once until the hidden ones are known
            self._widest = len(problem.space.grids[-2]) - 1
            self._urgency[-1] = 1e-9
            self.whole[-1] = True
        self._cancelling = None if self._ratio is None else _cancelling(problem, labels, hidden)
        self._log_ratio = None if self._ratio is None else _log_ratio(problem, labels, hidden, self._ratio)

    def promising(self) -> IntArray | None:
        """See `Bounder`."""
        return None

    def shrink_cache(self) -> None:
        """Cache little from now on."""
        self._hidden.shrink_cache()
        for neuron in () if self._log_ratio is None else self._log_ratio[1]:
            neuron.shrink_cache()

    def bound(self, boxes: Boxes, threshold: float = -np.inf) -> FloatArray:
        """Bound the scores, shape (n_boxes,)."""
        if self._ratio is None:
            return self._by_interval(boxes)
        whole = (boxes.high - boxes.low)[:, -1] == self._widest
        bounds = np.empty(len(boxes))
        bounds[~whole] = self._by_interval(boxes[~whole])
        bounds[whole] = self._by_ratio(boxes[whole], threshold)
        return bounds

    def halves(self, boxes: Boxes) -> Boxes:
        """Split every box in two."""
        return boxes.halves(self._urgency)

    def middles(self, boxes: Boxes) -> IntArray:
        """Choose a promising point in each box, as ranks."""
        middles = (boxes.low + boxes.high) // 2
        if self._ratio is not None:
            whole = np.flatnonzero((boxes.high - boxes.low)[:, -1] == self._widest)
            points = Boxes(middles[whole], middles[whole])
            if len(whole):
                inputs = self._hidden.inputs_of_last(points)
                first, second = (inputs[k] for k in self._neuron.input_columns())
                middles[whole, -1] = self._ratio.suggest(first, second, len(whole))
        return middles

    def _by_ratio(self, boxes: Boxes, threshold: float) -> FloatArray:
        """Bound all pairs of output weights: roughly over ranges of the hidden ones, closely for single settings."""
        if not len(boxes):
            return np.empty(0)
        assert self._ratio is not None
        points = (boxes.low == boxes.high)[:, :-1].all(axis=1)
        if self._log_ratio is None:
            bounds = np.empty(len(boxes))
            for which, fine in ((points, True), (~points, False)):
                bounds[which] = self._by_fractions(boxes[which], fine=fine)
        else:
            sweep, neurons = self._log_ratio
            bounds = self._ratio.scores(sweep.most_hits(*(neuron.rows(boxes) for neuron in neurons)))
        if self._cancelling is not None:
            self._refine(boxes, bounds, points & (bounds > threshold))
        return bounds

    def _refine(self, boxes: Boxes, bounds: FloatArray, points: BoolArray) -> None:
        """Score the weights of equal size where they are all that makes a bound high, at single settings."""
        assert self._ratio is not None
        assert self._cancelling is not None
        first, second = self._neuron.input_columns()
        equal = self._hidden.are_equal(boxes, first, second)
        chosen = np.flatnonzero(points & equal)
        if chosen.size:
            best = self._cancelling.best_of_equal(self._hidden.outputs(first, boxes[chosen]))
            bounds[chosen] = np.maximum(best, self._ratio.of_one_label)
        if self._log_ratio is None:
            return
        chosen = np.flatnonzero(points & ~equal)
        sweep, neurons = self._log_ratio
        others = self._ratio.scores(sweep.most_hits(*(neuron.rows(boxes[chosen]) for neuron in neurons), equal=False))
        promising = others < bounds[chosen]
        chosen, others = chosen[promising], others[promising]
        if chosen.size:
            best = self._cancelling.bound(*(self._hidden.outputs(k, boxes[chosen]) for k in (first, second)))
            bounds[chosen] = np.maximum(best, others)

    def _by_fractions(self, boxes: Boxes, *, fine: bool) -> FloatArray:
        if not len(boxes):
            return np.empty(0)
        assert self._ratio is not None
        inputs = self._hidden.inputs_of_last(boxes)
        first, second = (inputs[k] for k in self._neuron.input_columns())
        return self._ratio.bound(first, second, fine, len(boxes))

    def _by_interval(self, boxes: Boxes) -> FloatArray:
        if not len(boxes):
            return np.empty(0)
        return self._sweep.bound(*self._hidden.parts_of_last(boxes), len(boxes))


def _ratio(problem: Problem, labels: Labels, hidden: HiddenRanges) -> RatioSweep | None:
    """Build the bounds by ratio, where they apply: two inputs that are never negative, a threshold near 0."""
    neuron = problem.network.layers[-1][0]
    decision, weights = labels.decision, problem.sample_weight
    if neuron.bias is not None or neuron.weights.size != 2 or weights is not None:
        return None
    if max(abs(decision.lower), abs(decision.upper)) > _NEAR_ZERO:
        return None
    ranges = hidden.inputs_of_last(Axes(problem.space.grids).root())
    if any((ranges[column].low < 0.0).any() for column in neuron.input_columns()):
        return None
    least = min(float(ranges[column].low.min()) for column in neuron.input_columns())
    assert isinstance(problem.scoring, LabelScoring)
    first, second = (np.sort(grid.values) for grid in problem.space.grids[-2:])
    if not len(first) > 1 or len(first) * len(second) > _MOST_PAIRS or not _opposed(first, second):
        return None
    counts = problem.distinct.counts
    return RatioSweep((first, second), labels.positive, counts, decision, least, problem.scoring)


def _log_ratio(
    problem: Problem, labels: Labels, hidden: HiddenRanges, ratio: RatioSweep
) -> tuple[LogRatioSweep, list[LogNeuron]] | None:
    """Build the bounds by logarithms, if samples count equally and the inputs are first-layer neurons."""
    columns = problem.network.layers[-1][0].input_columns()
    if len(problem.network.layers) > 2 or not ratio.is_plain:
        return None
    ends = [hidden.range_of_first(k) for k in columns]
    first, second = (grid.values for grid in problem.space.grids[-2:])
    scale = find_scale((first, second), labels.decision, min(float(end.low.min()) for end in ends))
    if scale is None:
        return None
    greatest = max(float(end.high.max()) for end in ends)
    farthest = max(abs(scale.least), float(np.log(max(greatest, 1.0))))
    order = np.argsort(~labels.positive, kind="stable")
    return LogRatioSweep(labels.positive, scale, farthest), hidden.log_neurons(columns, order, scale.least)


def _cancelling(problem: Problem, labels: Labels, hidden: HiddenRanges) -> CancellingWeights | None:
    """Build the scores of two equal hidden neurons, if these see the data."""
    if len(problem.network.layers) > 2:
        return None
    assert isinstance(problem.scoring, LabelScoring)
    first, second = (np.sort(grid.values) for grid in problem.space.grids[-2:])
    counts = problem.distinct.counts
    equal = CancellingWeights((first, second), labels.positive, counts, labels.decision, problem.scoring)
    return equal if equal.n_pairs <= _MOST_EQUAL else None


def _opposed(first: FloatArray, second: FloatArray) -> bool:
    """Tell whether two weights can be of opposite signs, or one of them 0, and not both."""
    return bool(
        (
            (np.sign(first)[:, np.newaxis] * np.sign(second) <= 0.0)
            & (np.abs(first)[:, np.newaxis] + np.abs(second) > 0.0)
        ).any()
    )


def _spans(problem: Problem) -> FloatArray:
    """Return how far apart neighbouring values of each grid are, on average."""
    return np.array([np.ptp(grid.values) / len(grid) for grid in problem.space.grids])
