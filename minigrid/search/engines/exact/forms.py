"""The mean squared error as a quadratic form in the output weights, which bounds it for all weights at once.

With one output that is a weighted sum, the error of hidden rows a_1, ..., a_K is |t - u_1 a_1 - ... - u_K a_K|^2 with
the targets t. Only products of the vectors matter, so one pass over the samples is enough. To eliminate a bias,
subtract its mean from every vector; this is the same as choosing the best bias. Gaussian elimination of the weights
from the form, one by one, leaves the least error of any real weights (variable projection, Golub & Pereyra 1973). This
error bounds the errors of all weights on a grid from below.

Sound under rounding: vectors and weights are scaled so that no vector is longer than 1, and so that the sizes of all
weights add up to at most 1, the targets' included. A ridge, a small number times |u|^2, is added to the form. It
raises an error by at most this number, which is subtracted again, and it keeps every pivot far above the elimination's
own error. The elimination is exact for a form whose numbers differ by a few roundings from the true one (Higham 2002,
theorem 10.3), so its last pivot is off by a few roundings too. `slack` is more than these errors and the plain loop's
own rounding.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import final

import numpy as np

from minigrid._base.halting import slices
from minigrid._base.typing import FloatArray, IntArray
from minigrid.search.engines.exact.rows import RowTree

_TILE = 2**15  # numbers to process together, so that they stay in the cache
_ROUNDING = 2.0**-49
_RIDGE = 32.0  # times the slack


@final
class Forms:
    """The rows of some neurons as vectors, scaled.

    Each leaf of a tree has one. They are numbered in the order of the leaves, tree after tree.

    Attributes:
        offsets: for each axis where its tree's vectors begin.
        reach: more than any output or target, unscaled.
        scales: for each axis, the factor of its output weights. No scaled weight is above 1.
        means: shape (n_vectors,), the mean that was subtracted from each vector.
        target_mean: the same of the targets.
        slack: the largest error of a scaled bound, including the rounding of the plain loop.
        ridge: the number that is added to the squares of all vectors.
    """

    def __init__(
        self, trees: Sequence[RowTree], weights: Sequence[float], bias: float | None, y: FloatArray, share: FloatArray
    ) -> None:
        """Scale the rows.

        Args:
            trees: of each axis.
            weights: the largest size of each axis's output weight.
            bias: the largest size of the bias; None: there is none.
            y: the targets, shape (n_samples,).
            share: the fraction of each sample in the mean, shape (n_samples,).
        """
        distinct = list({id(tree): tree for tree in trees}.values())
        which = [distinct.index(tree) for tree in trees]
        sizes = np.array([np.abs(tree.rows).max() or 1.0 for tree in distinct])
        terms = np.array(weights) * sizes[which]
        self.reach: float = float(terms.sum() + (bias or 0.0) + np.abs(y).max())
        self.scales: FloatArray = sizes[which] / self.reach
        self.slack: float = _ROUNDING * (len(y) + len(trees) + 2.0**8)
        self.ridge: float = _RIDGE * self.slack
        leaves = [np.sort(tree.tree.low[tree.tree.are_leaves]) for tree in distinct]
        self.offsets: IntArray = np.cumsum([0, *map(len, leaves)])[which]
        self._vectors = np.concatenate(
            [tree.rows[tree.tree.settings[own]] / size for tree, own, size in zip(distinct, leaves, sizes, strict=True)]
        )
        self.means: FloatArray = self._vectors @ share if bias is not None else np.zeros(len(self._vectors))
        self._vectors -= self.means[:, np.newaxis]
        self._vectors *= np.sqrt(share)
        target = y / self.reach
        self.target_mean: float = float(target @ share) if bias is not None else 0.0
        self._target = (target - self.target_mean) * np.sqrt(share)
        self._square = float(self._target @ self._target)
        self._squares = np.einsum("ij,ij->i", self._vectors, self._vectors) + self.ridge
        self._along = self._vectors @ self._target

    @property
    def memory(self) -> int:
        """About how many bytes the rows and their vectors take."""
        return 4 * int(self._vectors.nbytes)

    def eliminated(self, tuples: IntArray) -> FloatArray:
        """Eliminate the weights of some tuples of vectors.

        Args:
            tuples: their numbers, shape (n, n_axes).

        Returns:
            Shape (n, n_axes + 1, n_axes + 1): the pivots on the diagonal, the last of which is the least error with
            the ridge, and below it the multiples of each row that were taken off the ones below.
        """
        count = tuples.shape[1]
        form = np.empty((len(tuples), count + 1, count + 1))
        for some in slices(len(tuples), _TILE // len(self._target)):
            own = [self._vectors[numbers] for numbers in tuples[some].T]
            for i, j in itertools.combinations(range(count), 2):
                form[some, i, j] = form[some, j, i] = np.einsum("ij,ij->i", own[i], own[j])
        for k in range(count):
            form[:, k, k] = self._squares[tuples[:, k]]
        form[:, -1, :-1] = form[:, :-1, -1] = self._along[tuples]
        form[:, -1, -1] = self._square
        for k in range(count):
            multiples = form[:, k + 1 :, k] / form[:, k, k, np.newaxis]
            form[:, k + 1 :, k + 1 :] -= multiples[:, :, np.newaxis] * form[:, k, np.newaxis, k + 1 :]
            form[:, k + 1 :, k] = multiples
        return form

    def least(self, tuples: IntArray) -> FloatArray:
        """Bound the scaled errors of some tuples of vectors from below, shape (n,)."""
        return self.without_margin(self.eliminated(tuples)[:, -1, -1])

    def without_margin(self, pivots: FloatArray) -> FloatArray:
        """Take the ridge and all roundings off last pivots: no error is below that."""
        return np.maximum(pivots - self.ridge - self.slack, 0.0)

    def below(self, lists: Sequence[IntArray], limit: float) -> Iterator[tuple[IntArray, FloatArray]]:
        """Find all tuples of vectors, one of each list, whose last pivot is within a limit.

        Args:
            lists: for each axis the numbers of some vectors.
            limit: finite or not.

        Yields:
            Positions in the lists, shape (n, n_axes), and the last pivots, shape (n,).
        """
        later = np.concatenate(lists)
        nothing = np.empty((1, 0), dtype=np.int64)
        begun = _Prefixes(nothing, [], self._squares[later][None], self._along[later][None], np.array([self._square]))
        yield from self._extended(begun, list(lists), limit)

    def _extended(
        self, begun: "_Prefixes", lists: list[IntArray], limit: float
    ) -> Iterator[tuple[IntArray, FloatArray]]:
        own, later = lists[0], lists[1:]
        if not later:
            pivots = begun.along * begun.along
            pivots /= begun.squares
            np.subtract(begun.rest[:, np.newaxis], pivots, out=pivots)
            prefix, last = np.nonzero(pivots <= limit)
            if len(prefix):
                yield np.column_stack([begun.positions[prefix], last]), pivots[prefix, last]
            return
        n_later = sum(map(len, later))
        products = self._vectors[own] @ self._vectors[np.concatenate(later)].T
        n_prefixes = max(1, _TILE // (len(own) * n_later))
        for prefixes in slices(len(begun.rest), n_prefixes):
            for some in slices(len(own), max(1, _TILE // n_later)):
                yield from self._extended(begun.extended(prefixes, some, products[some], len(own)), later, limit)


@final
class _Prefixes:
    """Tuples of vectors on the first axes, and what their elimination leaves of those on the axes after them."""

    def __init__(
        self, positions: IntArray, steps: list[FloatArray], squares: FloatArray, along: FloatArray, rest: FloatArray
    ) -> None:
        """Combine them.

        Args:
            positions: shape (n, n_first_axes), in the lists.
            steps: for each of the first axes what was taken off: its squares off the squares, shape (n, n_later).
            squares: shape (n, n_later), of the vectors, with the ridge.
            along: of the same shape, their products with what is left of the targets.
            rest: shape (n,), the square of that.
        """
        self.positions, self.steps, self.squares, self.along, self.rest = positions, steps, squares, along, rest

    def extended(self, prefixes: slice, own: slice, products: FloatArray, n_own: int) -> "_Prefixes":
        """The tuples with some vectors of the next axis, each with each; `products` are theirs with the later ones."""
        root = 1.0 / np.sqrt(self.squares[prefixes, own])
        part = self.along[prefixes, own] * root
        shape = (*root.shape, products.shape[1])
        step = np.empty(shape)
        step[:] = products
        for other in self.steps:
            step -= other[prefixes, own, np.newaxis] * other[prefixes, np.newaxis, n_own:]
        step *= root[:, :, np.newaxis]
        squares = step * step
        np.subtract(self.squares[prefixes, np.newaxis, n_own:], squares, out=squares)
        along = step * part[:, :, np.newaxis]
        np.subtract(self.along[prefixes, np.newaxis, n_own:], along, out=along)
        rest = (self.rest[prefixes, np.newaxis] - part * part).ravel()
        flat = (len(rest), products.shape[1])
        steps = [np.repeat(other[prefixes, n_own:], root.shape[1], axis=0) for other in self.steps]
        before = np.repeat(self.positions[prefixes], root.shape[1], axis=0)
        turn = np.tile(np.arange(own.start, own.start + root.shape[1]), root.shape[0])
        positions = np.column_stack([before, turn])
        return _Prefixes(positions, [*steps, step.reshape(flat)], squares.reshape(flat), along.reshape(flat), rest)
