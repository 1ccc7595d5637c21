"""The base of all engines: one way in, one way out.

An engine scores candidates. Which ones, in what order, on which thread and until when is the
run's business (`run.py`); what to search next is the strategy's.
"""

from abc import ABC, abstractmethod

from minigrid._typing import FloatArray, IntArray
from minigrid.search.problem import Problem


class Engine(ABC):
    """Base of all engines. Its scores are those of the plain loop, to the bit.

    Attributes:
        name: what a user calls it.
        threads: whether `score` may be called on several threads at once.
    """

    name: str = "engine"
    threads: bool = False

    @abstractmethod
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        """Score some candidates.

        Args:
            problem: what is searched.
            digits: shape (n_candidates, n_parameters), each candidate's positions in the grids.

        Returns:
            Their scores, shape (n_candidates,).

        Raises:
            ActivationError, ScoringError: a custom activation or scoring broke its contract.
        """

    @abstractmethod
    def chunk_size(self, problem: Problem) -> int:
        """How many candidates one call of `score` may be given, so that its memory stays bounded."""

    @abstractmethod
    def memory(self, problem: Problem, n_candidates: int) -> int:
        """About how many bytes one call of `score` needs for that many candidates."""
