"""Boxes in the search for a convex loss: the ranges of the parameters, and the penalty's contribution.

A penalty on counts is not convex. Between 0 and the ends of a box it is replaced by straight lines, its convex hull at
0 and at the ends: a parameter that is halfway to its end counts as half a weight. A limit on how many weights may
differ from 0 becomes a limit on the sum of such fractions. (These are the perspective and big-M relaxations of
mixed-integer programming; Guenlue & Linderoth 2010.)

Sound because `depth` uses the penalty itself. A straight line plus a penalty that adds up over the parameters is least
where each parameter is at an end, at 0 or where a square is least. If only some weights may differ from 0, the least
value takes those that gain most.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias, final

import numpy as np

from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.scoring import L0, L1, L2, Penalty
from minigrid.search.engines.exact.box_quadratic import RIDGE, ROUNDS, SHARES, SHORT, are_fixed, depth, least_in_box

_SETTLED = 1e-6  # of a range
_SPARE = 1e-3  # of the limit of the sum of shares
_FACTOR = 4.0  # the most by which a price changes in one step
_FLAT = 1e-300
_WHOLE = 1.0 - 1e-9  # of a weight
_DEAREST = 1e100


class Region(Protocol):
    """Some boxes of parameters."""

    @property
    def low(self) -> FloatArray:
        """The least values, shape (n_boxes, n_parameters)."""

    @property
    def high(self) -> FloatArray:
        """The greatest values, of the same shape."""

    def __getitem__(self, which: IntArray | BoolArray, /) -> "Region":
        """Choose some of the boxes."""

    def cost(self, points: FloatArray) -> FloatArray:
        """Compute what points cost in addition to the loss, or less, shape (n_boxes,)."""

    def depth(self, gradient: FloatArray, points: FloatArray) -> FloatArray:
        """Compute how far planes plus the cost fall from points to their lowest values, shape (n_boxes,)."""

    def allowed(self, points: FloatArray) -> FloatArray:
        """Move points into the boxes."""

    def sums(self, inputs: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Find the least and the greatest sum of each sample, but for rounding, shape (n_boxes, n_samples) both.

        Args:
            inputs: shape (n_parameters, n_samples).
        """

    def few(self, points: FloatArray) -> FloatArray:
        """Set all but the allowed number of weights to 0, keeping those with the largest shares."""

    def loose(self, points: FloatArray) -> FloatArray:
        """Compute how far parameters that count as part of a weight are from 0, shape (n_boxes, n_parameters)."""

    def least(self, hessian: FloatArray, gradient: FloatArray, points: FloatArray) -> FloatArray:
        """Minimise approximately the sum of a quadratic function and the cost, see `least_in_box`."""


