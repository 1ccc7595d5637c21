"""Block coordinate descent: find good candidates early by searching a few parameters at a time, the others fixed.

A proof finds the candidates that it needs for pruning by exploring the most promising boxes. If the bounds are far
above all scores, as in networks with biases, they are a poor guide. A candidate that a descent from a random point
finds then lets the proof prune more boxes. Such a candidate is scored like any other. It changes how long a search
takes, not the search's result.
"""

import itertools
from typing import final

import numpy as np

from minigrid._base.typing import IntArray
from minigrid.search.engines.base import Scorer
from minigrid.search.engines.batched.forward import slices
from minigrid.search.problem import Problem

_LARGEST_BLOCK = 2**12  # settings of parameters to search together,
_BLOCK_SUMS = 2**22  # and samples to examine for them
_ROUNDS = 8


@final
class Descents:
    """Runs coordinate descent from random points.

    Attributes:
        n_begun: how many descents there were.
        n_tried: how many candidates they scored, some of them several times.
    """

    def __init__(self, problem: Problem, scorer: Scorer) -> None:
        self.n_begun: int = 0
        self.n_tried: int = 0
        self._problem = problem
        self._scorer = scorer
        self._sign = problem.sign
        self._lengths = [len(grid) for grid in problem.space.grids]
        self._largest = min(_LARGEST_BLOCK, _BLOCK_SUMS // problem.n_samples)
        self._blocks: list[slice] = []
        for own in itertools.chain(*problem.network.parameter_slices):
            self._blocks += self._parts(own)

    def _parts(self, own: slice) -> list[slice]:
        """Split a neuron's parameters into the fewest blocks that are small enough."""
        parts, start, size = [], own.start, 1
        for k in range(own.start, own.stop):
            size *= self._lengths[k]
            if size > self._largest and k > start:
                parts.append(slice(start, k))
                start, size = k, self._lengths[k]
        return [*parts, slice(start, own.stop)]

    def descend(self) -> tuple[float, int] | None:
        """Descend from the next random point; return the score and the index of the end point, None for NaN."""
        generator = np.random.default_rng(self.n_begun)
        self.n_begun += 1
        digits = np.array([generator.integers(length) for length in self._lengths], dtype=np.int64)
        best, unchanged = -np.inf, 0
        for block in itertools.islice(itertools.cycle(self._blocks), _ROUNDS * len(self._blocks)):
            found, score = self._best_of(digits, block)
            if not score > best:
                unchanged += 1
            else:
                digits, best, unchanged = found, score, 1
            if unchanged == len(self._blocks):
                break
        return None if best == -np.inf else (self._sign * best, self._problem.space.index_at(digits))

    def _best_of(self, digits: IntArray, block: slice) -> tuple[IntArray, float]:
        """Search a block, the other parameters fixed; its signed score is minus infinity if all are NaN."""
        settings = np.indices(self._lengths[block]).reshape(block.stop - block.start, -1).T
        best, where = -np.inf, 0
        for some in slices(len(settings), self._scorer.chunk_size(self._problem)):
            candidates = np.tile(digits, (len(settings[some]), 1))
            candidates[:, block] = settings[some]
            scores = self._sign * self._scorer.objective(self._problem, candidates)
            self.n_tried += len(scores)
            scores[np.isnan(scores)] = -np.inf
            top = int(np.argmax(scores))
            if scores[top] > best:
                best, where = float(scores[top]), some.start + top
        found = digits.copy()
        found[block] = settings[where]
        return found, best
