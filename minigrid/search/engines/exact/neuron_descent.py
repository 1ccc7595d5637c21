"""Coordinate descent, neuron by neuron: find a good candidate before the search starts.

One neuron at a time takes the best of its settings while the other neurons stay fixed. The settings of a hidden neuron
are rows of a table, and every setting of an output neuron is a sum of the rows that it sees, so trying a setting is
cheap. If a neuron has many settings, each step draws some of them at random. The descents start at random points, and
later at the best end point so far, with the row of one neuron drawn again.

After the descents come passes over rows. A pass tries all rows of one neuron together with all settings of the last
layer, while the rows of the other neurons stay fixed. The first pass starts from the rows of the best candidate, later
ones from those of the other end points.

Every candidate found here is scored like any other. It changes how long a search takes, not the search's result.
"""

import itertools
from collections.abc import Sequence
from typing import final

import numpy as np

from minigrid._base.halting import Halted, is_halted, poll
from minigrid._base.mixed_radix import split_digits
from minigrid._base.typing import FloatArray, IntArray
from minigrid.search.engines.base import Scorer
from minigrid.search.engines.exact.explore import Method
from minigrid.search.engines.exact.incumbents import Incumbents
from minigrid.search.engines.exact.rows import RowTree, all_settings
from minigrid.search.problem import Problem

_AT_ONCE = 2**16  # samples that are processed together
_STEP = 2**12  # samples: the cost of the rest of a step
_ROUNDS = 8
_PART = 2**9  # at most one in this many samples of all candidates is examined
_AFRESH = 8  # one in this many points is random
_ENDS_AT_ONCE, _PATIENCE = 8, 2  # end points per pass, and how many passes may bring nothing


