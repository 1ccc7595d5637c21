"""Integer programs of the sparse jobs: what HiGHS and CP-SAT are given. Nothing in them is estimated.

A program's variables are the weights, the bias, for each weight whether it is used (0 or 1), and then one for each kind
of sample: whether it is wrong, or its loss. What is made least is the sum over all samples, and what the weights cost.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cache
from typing import final

import numpy as np

from minigrid._base.typing import BoolArray, FloatArray, IntArray, override
from tests.benchmarks.jobs import Axis, SearchJob

UNIT = 10**8
"""Losses are whole multiples of one UNIT-th, rounded down, as CP-SAT counts in whole numbers."""

FIRST_CHORDS = (-3, -1, 0, 2)
"""Sums where chords of each loss begin from the start. With these, HiGHS gets further on S5 than with none."""


@final
@dataclass(frozen=True, slots=True)
class Program:
    """Make cost @ x least, where lower <= x <= upper, and rows @ x >= least.

    Attributes:
        cost: of each variable.
        lower: the least value of each variable.
        upper: the greatest.
        whole: which variables are whole numbers; the others are losses.
        rows: shape (n_rows, n_variables).
        least: what each row must come to.
    """

    cost: FloatArray
    lower: FloatArray
    upper: FloatArray
    whole: BoolArray
    rows: FloatArray
    least: FloatArray


@dataclass(frozen=True, slots=True)
class Formulation(ABC):
    """A sparse job as a program.

    Attributes:
        job: one sigmoid neuron with a bias, whole numbers, features of 0 and 1.
        features: one row for each kind of sample, and a last column of ones for the bias.
        counts: how many samples of each kind there are.
    """

    job: SearchJob
    features: FloatArray
    counts: FloatArray

    @abstractmethod
    def program(self) -> Program:
        """Build the program."""

    @abstractmethod
    def objective(self, total: float) -> float:
        """Turn the least total of the program into what the job compares."""

    @abstractmethod
    def refined(self, parameters: FloatArray) -> "Formulation | None":
        """Return a program that knows these parameters' losses, or None if this one does.

        Until then, it takes them for less than they are. So its least total is a bound, whatever is refined.
        """

    @property
    def reach(self) -> FloatArray:
        """The largest sum of each kind of sample; the least is the same below 0."""
        n_used = np.minimum(self.features[:, :-1].sum(axis=1), most_used(self.job))
        return np.asarray(_bias_span(self.job) + self.job.span * n_used)

    def _framed(self, cost: FloatArray, upper: float, rows: FloatArray, least: FloatArray, *, whole: bool) -> Program:
        """Put a program around what there is for the samples: the weights, the bias, and what they cost.

        Args:
            cost: of the variables of the samples, whose least is 0.
            upper: their greatest value.
            rows: on the weights, the bias and these variables.
            least: of each row.
            whole: whether these variables are whole numbers.
        """
        n, more, job = self.job.sizes[0], len(cost), self.job
        price = 0.0 if job.penalty is None else job.penalty.strength * job.data.n_samples
        own, used, nothing = np.eye(n), job.span * np.eye(n), np.zeros((len(rows), n))
        no_bias, no_more = np.zeros((n, 1)), np.zeros((n, more))
        below = np.hstack([own, no_bias, used, no_more])  # w >= -span * used
        above = np.hstack([-own, no_bias, used, no_more])  # w <= span * used
        count = np.hstack([np.zeros(n + 1), -np.ones(n), np.zeros(more)])
        moved = np.hstack([rows[:, : n + 1], nothing, rows[:, n + 1 :]])
        return Program(
            cost=np.hstack([np.zeros(n + 1), np.full(n, price), cost]),
            lower=np.hstack([np.full(n, -job.span), -_bias_span(job), np.zeros(n + more)]),
            upper=np.hstack([np.full(n, job.span), _bias_span(job), np.ones(n), np.full(more, upper)]),
            whole=np.hstack([np.ones(2 * n + 1, dtype=np.bool_), np.full(more, whole)]),
            rows=np.vstack([below, above, count, moved]),
            least=np.hstack([np.zeros(2 * n), -float(most_used(job)), least]),
        )


@final
@dataclass(frozen=True, slots=True)
class Accuracy(Formulation):
    """Each kind of sample is one row of features, which is labelled as most of its samples are, or is wrong.

    Attributes:
        ones: whether most are 1. Those samples whose label is not that of most are wrong or right in the others'
            place, so only the difference counts.
        lost: how many samples are wrong whatever happens.
    """

    ones: BoolArray
    lost: float

    @override
    def program(self) -> Program:
        """Ask for the sum to have the label's sign, or add enough to it: reach, and 1 for the least sum above 0."""
        signs = np.where(self.ones, 1.0, -1.0)
        escape = np.diag(self.reach + self.ones)
        rows = np.hstack([signs[:, np.newaxis] * self.features, escape])
        return self._framed(self.counts, 1.0, rows, self.ones.astype(np.float64), whole=True)

    @override
    def objective(self, total: float) -> float:
        return 1.0 - (total + self.lost) / self.job.data.n_samples

    @override
    def refined(self, parameters: FloatArray) -> "Accuracy | None":
        return None


