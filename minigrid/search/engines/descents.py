"""Block coordinate descent: find good candidates early by searching a few parameters at a time, the others fixed.

A proof finds the candidates that it needs for pruning by exploring the most promising boxes. If the bounds are far
above all scores, as in networks with biases, they are a poor guide. A descent from a random point then finds a
candidate that lets the proof prune more boxes. If time is short, this candidate is the answer. It is scored like any
other. It changes how long a search takes, but not the result of a search that completes.
"""

import contextlib
import itertools
import math
import time
from collections.abc import Callable, Iterable
from typing import final

import numpy as np

from minigrid._base.halting import Halted, halting, poll, slices, unhalted
from minigrid._base.mixed_radix import all_digits
from minigrid._base.typing import IntArray
from minigrid.scoring import BuiltinScoring, LabelScoring
from minigrid.search.engines.base import Scorer
from minigrid.search.problem import Problem
from minigrid.search.space import SearchSpace, smallest_digits

LARGEST_BLOCK = 2**12
"""The largest number of settings of parameters to search together, unless there are many samples."""

_BLOCK_SUMS = 2**22  # samples to examine for all settings of a block
_ROUNDS = 8
_PATIENCE = 2  # rounds without a better one
_POLISHED_SUMS = 2**29  # samples times weights, for one round
_SPEED_UP = 2.0  # a guess: of two threads, and of long sums, where one candidate is scored on all samples


def blocks_of(space: SearchSpace, parameters: Iterable[int], largest: int) -> list[list[int]]:
    """Split parameters, in their order, into the fewest blocks that are small enough, without those of one value.

    Args:
        space: the grids of the parameters.
        parameters: the positions of the parameters.
        largest: the largest number of settings of a block; a single parameter is a block in any case.
    """
    blocks: list[list[int]] = []
    size = math.inf
    for k in parameters:
        length = len(space.grids[k])
        if length == 1:
            continue
        size *= length
        if size > largest:
            blocks.append([])
            size = length
        blocks[-1].append(k)
    return blocks