MakeRegion: TypeAlias = Callable[[FloatArray, FloatArray], Region]


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Unpenalized:
    """Boxes without a penalty."""

    low: FloatArray
    high: FloatArray

    def __getitem__(self, which: IntArray | BoolArray, /) -> "Unpenalized":
        return Unpenalized(self.low[which], self.high[which])

    def cost(self, points: FloatArray) -> FloatArray:
        """See `Region`."""
        return np.zeros(len(points))

    def depth(self, gradient: FloatArray, points: FloatArray) -> FloatArray:
        """See `Region`."""
        return depth(gradient, points, self.low, self.high)

    def allowed(self, points: FloatArray) -> FloatArray:
        """See `Region`."""
        inside: FloatArray = np.clip(points, self.low, self.high)
        return inside

    def sums(self, inputs: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See `Region`."""
        middle, reach = (0.5 * self.low + 0.5 * self.high) @ inputs, (0.5 * self.high - 0.5 * self.low) @ np.abs(inputs)
        return middle - reach, middle + reach

    def few(self, points: FloatArray) -> FloatArray:
        """See `Region`."""
        return points

    def loose(self, points: FloatArray) -> FloatArray:
        """See `Region`."""
        return np.zeros_like(points)

    def least(self, hessian: FloatArray, gradient: FloatArray, points: FloatArray) -> FloatArray:
        """See `Region`."""
        return least_in_box(hessian, gradient, points, self.low, self.high)


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Costly:
    """Boxes with a penalty on the parameters.

    Attributes:
        low: see `Region`.
        high: see there.
        share_up: how much of a weight a parameter counts as for each unit above 0, shape (n_boxes, n_parameters).
        share_down: for each unit below.
        most: how many of the weights that may be 0 may differ from it, shape (n_boxes,).
        fixed: the cost that all candidates of a box share, shape (n_boxes,).
        whole: what each whole weight costs.
        straight: what a unit of each parameter costs, shape (n_parameters,).
        square: what its square costs.
    """

    low: FloatArray
    high: FloatArray
    share_up: FloatArray
    share_down: FloatArray
    most: FloatArray
    fixed: FloatArray
    whole: float
    straight: FloatArray
    square: FloatArray

    def __getitem__(self, which: IntArray | BoolArray, /) -> "Costly":
        return replace(
            self,
            low=self.low[which],
            high=self.high[which],
            share_up=self.share_up[which],
            share_down=self.share_down[which],
            most=self.most[which],
            fixed=self.fixed[which],
        )

    def cost(self, points: FloatArray) -> FloatArray:
        """See `Region`."""
        costs: FloatArray = self.fixed + self._costs(points).sum(axis=1)
        return costs

    def depth(self, gradient: FloatArray, points: FloatArray) -> FloatArray:
        """See `Region`."""
        costs, zero = self._costs(points), np.clip(0.0, self.low, self.high)
        at_zero: FloatArray = gradient * (points - zero) + costs - self._costs(zero)
        falls, ends = at_zero, [self.low, self.high]
        if self.square.any():
            steep = np.where(self.square > 0.0, -gradient / (2.0 * np.where(self.square > 0.0, self.square, 1.0)), zero)
            ends.append(np.clip(steep, self.low, self.high))
        for end in ends:
            falls = np.maximum(falls, gradient * (points - end) + costs - self._costs(end))
        falls = np.where(self._first(falls - at_zero), falls, at_zero)
        total: FloatArray = falls.sum(axis=1)
        return np.maximum(total, 0.0)

    def allowed(self, points: FloatArray) -> FloatArray:
        """See `Region`."""
        inside: FloatArray = np.clip(points, self.low, self.high)
        used = self._shares(inside).sum(axis=1)
        part = np.where(used > self.most, self.most / np.maximum(used, 1e-300), 1.0)
        return np.where(self._shared, inside * part[:, np.newaxis], inside)

    def sums(self, inputs: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See `Region`; of weights that may be 0, only those count that add the most."""
        shares = np.array([self._ends(inputs, k) for k in range(len(self.low))])
        return shares[:, 0], shares[:, 1]

    def _ends(self, inputs: FloatArray, box: int) -> tuple[FloatArray, FloatArray]:
        ends = self.low[box][:, np.newaxis] * inputs, self.high[box][:, np.newaxis] * inputs
        low, high = np.minimum(*ends), np.maximum(*ends)
        shared, most = self._shared[box], self.most[box]
        if not most < np.count_nonzero(shared):
            return low.sum(axis=0), high.sum(axis=0)
        few = int(most)
        least, greatest = np.sort(low[shared], axis=0)[:few], np.sort(-high[shared], axis=0)[:few]
        return low[~shared].sum(axis=0) + least.sum(axis=0), high[~shared].sum(axis=0) - greatest.sum(axis=0)

    def few(self, points: FloatArray) -> FloatArray:
        """See `Region`."""
        return np.where(self._first(self._shares(points)), points, 0.0)

    def loose(self, points: FloatArray) -> FloatArray:
        """See `Region`."""
        return np.where(self._shared & (self._shares(points) < _WHOLE), np.abs(points), 0.0)

    def least(self, hessian: FloatArray, gradient: FloatArray, points: FloatArray) -> FloatArray:
        """See `Region`.

        Projected Newton steps as in `least_in_box`, with a price of shares that is solved for along with each step:
        it is such that shares come to what they may, and 0 where they come to less by themselves.
        """
        now, slope, first = points.copy(), gradient.copy(), self._price(gradient)
        price = first
        for _ in range(ROUNDS):
            step, price = self._step(hessian, now, slope, price, first)
            now += step
            slope += (step[:, np.newaxis] @ hessian)[:, 0]
            if (np.abs(step) <= _SETTLED * (self.high - self.low)).all():
                break
        return self.allowed(now)

    def _step(
        self, hessian: FloatArray, now: FloatArray, slope: FloatArray, price: FloatArray, first: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Find a better price, and a step that is good at it.

        Args:
            hessian: of the quadratic function.
            now: where to go from, shape (n_boxes, n_parameters).
            slope: of the quadratic function there.
            price: of a share, shape (n_boxes,).
            first: the first guess of it.

        Returns:
            The steps, shape (n_boxes, n_parameters), and the prices.
        """
        kinked = self._shared | (self.straight > 0.0)
        dear = (self.whole + price)[:, np.newaxis]
        rise, fall = self.straight + dear * self.share_up, self.straight + dear * self.share_down
        side = np.where(now != 0.0, np.sign(now), np.where(slope < -rise, 1.0, np.where(slope > fall, -1.0, 0.0)))
        force = slope + 2.0 * self.square * now + np.where(side > 0.0, rise, np.where(side < 0.0, -fall, 0.0))
        goes = (self.low < self.high) & ~are_fixed(force, now, self.low, self.high) & ~(kinked & (side == 0.0))
        shares = np.where(side > 0.0, self.share_up, -self.share_down)
        left = self.most - self._shares(now).sum(axis=1)
        bound = np.isfinite(self.most) & ((price > 0.0) | (left < 0.0))
        force_free = force - price[:, np.newaxis] * shares
        system = hessian, force_free, np.where(bound[:, np.newaxis], shares, 0.0), np.where(bound, left, 0.0)
        step, sought = self._solve(goes, *system)
        blocked = goes & (
            kinked & (now == 0.0) & (step * side < 0.0)
            | (now <= self.low) & (step < 0.0)
            | (now >= self.high) & (step > 0.0)
        )
        again = np.flatnonzero(blocked.any(axis=1))
        if again.size:
            step[again], sought[again] = self._solve((goes & ~blocked)[again], *(part[again] for part in system))
        # Until it is known which parameters differ from 0, the solution may mislead: take small steps.
        spare = _SPARE * self.most
        wrong = np.where(left < -spare, sought < price, (left > spare) & (sought > price))
        sought = np.where(wrong, np.where(left < 0.0, 2.0, 0.5) * price, sought)
        sought = np.minimum(sought, np.maximum(_FACTOR * price, first))
        price = np.where(left < spare, np.maximum(sought, price / _FACTOR), sought)
        diagonal = self._diagonal(hessian)
        alone = np.where(goes & (diagonal > 0.0), -force / np.maximum(diagonal, _FLAT), 0.0)
        low = np.where(kinked & (side > 0.0), np.maximum(self.low, 0.0), self.low)
        high = np.where(kinked & (side < 0.0), np.minimum(self.high, 0.0), self.high)
        tried = np.concatenate([SHARES * step[:, np.newaxis], SHORT * alone[:, np.newaxis]], axis=1)
        tried = np.clip(now[:, np.newaxis] + tried, low[:, np.newaxis], high[:, np.newaxis])
        moved = tried - now[:, np.newaxis]
        rises = moved @ hessian
        gains = -((slope[:, np.newaxis] + 0.5 * rises) * moved).sum(axis=2)
        gains -= (self._costs(tried.swapaxes(0, 1), price) - self._costs(now, price)).sum(axis=2).T
        rows, best = np.arange(len(now)), np.argmax(gains, axis=1)
        best_step: FloatArray = np.where(gains[rows, best, np.newaxis] > 0.0, moved[rows, best], 0.0)
        return best_step, price

    def _solve(
        self, goes: BoolArray, hessian: FloatArray, force: FloatArray, shares: FloatArray, left: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Solve for the best step of some parameters as though they had no ends, with as many shares as are left."""
        diagonal = self._diagonal(hessian)
        factor = np.where(goes & (diagonal > 0.0), 1.0 / np.sqrt(np.maximum(diagonal, _FLAT)), 0.0)
        row = shares * factor
        size = np.abs(row).max(axis=1)
        bound, size = size > 0.0, np.where(size > 0.0, size, 1.0)
        row = row / size[:, np.newaxis]
        system = np.zeros((len(goes), goes.shape[1] + 1, goes.shape[1] + 1))
        system[:, :-1, :-1] = hessian * factor[:, :, np.newaxis] * factor[:, np.newaxis, :]
        np.einsum("nii->ni", system)[:, :-1] = 1.0 + RIDGE
        system[:, -1, :-1], system[:, :-1, -1], system[:, -1, -1] = row, row, np.where(bound, 0.0, 1.0)
        wanted = np.concatenate([-factor * force, np.where(bound, left / size, 0.0)[:, np.newaxis]], axis=1)
        solved = np.linalg.solve(system, wanted[:, :, np.newaxis])[:, :, 0]
        return factor * solved[:, :-1], np.maximum(solved[:, -1] / size, 0.0)

    def _diagonal(self, hessian: FloatArray) -> FloatArray:
        diagonal: FloatArray = np.einsum("nii->ni", hessian) + 2.0 * self.square
        return diagonal

    @property
    def _shared(self) -> BoolArray:
        """Tell which parameters count as parts of weights."""
        shared: BoolArray = (self.share_up + self.share_down) > 0.0
        return shared

    def _first(self, gains: FloatArray) -> BoolArray:
        """Choose as many of the parameters that count as parts of weights as may differ from 0, and all others."""
        if not np.isfinite(self.most).any():
            return np.ones_like(gains, dtype=np.bool_)
        order = np.argsort(np.where(self._shared, -gains, np.inf), axis=1, kind="stable")
        places = np.empty_like(order)
        np.put_along_axis(places, order, np.arange(order.shape[1])[np.newaxis], axis=1)
        first: BoolArray = ~self._shared | (places < self.most[:, np.newaxis])
        return first

    def _shares(self, points: FloatArray) -> FloatArray:
        shares: FloatArray = self.share_up * np.maximum(points, 0.0) + self.share_down * np.maximum(-points, 0.0)
        return shares

    def _costs(self, points: FloatArray, price: FloatArray | float = 0.0) -> FloatArray:
        """Compute each parameter's cost, including a price of shares; shape (..., n_boxes, n_parameters) both."""
        whole = self.whole + np.reshape(price, (-1, 1))
        costs: FloatArray = whole * self._shares(points) + self.straight * np.abs(points)
        return costs + self.square * points * points

    def _price(self, gradient: FloatArray) -> FloatArray:
        """Guess the price of a share: the gain of the last weight that is still allowed."""
        gains = np.maximum(-gradient * self.low, -gradient * self.high) - self.whole
        order = -np.sort(-np.where(self._shared, np.maximum(gains, 0.0), 0.0), axis=1)
        last = np.clip(self.most, 1, order.shape[1]).astype(np.int64) - 1
        price: FloatArray = np.where(np.isinf(self.most), 0.0, order[np.arange(len(order)), last])
        return price


def regions_of(penalty: Penalty | None, is_weight: BoolArray, reach: float) -> MakeRegion | None:
    """Return how boxes become regions; None if the penalty does not add up over the parameters.

    Args:
        penalty: of a problem.
        is_weight: shape (n_parameters,).
        reach: no parameter is larger in magnitude.
    """
    ones, nothing = is_weight.astype(np.float64), np.zeros(len(is_weight))
    match penalty:
        case None:
            return Unpenalized
        case L0(strength=strength, at_most=at_most) if strength < _DEAREST:
            return lambda low, high: _counted(low, high, is_weight, strength, at_most)
        case L1(strength=strength) if strength * max(1.0, reach) < _DEAREST:
            return lambda low, high: _added(low, high, strength * ones, nothing)
        case L2(strength=strength) if strength * max(1.0, reach) * max(1.0, reach) < _DEAREST:
            return lambda low, high: _added(low, high, nothing, strength * ones)
        case _:
            return None


def _added(low: FloatArray, high: FloatArray, straight: FloatArray, square: FloatArray) -> Costly:
    unlimited, none, nothing = np.full(len(low), np.inf), np.zeros(len(low)), np.zeros_like(low)
    return Costly(low, high, nothing, nothing, unlimited, none, 0.0, straight, square)


def _counted(low: FloatArray, high: FloatArray, is_weight: BoolArray, strength: float, at_most: int | None) -> Costly:
    free = is_weight & (low <= 0.0) & (high >= 0.0)
    counted = np.count_nonzero(is_weight & ~free, axis=1)
    most = np.full(len(low), np.inf) if at_most is None else np.maximum(at_most - counted, 0.0)
    full = free & (most[:, np.newaxis] == 0.0)
    low, high = np.where(full, 0.0, low), np.where(full, 0.0, high)
    share_up = np.where(free & (high > 0.0), 1.0 / np.where(high > 0.0, high, 1.0), 0.0)
    share_down = np.where(free & (low < 0.0), 1.0 / np.where(low < 0.0, -low, 1.0), 0.0)
    nothing = np.zeros(len(is_weight))
    return Costly(low, high, share_up, share_down, most, strength * counted, strength, nothing, nothing)