@final
@dataclass(frozen=True, slots=True)
class LogLoss(Formulation):
    """Each kind of sample is one row of features with one label, and has a loss above chords of the curve.

    Sums are whole numbers here. So the line through the losses of two neighbouring sums is never above the loss of any
    sum, and exact at these two. A few are there from the start, others once a candidate's sums need them.

    Attributes:
        signs: 1 for the label 1, -1 for 0: what makes a large sum a small loss.
        chords: shape (n_kinds, n_chords), which chords there are; the middle one begins at a sum of 0.
    """

    signs: FloatArray
    chords: BoolArray

    @override
    def program(self) -> Program:
        """Keep each loss above its chords: loss - slope * sum >= loss at the chord's start - slope * start."""
        kinds, places = np.nonzero(self.chords)
        starts, losses = places - self.chords.shape[1] // 2, whole_losses(self.chords.shape[1] // 2)
        slopes = (losses[places + 1] - losses[places]) / UNIT
        own = np.zeros((len(kinds), len(self.counts)))
        own[np.arange(len(kinds)), kinds] = 1.0
        rows = np.hstack([(-slopes * self.signs[kinds])[:, np.newaxis] * self.features[kinds], own])
        return self._framed(self.counts, losses[0] / UNIT, rows, losses[places] / UNIT - slopes * starts, whole=False)

    @override
    def objective(self, total: float) -> float:
        return total / self.job.data.n_samples

    @override
    def refined(self, parameters: FloatArray) -> "LogLoss | None":
        sums = self.signs * (self.features @ parameters)
        is_whole = np.abs(sums - np.rint(sums)) < 1e-9
        last, kinds = self.chords.shape[1] - 1, np.arange(len(sums))
        after = np.clip(np.floor(sums + 1e-9).astype(np.int64) + self.chords.shape[1] // 2, 0, last)
        before = np.where(is_whole, np.maximum(after - 1, 0), after)
        if (self.chords[kinds, before] | self.chords[kinds, after]).all():
            return None
        chords = self.chords.copy()
        chords[kinds, before] = chords[kinds, after] = True
        return replace(self, chords=chords)


def formulate(job: SearchJob) -> Formulation:
    """Write a job as a program.

    Raises:
        ValueError: it is not one of those that can be.
    """
    X, y = job.data.make()
    steps = [axis.step for axis in (Axis(job.span, job.n_values), job.biases) if axis is not None]
    if job.sizes[1:] != (1,) or not job.bias or job.output != "sigmoid" or job.score not in ("accuracy", "log_loss"):
        raise ValueError(f"job: expected one sigmoid neuron with a bias, accuracy or log loss; got {job.name}.")
    if any(step != 1.0 for step in steps) or not np.isin(X, (0.0, 1.0)).all():
        raise ValueError(f"job: expected weights of whole numbers and features of 0 and 1; got {job.name}.")
    kinds, kind_of = np.unique(X, axis=0, return_inverse=True)
    features = np.hstack([kinds, np.ones((len(kinds), 1))])
    n_each = np.zeros((len(kinds), 2))
    np.add.at(n_each, (kind_of.ravel(), y.astype(np.int64)), 1.0)
    if job.score == "accuracy":
        ones, counts = n_each[:, 1] > n_each[:, 0], np.abs(n_each[:, 1] - n_each[:, 0])
        kept = counts > 0.0
        return Accuracy(job, features[kept], counts[kept], ones[kept], float(n_each.min(axis=1).sum()))
    rows, labels = np.nonzero(n_each)
    half = round(_bias_span(job) + job.span * most_used(job))
    signs = np.where(labels == 1, 1.0, -1.0)
    chords = np.tile(np.isin(np.arange(-half, half), FIRST_CHORDS), (len(rows), 1))
    return LogLoss(job, features[rows], n_each[rows, labels], signs, chords)


@cache
def whole_losses(half: int) -> IntArray:
    """Return the losses of sums from -half to half in UNIT-ths: a convex curve that is nowhere above the true one.

    Each step from one sum to the next is rounded toward the lower curve, from 0 outward. Steps that grow still do so
    when rounded, so that the curve stays convex.
    """
    exact = UNIT * np.logaddexp(0.0, -np.arange(-half, half + 1, dtype=np.float64))
    steps = np.diff(exact)
    falls = np.hstack([np.ceil(steps[:half]), np.floor(steps[half:])]).astype(np.int64)
    middle = int(np.floor(exact[half]))
    left = middle - np.cumsum(falls[:half][::-1])[::-1]
    return np.hstack([left, [middle], middle + np.cumsum(falls[half:])]).astype(np.int64)


def _bias_span(job: SearchJob) -> float:
    return job.span if job.biases is None else job.biases.span


def most_used(job: SearchJob) -> int:
    """Return how many weights may be other than 0."""
    at_most = None if job.penalty is None else job.penalty.at_most
    return job.sizes[0] if at_most is None else at_most
