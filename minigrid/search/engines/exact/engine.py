"""The exact engine from outside: proves where it can, and scores like the batched engine where it must.

Sound because what is not proven is scored: a problem that cannot be bounded, and candidates that are asked for
one by one, go to the batched engine.
"""

from typing import final

import numpy as np

from minigrid._base.typing import FloatArray, IntArray, override
from minigrid.search.engines.base import Engine, EngineChoice
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact.bounders import make_bounder, why_unbounded
from minigrid.search.engines.exact.branch_and_bound import BranchAndBound
from minigrid.search.problem import Problem

_FEW_SUMS = 2**19  # as many sums are computed while the first boxes are bounded


@final
class ExactEngine(Engine):
    """Searches a whole space by branch and bound.

    Args:
        eager: whether to do so even where scoring every candidate takes no longer, or turns out to be sooner.
    """

    name = "exact"
    threads = True

    def __init__(self, *, eager: bool = True) -> None:
        self._eager = eager
        self._scorer = BatchedEngine()

    @override
    def __repr__(self) -> str:
        return "ExactEngine()" if self._eager else "ExactEngine(eager=False)"

    @override
    def choose(self, problem: Problem, *, whole: bool = True) -> EngineChoice:
        if not whole:
            return EngineChoice("batched", "the candidates are chosen one by one")
        reason = why_unbounded(problem)
        if reason is not None:
            return EngineChoice("batched", f"nothing can be pruned: {reason}")
        if not self._eager and problem.space.size * problem.n_samples <= _FEW_SUMS:
            return EngineChoice("batched", "so few candidates are scored sooner than bounded")
        with np.errstate(all="ignore"):
            bounder = make_bounder(problem)
        if bounder is None:
            return EngineChoice("batched", "nothing can be pruned: weighted sums may overflow")
        why = "asked for" if self._eager else "boxes of candidates can be bounded, so most need no score"
        return EngineChoice(
            "exact",
            why,
            lambda top: BranchAndBound(problem, bounder, self._scorer, top),
            lambda top, state: BranchAndBound.resumed(problem, bounder, self._scorer, top, state),
            falls_back=not self._eager,
        )

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        return self._scorer.score(problem, digits)

    @override
    def chunk_size(self, problem: Problem) -> int:
        return self._scorer.chunk_size(problem)

    @override
    def memory(self, problem: Problem, n_candidates: int) -> int:
        return self._scorer.memory(problem, n_candidates)
