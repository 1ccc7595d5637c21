"""Selects and sorts the best of many candidates. `Problem.better` compares two of them.

A *signed* objective is the objective times `problem.sign`, so that higher is better for losses too. Of equal objectives
the lowest index comes first, as in the plain loop, and NaN is never among the best.
"""

from bisect import bisect_left
from collections.abc import Iterable
from typing import final

import numpy as np

from minigrid._base.typing import FloatArray, IntArray
from minigrid.search.candidate import Candidate

Best = tuple[tuple[float, int], ...]
"""The best candidates as (objective, index), best first, equal ones by index."""


def best_of(found: Iterable[tuple[float, int]], count: int, sign: float) -> Best:
    """Sort candidates, each (objective, index), keep the best, and drop repeats."""
    return tuple(sorted(set(found), key=lambda pair: (-sign * pair[0], pair[1]))[:count])


@final
class Ranking:
    """The best candidates so far, to which others are added: in the end the same as `best_of` all of them.

    Candidates are found by the thousand, so adding them takes little more than copying those that are kept.

    Attributes:
        count: how many to keep.
    """

    def __init__(self, best: Iterable[tuple[float, int]], count: int, sign: float) -> None:
        """Begin.

        Args:
            best: the best so far, as (objective, index), in their order.
            count: how many to keep.
            sign: 1 if higher objectives are better, -1 for a loss.
        """
        self.count: int = count
        self._sign = sign
        self._best = list(best)
        self._keys = [(-sign * objective, index) for objective, index in self._best]  # in ascending order

    @property
    def best(self) -> Best:
        """The best candidates."""
        return tuple(self._best)

    @property
    def first(self) -> tuple[float, int] | None:
        """The best candidate, if there is any."""
        return self._best[0] if self._best else None

    @property
    def worst(self) -> tuple[float, int] | None:
        """The worst candidate that is kept, which others must beat; None while fewer are kept than asked for."""
        return self._best[-1] if len(self._best) == self.count else None

    def copy(self) -> "Ranking":
        """Copy it, so that others can be added separately."""
        other = Ranking((), self.count, self._sign)
        other._best, other._keys = self._best, self._keys  # which are replaced, and never changed
        return other

    def add(self, found: Iterable[tuple[float, int]]) -> bool:
        """Add candidates, as (objective, index) in any order; tell whether the best changed."""
        sign, keys = self._sign, self._keys
        new = sorted({(-sign * objective, index) for objective, index in found})
        if len(keys) == self.count:
            new = new[: bisect_left(new, keys[-1])]
        best, merged, taken, n_new = list[tuple[float, int]](), list[tuple[float, int]](), 0, 0
        for key in new:
            where = bisect_left(keys, key, taken)
            if where < len(keys) and keys[where] == key:
                continue
            best += self._best[taken:where]
            merged += keys[taken:where]
            best.append((-sign * key[0], key[1]))
            merged.append(key)
            taken = where
            n_new += 1
        if not n_new:
            return False
        best += self._best[taken:]
        merged += keys[taken:]
        self._best, self._keys = best[: self.count], merged[: self.count]
        return True


def best_positions(objectives: FloatArray, count: int, sign: float) -> IntArray:
    """Find the positions of the best objectives, best first. Equal ones keep their order, and NaN is left out.

    Args:
        objectives: shape (n_candidates,).
        count: how many to find.
        sign: 1 if higher objectives are better, -1 for a loss.

    Returns:
        Positions, shape (n_found,).
    """
    valid = np.flatnonzero(~np.isnan(objectives))
    signed = sign * objectives[valid]
    if count == 1:
        return valid[[np.argmax(signed)]] if valid.size else valid
    if count < valid.size:
        good = signed >= np.partition(signed, -count)[-count]
        valid, signed = valid[good], signed[good]
    ordered: IntArray = valid[np.argsort(-signed, kind="stable")[:count]]
    return ordered


def best_candidates(candidates: Iterable[Candidate], count: int, sign: float) -> tuple[Candidate, ...]:
    """Sort candidates best first, drop repeats, and put equal ones in order of index, those without one last."""
    distinct = {
        candidate.parameters.tobytes(): candidate for candidate in candidates if not np.isnan(candidate.objective)
    }

    def key(candidate: Candidate) -> tuple[float, bool, int]:
        return (-sign * candidate.objective, candidate.index is None, candidate.index or 0)

    return tuple(sorted(distinct.values(), key=key)[:count])
