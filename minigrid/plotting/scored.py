"""Functions that pictures of scores share: they score a network with all values of some parameters, and name these."""

from collections.abc import Mapping, Sequence

import numpy as np

from minigrid._base.halting import slices
from minigrid._base.text import counted, format_count, message
from minigrid._base.typing import ArrayLike, FloatArray
from minigrid._base.validation import as_instance, as_names, as_position, unknown_name
from minigrid.exceptions import InvalidValueError, NoScoreError
from minigrid.model.network import Network
from minigrid.plotting.drawing import check_range, short_name
from minigrid.scoring import Scoring
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.problem import Problem
from minigrid.search.space import Grid, SearchSpace

STEEP = 1e3
"""Times the smallest score: from here on, a linear scale would show only the worst."""

_MOST = 4_000_000  # candidates: twice as many along each of two axes as the largest screen has points


def position_of(network: Network, parameter: object, argument: str, fix: str) -> int:
    """Find a parameter in the network's vector, by its name or position.

    Raises:
        InvalidTypeError: it is neither a name nor a position.
        OutOfRangeError: the network has no parameter at this position.
        UnknownNameError: the network has no parameter of this name.
    """
    names = network.parameter_names
    if not isinstance(parameter, str):
        return as_position(parameter, len(names), argument, "names or positions", fix)
    if parameter not in names:
        raise unknown_name(argument, parameter, names, "names of the network's parameters")
    return names.index(parameter)


def as_drawn_grid(grid: object, fix: str) -> Grid:
    """Check a grid whose values a picture shows.

    Raises:
        InvalidTypeError: it is not a Grid.
        InvalidValueError: some values are too large to be drawn.
    """
    checked = as_instance(grid, Grid, "grid", fix)
    check_range(checked.values, "grid")
    return checked


def score_all_values(
    network: Network,
    grids: Mapping[int, Grid],
    X: ArrayLike,
    y: ArrayLike,
    scoring: Scoring,
    sample_weight: ArrayLike | None,
    *,
    what: str,
) -> tuple[Problem, FloatArray, int]:
    """Score a network with all combinations of values of some parameters, while the others stay fixed.

    Args:
        network: the network. Its other parameters keep their values.
        grids: the values of each parameter, by its position.
        X: shape (n_samples, n_inputs).
        y: the targets.
        scoring: how to score.
        sample_weight: shape (n_samples,), or None.
        what: the name of the combinations in messages.

    Returns:
        The problem, its scores in the order of the candidates, and the index of the best. The first wins a tie.

    Raises:
        InvalidValueError: there are too many combinations.
        NoScoreError: every score is NaN.
    """
    own, names = network.parameters.tolist(), network.parameter_names
    space = SearchSpace.from_grids([grids.get(k, Grid.fixed(value)) for k, value in enumerate(own)], names)
    if space.size > _MOST:
        fix = "Pass a grid of fewer values, such as Grid.linspace(-5, 5, 101)."
        raise InvalidValueError(message("grid", f"at most {_MOST:,} {what}", format_count(space.size), fix))
    with np.errstate(all="ignore"):
        problem = Problem.create(network, space, X, y, scoring, sample_weight)
        scores = _scores_in_chunks(problem)
    if np.isnan(scores).all():
        fix = "If the weighted sums overflow, use smaller values or scale X; else fix the scoring."
        expected = f"a number for at least one of the {what}"
        raise NoScoreError(message(f"scoring {scoring!r}", expected, f"NaN for all {scores.size:,}", fix))
    return problem, scores, int(np.nanargmax(scores) if scoring.greater_is_better else np.nanargmin(scores))


def _scores_in_chunks(problem: Problem) -> FloatArray:
    """Score every candidate in the order of the space, in chunks that fit into memory."""
    engine = BatchedEngine()
    scores = np.empty(problem.space.size)
    for some in slices(problem.space.size, engine.chunk_size(problem)):
        scores[some] = engine.score(problem, problem.space.digits(range(some.start, some.stop)))
    return scores


def parameter_labels(network: Network, feature_names: Sequence[str] | None, X: object = None) -> tuple[str, ...]:
    """Name each parameter for a reader. If inputs have names, a weight of an input also shows the input's name.

    Args:
        network: the network that has the parameters.
        feature_names: a name for each input; None: the columns' names of a data frame, or none.
        X: the data, which may be a data frame.

    Raises:
        InvalidTypeError: a name is not text.
        ShapeError: there is not one name for each input.
    """
    inputs = getattr(X, "columns", None) if feature_names is None else feature_names
    if inputs is None:
        return network.parameter_names
    if feature_names is None:
        inputs = [str(column) for column in inputs]
    count = network.n_inputs
    fix = "Pass one name for each column of X."
    named = as_names(inputs, "feature_names", count, f"{counted(count, 'name')}, one for each input", fix)
    labels = list(network.parameter_names)
    for neuron, own in zip(network[0], network.parameter_slices[0], strict=True):
        for position, column in zip(range(own.start, own.stop), neuron.input_columns(), strict=False):
            labels[position] += f" ({named[column]})"
    return tuple(labels)


def scale_label(scoring: str, *, greater_is_better: bool) -> str:
    """Name a scale of scores, from the repr of the scoring."""
    return f"{short_name(scoring)}, {'higher' if greater_is_better else 'lower'} is better"