@final
class Alternation:
    """Improves points neuron by neuron; a point is a setting of each neuron, those with rows first.

    Attributes:
        n_examined: about how many samples were examined.
    """

    def __init__(self, method: Method, problem: Problem, trees: Sequence[RowTree], kept: IntArray | slice) -> None:
        """Arguments as for `begin`."""
        self._judge, self._trees, self._kept = method.judge, trees, kept
        self.n_examined: int = 0
        n_rows = len(trees)
        own = itertools.chain(*problem.network.parameter_slices)
        self._shapes = [[len(grid) for grid in problem.space.grids[some]] for some in own]
        self._generator = np.random.default_rng(0)
        if len(problem.network.layers) > 1:
            last = problem.network.parameter_slices[-1]
            self._values = [all_settings(problem.space.grids[some]) for some in last]
            neurons = problem.network.layers[-1]
            self._columns = [[*out.input_columns(), *([n_rows] if out.bias is not None else [])] for out in neurons]
        else:  # the rows are the outputs
            self._values = [np.ones((1, 1))] * n_rows
            self._columns = [[k] for k in range(n_rows)]
        self._lengths = [*(len(tree.rows) for tree in trees), *map(len, self._values)]
        order = [*range(n_rows, len(self._lengths)), *range(n_rows)]
        self._order = [k for k in order if self._lengths[k] > 1] or [0]
        self._inputs = np.ones((n_rows + 1, len(trees[0].rows[0, kept])))

    def improve(self, point: list[int]) -> float:
        """Improve a point until no neuron finds anything better, or for some rounds; return its rating."""
        for k, tree in enumerate(self._trees):
            self._inputs[k] = tree.rows[point[k], self._kept]
        best, unchanged, n_samples = -np.inf, 0, self._inputs[0].size
        for neuron in itertools.islice(itertools.cycle(self._order), _ROUNDS * len(self._order)):
            poll()
            length, most = self._lengths[neuron], max(1, _AT_ONCE // n_samples)
            some = np.arange(length) if length <= most else self._generator.integers(length, size=most)
            scores = np.nan_to_num(self._judge(self._sums(point, neuron, some)), nan=-np.inf)
            self.n_examined += len(some) * n_samples + _STEP
            top = int(np.argmax(scores))
            unchanged += 1
            if scores[top] > best:
                best, unchanged, point[neuron] = float(scores[top]), 1, int(some[top])
                if neuron < len(self._trees):
                    self._inputs[neuron] = self._trees[neuron].rows[point[neuron], self._kept]
            if unchanged >= len(self._order):
                break
        return best

    def digits(self, point: list[int]) -> IntArray:
        """The positions of a point in all grids, shape (1, n_parameters)."""
        parts = [split_digits(np.array([k]), shape) for k, shape in zip(point, self._shapes, strict=False)]
        return np.concatenate(parts, axis=1)

    def _sums(self, point: list[int], neuron: int, some: IntArray) -> list[FloatArray]:
        """The sums of each output neuron if some settings of a neuron are tried, shape (n or 1, n_samples)."""
        changes: FloatArray | None = None
        if neuron < len(self._trees):
            changes = self._trees[neuron].rows[some][:, self._kept] - self._inputs[neuron]
        sums = []
        for k, (values, columns) in enumerate(zip(self._values, self._columns, strict=True), start=len(self._trees)):
            weights = values[some] if k == neuron else values[point[k]][np.newaxis]
            total: FloatArray = weights @ self._inputs[columns]
            if changes is not None and neuron in columns:
                total = changes * weights[0, columns.index(neuron)] + total
            sums.append(total)
        return sums

    def drawn(self, base: list[int] | None) -> list[int]:
        """Draw a random point, or one that differs from another in one row."""
        point = [int(self._generator.integers(length)) for length in self._lengths]
        if base is not None:
            changed = int(self._generator.integers(len(self._trees)))
            point = [*base[:changed], point[changed], *base[changed + 1 :]]
        return point


def begin(
    method: Method,
    problem: Problem,
    scorer: Scorer,
    trees: Sequence[RowTree],
    incumbents: Incumbents,
    work: float,
    pass_work: float = 0.0,
    kept: IntArray | slice = slice(None),
) -> int:
    """Find good candidates and keep them; return how many were examined.

    Args:
        method: searches the problem; the first of its axes are those of `trees`.
        problem: the problem to search; the first layer has the neurons of `trees`, and at most one layer follows.
        scorer: scores what is found.
        trees: the rows.
        incumbents: what is found is kept there.
        work: about how many samples to examine for single neurons, but at most a small part of all.
        pass_work: the same in passes over rows.
        kept: the samples that `method.judge` is given the sums of.
    """
    everything = problem.space.size * problem.n_samples // _PART
    work, pass_work = min(work, everything), min(pass_work, everything)
    alternation = Alternation(method, problem, trees, kept)
    ends: list[tuple[float, list[int]]] = []
    best, n_scored = -np.inf, 0
    base: list[int] | None = None
    while not ends or alternation.n_examined < work:
        point = alternation.drawn(base if len(ends) % _AFRESH else None)
        try:
            score = alternation.improve(point)
        except Halted:
            break
        ends.append((score, point))
        if score > best:
            digits = alternation.digits(point)
            incumbents.keep(problem.sign * scorer.objective(problem, digits), digits)
            n_scored += 1
            if _is_perfect(problem, incumbents):
                return n_scored
        if score >= best:
            best, base = score, point
    if not ends:
        return n_scored
    ends.sort(key=lambda end: -end[0])
    rows = np.array([point[: len(trees)] for _, point in ends], dtype=np.int64)
    return n_scored + pass_over_rows(method, problem, incumbents, rows, pass_work)


def pass_over_rows(method: Method, problem: Problem, incumbents: Incumbents, ends: IntArray, work: float) -> int:
    """Find a better candidate than the best so far: explore nodes that are leaves of all neurons but one.

    Args:
        method: bounds nodes.
        problem: the problem to search.
        incumbents: the best so far; what is found is kept there.
        ends: settings of the first layer's neurons that may be good, shape (n, n_neurons): tried after those of the
            best, until some of them bring nothing.
        work: about how much work to do.

    Returns:
        How many candidates were examined.
    """
    axes, n_rows = method.axes, ends.shape[1]
    n_scored, start, idle, best = 0, 0, 0, None
    done: set[tuple[int, ...]] = set()
    while work > 0.0 and incumbents.first and not _is_perfect(problem, incumbents) and not is_halted():
        if incumbents.first != best:
            best, idle = incumbents.first, 0
            settings = axes.settings(problem.space.digits([best[1]]))[:, :n_rows]
        elif start < len(ends) and idle < _PATIENCE:
            settings, start, idle = ends[start : start + _ENDS_AT_ONCE], start + _ENDS_AT_ONCE, idle + 1
        else:
            break
        nodes = np.zeros((len(settings), len(axes.trees)), dtype=np.int64)  # roots
        for k in range(n_rows):
            nodes[:, k] = axes.trees[k].leaves_of(settings[:, k])
        lines = np.repeat(nodes, n_rows, axis=0)
        lines[np.arange(len(lines)), np.arange(len(lines)) % n_rows] = 0
        new = dict.fromkeys(line for line in map(tuple, axes.ascending(lines).tolist()) if line not in done)
        done.update(new)
        if new:
            explored = method.explore(np.array(list(new)), np.full(len(new), np.inf), incumbents, work)
            n_scored += explored.n_scored
            work -= explored.work
    return n_scored


def _is_perfect(problem: Problem, incumbents: Incumbents) -> bool:
    """Tell whether nothing can be better than the best so far."""
    return incumbents.first is not None and incumbents.first[0] == problem.scoring.best_possible