@final
class Descents:
    """Runs coordinate descent from random points, with a penalty first from the smallest weights.

    Attributes:
        n_begun: how many descents there were.
        n_tried: how many candidates they scored, some of them several times.
    """

    def __init__(
        self,
        problem: Problem,
        scorer: Scorer,
        *,
        largest_block: int = LARGEST_BLOCK,
        most_samples: int | None = None,
        from_smallest: bool = False,
        seconds_left: Callable[[], float] | None = None,
    ) -> None:
        """Begin.

        Args:
            problem: the problem to search.
            scorer: the engine that scores the candidates.
            largest_block: the largest number of settings to search together; 1: a single parameter at a time.
            most_samples: on how many samples, drawn at random, to compare candidates. The end point is then scored on
                all samples, and improved there if it is the best so far and they are not too many. None: on all.
            from_smallest: whether the first descent starts at the smallest weights. There a bias alone predicts
                something that fits without the features, such as the most frequent label.
            seconds_left: returns the time until the end point must be scored. A descent on some of the samples ends
                early enough to score it on all. Default None: there is time enough.
        """
        self.n_begun: int = 0
        self.n_tried: int = 0
        self._problem = problem
        self._scorer = scorer
        self._sign = problem.sign
        self._lengths = [len(grid) for grid in problem.space.grids]
        self._compared = problem if most_samples is None else on_few_samples(problem, most_samples)
        self._from_smallest = from_smallest or problem.penalty is not None  # the penalty may forbid all random points
        self._best = -np.inf
        self._seconds_left = seconds_left
        self._seconds_to_score = 0.0  # one candidate on all samples
        self._is_polished = sum(self._lengths) * len(self._lengths) * problem.n_samples <= _POLISHED_SUMS
        self._chunks = {id(own): scorer.chunk_size(own) for own in (self._compared, problem)}  # it takes a while
        self._blocks = self._blocks_up_to(min(largest_block, _BLOCK_SUMS // self._compared.n_samples))

    def descend(self) -> tuple[float, int] | None:
        """Descend from the next point; return the objective and the index of the end point, None for NaN.

        If the work is halted, the end point is the point that it has reached.
        """
        generator = np.random.default_rng(self.n_begun)
        digits = np.array([generator.integers(length) for length in self._lengths], dtype=np.int64)
        if self._from_smallest and not self.n_begun:
            digits = smallest_digits(self._problem.space)
        self.n_begun += 1
        is_on_few = self._compared is not self._problem
        if is_on_few and not self._seconds_to_score:
            ratio = self._problem.n_samples / self._compared.n_samples
            self._seconds_to_score = ratio * self._timed_objective(self._compared, digits)[1] / _SPEED_UP
        with halting((lambda: self.is_last_moment) if is_on_few else None):
            digits, best = self._improve(self._compared, digits, -np.inf, generator)
        if is_on_few and (best > -np.inf or self.n_begun == 1):  # the first has an end point even if there is no time
            self.n_tried += 1
            with unhalted():
                objective, self._seconds_to_score = self._timed_objective(self._problem, digits)
            best = self._sign * objective
            if best > self._best and self._is_polished and not (self._from_smallest and self.n_begun == 1):
                digits, best = self._improve(self._problem, digits, best, generator)
            self._best = max(self._best, best)
        return None if np.isnan(best) or best == -np.inf else (self._sign * best, self._problem.space.index_at(digits))

    def descend_further(self, objective: float, index: int) -> tuple[float, int]:
        """Descend from the end of a descent by larger blocks, on all samples; return the objective and the index.

        Args:
            objective: the objective of the end.
            index: its index.
        """
        blocks = self._blocks_up_to(min(LARGEST_BLOCK, _BLOCK_SUMS // self._problem.n_samples))
        digits, generator = self._problem.space.digits([index])[0], np.random.default_rng(self.n_begun)
        digits, best = self._improve(self._problem, digits, self._sign * objective, generator, blocks)
        return self._sign * best, self._problem.space.index_at(digits)

    def _blocks_up_to(self, largest: int) -> list[list[int]]:
        """Split the parameters of each neuron into blocks of at most this many settings."""
        neurons = [range(own.start, own.stop) for own in itertools.chain(*self._problem.network.parameter_slices)]
        blocks = [block for own in neurons for block in blocks_of(self._problem.space, own, largest)]
        return blocks or [[neurons[0][0]]]

    def _timed_objective(self, problem: Problem, digits: IntArray) -> tuple[float, float]:
        """Compute the objective of one candidate, and return it with the seconds that it took."""
        began = time.perf_counter()
        objective = float(self._scorer.objective(problem, digits[np.newaxis])[0])
        return objective, time.perf_counter() - began

    @property
    def is_last_moment(self) -> bool:
        """Whether there is just time enough, or less, to score one candidate on all samples."""
        return self._seconds_left is not None and self._seconds_left() <= self._seconds_to_score

    def _improve(
        self,
        problem: Problem,
        digits: IntArray,
        best: float,
        generator: "np.random.Generator",
        blocks: list[list[int]] | None = None,
    ) -> tuple[IntArray, float]:
        """Search block after block until none improves; return the positions, and their signed objective."""
        unchanged, blocks = 0, self._blocks if blocks is None else blocks
        with contextlib.suppress(Halted):
            for block in itertools.islice(itertools.cycle(blocks), _ROUNDS * len(blocks)):
                poll()
                found, objective = self._best_of(problem, digits, block, generator)
                unchanged = 1 if objective > best else unchanged + 1
                if objective >= best and objective > -np.inf:  # an equal one, too: others may be better than that
                    digits, best = found, objective
                if unchanged == _PATIENCE * len(blocks):
                    break
        return digits, best

    def _best_of(
        self, problem: Problem, digits: IntArray, block: list[int], generator: "np.random.Generator"
    ) -> tuple[IntArray, float]:
        """Search a block, the other parameters fixed; of equal settings, take any.

        Their signed objective is minus infinity if all are NaN.
        """
        settings = all_digits([self._lengths[k] for k in block])
        best, where = -np.inf, 0
        for some in slices(len(settings), self._chunks[id(problem)]):
            candidates = np.tile(digits, (len(settings[some]), 1))
            candidates[:, block] = settings[some]
            objectives = self._sign * self._scorer.objective(problem, candidates)
            self.n_tried += len(objectives)
            objectives[np.isnan(objectives)] = -np.inf
            top = float(objectives.max())
            if top > best:
                best, where = top, some.start + int(generator.choice(np.flatnonzero(objectives == top)))
        found = digits.copy()
        found[block] = settings[where]
        return found, best


def on_few_samples(problem: Problem, most: int) -> Problem:
    """Return the same problem on some of the samples, or on all, which a custom scoring may need.

    Args:
        problem: any problem.
        most: how many samples to draw at most.
    """
    if problem.n_samples <= most or not isinstance(problem.scoring, BuiltinScoring):
        return problem
    rows = np.sort(np.random.default_rng(0).choice(problem.n_samples, most, replace=False))
    targets = problem.targets[rows]
    if isinstance(problem.scoring, LabelScoring) and len(np.unique(targets)) < len(np.unique(problem.targets)):
        return problem
    weights = None if problem.sample_weight is None else problem.sample_weight[rows]
    if weights is not None and not weights.any():
        return problem
    few = problem.network, problem.space, np.take(problem.columns, rows, axis=1).T, targets, problem.scoring, weights
    return Problem.from_arrays(*few, problem.penalty)
