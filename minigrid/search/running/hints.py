"""Hints: what to try if the data, the grid or a limit keep a result from being better, one line each.

A plan has those that the data and the grid show, a result also those that its best candidate shows. A hint about the
grid of a result rests on a trial: minigrid scores the best weights halved or doubled, which the recommended grid holds.
Hints look at a few thousand samples and a few candidates at most, so that they take a moment; only the best constant
answer is scored on all samples, because it is compared with the result. Custom activations, scorings and penalties are
not called for them.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, final

import numpy as np

from minigrid._base.text import DAY, counted, format_count, format_seconds
from minigrid._base.typing import FloatArray
from minigrid.activations import Activation, Identity
from minigrid.model.neuron import Neuron
from minigrid.scoring import Accuracy, BuiltinScoring, LabelScoring, constant_score
from minigrid.search.candidate import StopReason
from minigrid.search.engines.descents import on_few_samples
from minigrid.search.problem import Problem
from minigrid.search.result import SearchResult
from minigrid.search.space import Grid

_MOST_ROWS = 2**13  # samples to look at
_MOST_SUMS = 2**21  # and terms to add up for one candidate
_FLAT = 0.005  # of its range: so little a saturated activation changes while its sum doubles
_ROUNDING = 1e-9  # of the way from a constant answer to a perfect one
_RARE = 0.8  # of the samples have the most frequent label
_GOOD = 0.9  # of the way from a constant answer to a perfect one: better needs no hint about the data or the grid
_OUTWEIGHED, _OUTWEIGHS_BIAS = 10.0, 2.0  # times
_UNSCALED = 2.5  # the size of a feature that can be scaled down
_FAR_OFF = 5.0  # times the size of a feature
_SMALL_ONES = 0.25  # of the features
_GAIN = 0.01, 0.05  # of a score, or in relation to a loss, that makes another grid worth it
_FEWEST_VALUES = 5  # of a grid whose edge was not meant to be reached
_AT_EDGE = 1 / 3  # of the parameters
_REACH = 2.0  # the size that weighted sums should have
_MUCH = 10.0  # times the time limit, as estimates are rough
_SOON = 10**9  # sums that any machine computes in a moment
_SCALE = "(X - X.mean(axis=0)) / X.std(axis=0)"
_SCALE_SOME = "(X - X.mean(axis=0)) / np.maximum(X.std(axis=0), 1e-9)"  # a feature that is constant stays 0
_LESS = "allow more time, fewer values for each weight, or fewer weights"
_CONTINUE = 'with GridSearchTrainer.fit(..., checkpoint="search.json"), the next call continues it'
_SOONER = "Coordinate(block='parameter', restarts=10) proves nothing, but often finds as good a network sooner"


def ways_out(other: str) -> str:
    """Return hints for a search that takes too long.

    Args:
        other: the name of a strategy that searches less.
    """
    return f"strategy={other!r}, or time_limit=60 (seconds), which gives the best found until then"


def hints_of_plan(
    problem: Problem, least_seconds: float, time_limit: float | None, *, is_whole: bool
) -> tuple[str, ...]:
    """Return the hints that the data, the grid and the time give before a search.

    Args:
        problem: what is to be searched.
        least_seconds: that it is expected to take at least; infinite if that is not known.
        time_limit: seconds after which it will be ended; None: it will not.
        is_whole: whether the whole space is to be searched.
    """
    hints = list(_of_data(problem)) if problem.is_builtin else []
    if time_limit is None and DAY < least_seconds < math.inf:
        hints.append(f"fit refuses a search of more than a day: use fewer values, {ways_out('coordinate')}")
    elif time_limit is not None and is_whole and _MUCH * time_limit < least_seconds < math.inf:
        hints.append(f"the best will hardly be proven in {format_seconds(time_limit)}: {_LESS}")
    return tuple(hints)


def with_hints(result: SearchResult, problem: Problem, most_candidates: int | None, *, is_whole: bool) -> SearchResult:
    """Add hints to a result, from its best candidate and from how the search ended.

    Args:
        result: of a search, without hints.
        problem: what was searched.
        most_candidates: how many it was allowed to score; None: all.
        is_whole: whether the whole space was to be searched.
    """
    hints = list[str]()
    end = "" if result.optimal or not result.gap else _of_end(problem, result.stop_reason, most_candidates, is_whole)
    perfect = problem.scoring.best_possible
    if result.score != perfect and isinstance(problem.scoring, BuiltinScoring) and problem.is_builtin:
        known = problem.targets, problem.network.n_outputs, problem.sample_weight
        constant = constant_score(problem.scoring, *known)
        skill = (result.score - constant) / (perfect - constant) if perfect != constant else 1.0
        if skill < _GOOD:
            hints += _of_data(problem)
        is_learned = skill > _ROUNDING or not math.isfinite(constant)
        instead = "" if is_learned or hints else _instead(problem, constant)
        hints = hints or ([] if instead else list(_of_grid(problem, result.parameters)))
        if not is_learned:
            instead = instead or ("see the next hint" if hints or end else _larger(problem))
            hints.insert(
                0, f"no better than the same answer for all samples ({constant:.6g}){': ' * bool(instead)}{instead}"
            )
    hints += [end] if end else []
    return replace(result, hints=tuple(hints)) if hints else result


def _of_end(problem: Problem, stop_reason: StopReason, most: int | None, is_whole: bool) -> str:
    """Return hints for a result that is not proven, if something can be done."""
    if stop_reason == "time_limit":
        if is_whole:
            return f"not proven in time: {_LESS}; {_SOONER}; {_CONTINUE}"
        return f"the time limit ended the search: allow more time; {_CONTINUE}"
    if stop_reason == "callback":
        return "a callback ended the search"
    if stop_reason == "max_candidates" and not is_whole:
        return "max_candidates ended the search: allow more"
    if stop_reason == "interrupted":
        return f"the search was interrupted: {_CONTINUE}"
    if stop_reason == "max_candidates" and most is not None and is_whole:
        first = f"only the first {format_count(most)} candidates were scored, which are alike"
        return f"{first}: strategy=RandomSample({most}) takes as many from everywhere"
    if stop_reason == "completed" and problem.space.size * problem.n_samples * len(problem.space.grids) <= _SOON:
        return f"not proven: strategy='joint' searches all {format_count(problem.space.size)} candidates"
    return ""


def _instead(problem: Problem, constant: float) -> str:
    """Return hints for a network that has learned nothing, if its penalty and the data show why."""
    if problem.penalty is not None:
        return "try a weaker penalty"
    if problem.targets.ndim > 1:
        if not isinstance(problem.network.layers[-1][0].activation, Identity):
            return "pass output_activation=Identity(), whose outputs can be of any size"
        center, spread = np.abs(problem.targets.mean(axis=0)).max(), problem.targets.std(axis=0)
        if center > spread.max() or not 1.0 / _OUTWEIGHED < spread.min() <= spread.max() < _OUTWEIGHED:
            return "scale the targets, as (y - y.mean(axis=0)) / y.std(axis=0) does"
        return ""
    if not np.ptp(problem.X[_some_rows(problem, _MOST_ROWS)], axis=0).any():
        return "all samples have the same features"
    if isinstance(problem.scoring, Accuracy) and constant > _RARE:
        return "with scoring='balanced_accuracy' or 'log_loss', samples of the rarer label count more"
    return ""


def _larger(problem: Problem) -> str:
    """Name a larger network, if there is a simple one."""
    if not any(neuron.bias is not None for neuron in problem.network.neurons):
        return "give the neurons biases, with bias=True"
    if len(problem.network.layers) == 1:
        sizes = f"{problem.network.n_inputs}, 3, {problem.network.n_outputs}"
        return f"try hidden neurons, such as Network.dense([{sizes}], bias=True)"
    return ""


# The data and the grid --------------------------------------------------------------------------


class _Terms(NamedTuple):
    """What the weights of one neuron of the first layer can add to its sum, for each of its inputs that varies.

    Attributes:
        columns: of the data.
        sizes: about how large their values are, where they are not 0.
        least: the smallest that a weight adds, unless it is 0.
        most: the largest.
        typical: the root of the mean square of what it adds.
        bias: the largest bias; None: the neuron has none.
    """

    columns: FloatArray
    sizes: FloatArray
    least: FloatArray
    most: FloatArray
    typical: FloatArray
    bias: float | None


def _of_data(problem: Problem) -> Iterator[str]:
    """Whether features are too large for the grid, or too many for values as large as its."""
    rows = _some_rows(problem, _MOST_ROWS)
    data = problem.X[rows]
    if problem.sample_weight is not None:
        data = data[problem.sample_weight[rows] > 0.0]
    if not len(data):
        return
    X = np.sort(np.abs(data), axis=0)
    present = np.count_nonzero(X, axis=0)
    # The median of what is not 0: a few samples that are far off say nothing of the others.
    sizes = X[np.minimum(len(X) - present + present // 2, len(X) - 1), np.arange(X.shape[1])]
    squares = np.square(np.minimum(X, _FAR_OFF * sizes)).mean(axis=0)
    varies = np.ptp(data, axis=0) > 0.0
    matters, is_loss = _outputs_matter(problem), not isinstance(problem.scoring, LabelScoring)
    wide = None
    for neuron, own in zip(problem.network.layers[0], problem.network.parameter_slices[0], strict=True):
        terms = _terms(neuron, problem.space.grids[own], sizes, squares, varies)
        if not len(terms.columns) or not terms.least.any():
            continue
        large = int(np.argmax(terms.least))
        small = np.sort(terms.most)[int(_SMALL_ONES * (terms.most.size - 1))]  # a single one may be rare
        outweighs = terms.least[large] > min(_OUTWEIGHED * float(small), _OUTWEIGHS_BIAS * (terms.bias or math.inf))
        is_flat = matters and _is_flat(neuron.activation, terms.least[large])
        if (outweighs or is_flat) and terms.sizes[large] > min(_UNSCALED, _OUTWEIGHED * terms.sizes.min()):
            size, weight = terms.sizes[large], terms.least[large] / terms.sizes[large]
            about = (
                f"X[:, {int(terms.columns[large])}] is about {size:.3g}, too large for weights of {weight:.3g} and up"
            )
            yield f"{about}: scale the features first, as {_SCALE if varies.all() else _SCALE_SOME} does"
            return
        total = float(np.sqrt(np.square(terms.typical).sum()))
        if wide is None and is_loss and _is_flat(neuron.activation, total / 2.0):
            wide = neuron, own, total
    if wide is not None:
        neuron, own, total = wide
        grid = problem.space.grids[own][0]
        factor = 2.0 ** round(math.log2(_REACH / total))
        about = f"with such weights, sums over {counted(len(neuron.input_columns()), 'feature')} are about {total:.2g}"
        yield f"{about}, where {type(neuron.activation).__name__} is flat: try {_scaled(grid, factor)}"


def _terms(neuron: Neuron, grids: Sequence[Grid], sizes: FloatArray, squares: FloatArray, varies: FloatArray) -> _Terms:
    columns = np.array(neuron.input_columns())
    values = [np.abs(grid.values) for grid in grids[: len(columns)]]
    least = np.array([own[own > 0.0].min(initial=np.inf) for own in values])
    least[np.isinf(least)] = 0.0
    most, rms = np.array([own.max() for own in values]), np.array([_rms(grid) for grid in grids[: len(columns)]])
    kept = varies[columns] & (most > 0.0)
    columns, size = columns[kept], sizes[columns[kept]]
    bias = None if neuron.bias is None else float(np.abs(grids[-1].values).max())
    typical = rms[kept] * np.sqrt(squares[columns])
    return _Terms(columns, size, least[kept] * size, most[kept] * size, typical, bias)


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


# The best candidate -----------------------------------------------------------------------------


def _of_grid(problem: Problem, parameters: FloatArray) -> Iterator[str]:
    """Whether weights half or twice as large are better, as a trial shows."""
    grids = problem.space.grids
    free = np.array([len(np.unique(grid.values)) >= _FEWEST_VALUES for grid in grids])
    if not free.any():
        return
    ends = np.array([(grid.values.min(), grid.values.max()) for grid in grids])
    is_end = (parameters == ends[:, 0]) | (parameters == ends[:, 1])
    at_edge = free & is_end & (np.abs(parameters) == np.abs(ends).max(axis=1)) & (parameters != 0.0)
    trial = _Trial(problem)
    own, grid = trial.objective(parameters), grids[int(np.argmax(free))]
    for factor in (0.5, 0.25):
        better = trial.objective(np.where(free, factor * parameters, parameters))
        if trial.is_worth(better, own):
            about = f"the same weights, {factor:g} times as large, would score better ({better:.4g} for {own:.4g})"
            yield f"{about}: try {_scaled(grid, factor)}"
            return
    n_edge = int(at_edge.sum())
    if n_edge < max(1.0, _AT_EDGE * free.sum()):
        return
    for scaled in (at_edge, free):
        better = trial.objective(np.where(scaled, 2.0 * parameters, parameters))
        if trial.is_worth(better, own):
            which = f"{n_edge} of {counted(len(grids), 'parameter')} are at the edge of the grid"
            about = f"{which}, and twice as large would score better ({better:.4g} for {own:.4g})"
            yield f"{about}: try {_scaled(grid, 2.0)}"
            return


@final
class _Trial:
    """Scores candidates, which need not be in the grid, on some of the samples."""

    def __init__(self, problem: Problem) -> None:
        self._problem = on_few_samples(problem, max(_MOST_SUMS // len(problem.space.grids), 1))
        self._gain = _GAIN[0] if problem.scoring.greater_is_better else _GAIN[1]

    def objective(self, parameters: FloatArray) -> float:
        """The objective of one candidate, shape (n_parameters,)."""
        return self._problem.objective(parameters)

    def is_worth(self, objective: float, own: float) -> bool:
        """Whether another objective is so much better than the candidate's own that another grid is worth it."""
        least = self._gain * (1.0 if self._problem.scoring.greater_is_better else abs(own))
        return self._problem.sign * (objective - own) >= least > 0.0


def _scaled(grid: Grid, factor: float) -> str:
    """Name a grid whose values are this many times as large; larger ones keep their steps."""
    low, high = float(grid.values[0]) * factor, float(grid.values[-1]) * factor
    is_even = low < high and np.allclose(np.diff(grid.values), (high - low) / factor / (len(grid) - 1))
    if not is_even:
        return f"values {factor:g} times as large"
    n_values = len(grid) if factor < 1.0 else round((len(grid) - 1) * factor) + 1
    return f"Grid.linspace({low:g}, {high:g}, {n_values})"


def _some_rows(problem: Problem, most: int) -> slice:
    """Samples evenly from all of them, about this many at most."""
    return slice(None, None, -(-problem.n_samples // most))
