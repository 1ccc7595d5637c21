"""Selects and sorts the best of many candidates. `Problem.better` compares two of them.

A *signed* score is the score times `problem.sign`, so that higher is better for losses too. Of equal scores the lowest
index comes first, as in the plain loop, and NaN is never among the best.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

import numpy as np

from minigrid._base.typing import FloatArray, IntArray
from minigrid.search.candidate import Candidate

Best = tuple[tuple[float, int], ...]
"""The best candidates as (score, index), best first, equal scores by index."""


def best_of(found: Iterable[tuple[float, int]], count: int, sign: float) -> Best:
    """Sort candidates, each (score, index), keep the best, and drop repeats."""
    return tuple(sorted(set(found), key=lambda pair: (-sign * pair[0], pair[1]))[:count])


def merged(kept: Sequence[tuple[float, int]], found: Iterable[tuple[float, int]], count: int, sign: float) -> Best:
    """Merge candidates into others that are the best so far, in their order; the same as `best_of` all of them.

    It takes no longer than copying these, so that many can be kept: few candidates are found at a time.
    """

    def key(pair: tuple[float, int]) -> tuple[float, int]:
        return -sign * pair[0], pair[1]

    best, taken = list[tuple[float, int]](), 0
    for pair in sorted(set(found), key=key):
        where = bisect_left(kept, key(pair), lo=taken, key=key)
        if where >= count:
            break
        if where < len(kept) and kept[where] == pair:
            continue
        best += kept[taken:where]
        best.append(pair)
        taken = where
    best += kept[taken:count]
    return tuple(best[:count])


def best_positions(scores: FloatArray, count: int, sign: float) -> IntArray:
    """Find the positions of the best scores, best first. Equal scores keep their order, and NaN is left out.

    Args:
        scores: shape (n_candidates,).
        count: how many to find.
        sign: 1 if higher scores are better, -1 for a loss.

    Returns:
        Positions, shape (n_found,).
    """
    valid = np.flatnonzero(~np.isnan(scores))
    signed = sign * scores[valid]
    if count == 1:
        return valid[[np.argmax(signed)]] if valid.size else valid
    ordered: IntArray = valid[np.argsort(-signed, kind="stable")[:count]]
    return ordered


def best_candidates(candidates: Iterable[Candidate], count: int, sign: float) -> tuple[Candidate, ...]:
    """Sort candidates best first, drop repeats, and put equal scores in order of index, those without one last."""
    distinct = {candidate.parameters.tobytes(): candidate for candidate in candidates if not np.isnan(candidate.score)}

    def key(candidate: Candidate) -> tuple[float, bool, int]:
        return (-sign * candidate.score, candidate.index is None, candidate.index or 0)

    return tuple(sorted(distinct.values(), key=key)[:count])
