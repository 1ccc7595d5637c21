"""The reference engine: the plain loop, as simple as possible. Every other engine must give its answer."""

from typing import final

import numpy as np

from minigrid._base.halting import poll
from minigrid._base.typing import FloatArray, IntArray, override
from minigrid.scoring import call_scoring
from minigrid.search.engines.base import Scorer
from minigrid.search.problem import Problem


@final
class ReferenceEngine(Scorer):
    """Builds each candidate's network, calls it on the data, scores the outputs, and applies the penalty."""

    name = "reference"

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        scores = []
        for parameters in problem.space.values_at(digits):
            poll()
            outputs = problem.outputs(parameters)
            scores.append(call_scoring(problem.scoring, problem.targets, outputs, problem.sample_weight))
        return np.array(scores, dtype=np.float64)

    @override
    def objective(self, problem: Problem, digits: IntArray) -> FloatArray:
        objectives = []
        for parameters, score in zip(problem.space.values_at(digits), self.score(problem, digits), strict=True):
            penalty = problem.penalties(parameters[np.newaxis])[0]
            objectives.append(score - problem.sign * penalty)
        return np.array(objectives, dtype=np.float64)

    @override
    def memory(self, problem: Problem, n_candidates: int) -> int:
        widest, objects = max(problem.network.topology), 1024 * len(problem.network.neurons)
        return objects + 8 * (problem.n_samples * (4 * widest + 12) + n_candidates * (len(problem.space.grids) + 8))
