"""Searches without minigrid: a plain loop, batched NumPy, scipy's brute, and CP-SAT on the first job. The first three
run for a given time and count the candidates that they score, and the benchmark estimates the time of the whole grid
from that. All are written as you would by hand, directly on NumPy.
"""

import itertools
import math
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.typing import BoolArray, FloatArray, IntArray
from tests.benchmarks.jobs import ActivationName, SearchJob, close, ripple

BATCH = 2**14
"""Weighted sums in one batch of the hand-written search, the fastest of 2^13 to 2^17 in fresh processes: its
temporary arrays stay below the 128 KiB from which glibc asks the system for new pages each time."""

LARGE_BATCH = 2**17
"""The fastest where there is only one such array, the product itself."""

_EPSILON = 2.0**-52
_SCALE = 10**9  # CP-SAT counts in whole numbers: features are rounded to this fraction of 1


def sigmoid(z: FloatArray, /) -> FloatArray:
    """1 / (1 + e^-z); the jobs' sums are far from where this overflows."""
    return 1.0 / (1.0 + np.exp(-z))


_FUNCTIONS: Mapping[ActivationName, Callable[[FloatArray], FloatArray]] = {
    "sigmoid": sigmoid,
    "sin": np.sin,
    "ripple": ripple,
}


@final
@dataclass(frozen=True, slots=True)
class Slice:
    """The part of a job that a rival did.

    Attributes:
        seconds: it took.
        n_scored: candidates it scored, from the first one on.
        n_candidates: how many the job has.
        score: the best of those that were scored.
        index: of the best, the lowest of equal ones.
    """

    seconds: float
    n_scored: int
    n_candidates: int
    score: float
    index: int

    @property
    def is_whole(self) -> bool:
        """Whether it scored all of them."""
        return self.n_scored == self.n_candidates

    @property
    def whole_seconds(self) -> float:
        """How long all of them take, estimated from the slice."""
        return self.seconds * (self.n_candidates / self.n_scored)


@final
@dataclass(frozen=True, slots=True)
class BranchAndBound:
    """CP-SAT's answer for the first job: how many samples are correct, at least and at most.

    Attributes:
        seconds: it took.
        n_samples: how many there are.
        best: right in the best it found.
        bound: no candidate can have more right.
        optimal: whether it proved the best to be the best.
    """

    seconds: float
    n_samples: int
    best: int
    bound: float
    optimal: bool


def loop(job: SearchJob, seconds: float) -> Slice:
    """Do the course's loop: for each combination, predict every sample and count the correct ones."""
    X, y = job.data.make()
    sign = 1.0 if job.greater_is_better else -1.0
    best, best_index, n_scored = -math.inf, 0, 0
    began = time.perf_counter()
    for combination in itertools.product(job.values, repeat=job.n_parameters):
        score = sign * score_of_one(job, X, y, np.array(combination))
        if score > best:
            best, best_index = score, n_scored
        n_scored += 1
        if time.perf_counter() - began > seconds:
            break
    return Slice(time.perf_counter() - began, n_scored, job.n_candidates, sign * best, best_index)


def batched(job: SearchJob, seconds: float) -> Slice:
    """Search as a NumPy user would: a matrix product for each batch of candidates, and the best of each batch."""
    X, y = job.data.make()
    sign = 1.0 if job.greater_is_better else -1.0
    values, shape = job.values, (job.n_values,) * job.n_parameters
    is_bare = len(job.sizes) == 2 and not job.bias and job.score == "accuracy" and job.output == "sigmoid"
    size = max(1, (LARGE_BATCH if is_bare else BATCH) // len(y))
    best, best_index, stop = -math.inf, 0, 0
    began = time.perf_counter()
    for start in range(0, job.n_candidates, size):
        stop = min(start + size, job.n_candidates)
        parameters = values[np.stack(np.unravel_index(np.arange(start, stop), shape))]
        scores = sign * _scores_of_batch(job, X, y, parameters)
        position = int(np.argmax(scores))
        if scores[position] > best:
            best, best_index = float(scores[position]), start + position
        if time.perf_counter() - began > seconds:
            break
    return Slice(time.perf_counter() - began, stop, job.n_candidates, sign * best, best_index)


def brute(job: SearchJob, seconds: float) -> Slice:
    """Let `scipy.optimize.brute` search as much of the end of the grid's axes as it can in about that time."""
    from scipy.optimize import brute as scipy_brute

    X, y = job.data.make()
    sign = 1.0 if job.greater_is_better else -1.0

    def cost(parameters: FloatArray) -> float:
        return -sign * score_of_one(job, X, y, parameters, count=np.count_nonzero)

    lowest = np.full(job.n_parameters, -job.span)
    began = time.perf_counter()
    n_tried = 0
    while n_tried < 3 or time.perf_counter() - began < min(seconds / 10, 0.1):
        cost(lowest)
        n_tried += 1
    affordable = max(1, int(seconds * n_tried / (time.perf_counter() - began)))
    counts = _block(job, affordable)
    ranges = tuple(slice(-job.span, job.values[count - 1], complex(count)) for count in counts)
    began = time.perf_counter()
    _, least, _, costs = scipy_brute(cost, ranges, full_output=True, finish=None)
    spent = time.perf_counter() - began
    position = int(np.argmin(costs))
    index = np.ravel_multi_index(np.unravel_index(position, tuple(counts)), (job.n_values,) * job.n_parameters)
    return Slice(spent, math.prod(counts), job.n_candidates, -sign * float(least), int(index))


RIVALS: Mapping[str, Callable[[SearchJob, float], Slice]] = {"loop": loop, "batched": batched, "brute": brute}


def cp_sat(job: SearchJob, seconds: float) -> BranchAndBound:
    """Let OR-tools' CP-SAT choose each weight's place in the grid, one neuron without a bias, by accuracy.

    With places i from 0 to n - 1 the weighted sum has the sign of sum(x * (2 i - (n - 1))), in whole numbers
    once the features are. A sample may count as right only where its sum has the sign it should.
    """
    from ortools.sat.python import cp_model

    if job.sizes[1:] != (1,) or job.bias or job.score != "accuracy" or job.output != "sigmoid":
        raise ValueError(f"job: expected one sigmoid neuron without a bias, scored by accuracy; got {job.name}.")
    X, y = job.data.make()
    features = np.rint(X * _SCALE).astype(np.int64).tolist()
    model = cp_model.CpModel()
    places = [model.new_int_var(0, job.n_values - 1, f"place{k}") for k in range(job.n_parameters)]
    rights = [model.new_bool_var(f"right{row}") for row in range(len(y))]
    for row, label, right in zip(features, y.tolist(), rights, strict=True):
        total = sum(2 * x * place for x, place in zip(row, places, strict=True)) - (job.n_values - 1) * sum(row)
        model.add(total >= 1 if label else total <= 0).only_enforce_if(right)
    model.maximize(sum(rights))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = os.cpu_count() or 1
    began = time.perf_counter()
    status = solver.solve(model)
    spent = time.perf_counter() - began
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    best = round(solver.objective_value) if found else 0
    return BranchAndBound(spent, len(y), best, float(solver.best_objective_bound), status == cp_model.OPTIMAL)


def score_of_one(
    job: SearchJob,
    X: FloatArray,
    y: FloatArray | IntArray,
    parameters: FloatArray,
    count: Callable[[FloatArray], int] = sum,  # as in the course: Python's own sum
) -> float:
    """Score one candidate, `parameters` of shape (n_parameters,), without its penalty."""
    outputs = _outputs(job, X, parameters)
    if job.score == "accuracy":
        predicted = (outputs > 0.5).astype(int)
        return float(count(predicted == y)) / len(y)
    if job.score == "mean_squared_error":
        return float(np.mean((outputs - y) ** 2))
    if job.score == "log_loss":
        return float(np.mean(-np.log(np.clip(np.where(y == 1, outputs, 1.0 - outputs), _EPSILON, 1.0 - _EPSILON))))
    return close(y.astype(np.float64), outputs[:, np.newaxis])


def _scores_of_batch(job: SearchJob, X: FloatArray, y: FloatArray | IntArray, parameters: FloatArray) -> FloatArray:
    """Score candidates, `parameters` of shape (n_parameters, n_candidates)."""
    target = y[:, np.newaxis]
    if job.score == "accuracy" and job.output == "sigmoid":
        labels = _sums(job, X, parameters) > 0.0  # where the sigmoid is above one half
        return _shares(labels == (target == 1))
    outputs = _outputs(job, X, parameters)
    if job.score == "accuracy":
        return _shares((outputs > 0.5) == (target == 1))
    if job.score == "mean_squared_error":
        return np.asarray(np.mean((outputs - target) ** 2, axis=0))
    if job.score == "log_loss":
        chances = np.clip(np.where(target == 1, outputs, 1.0 - outputs), _EPSILON, 1.0 - _EPSILON)
        return np.asarray(-np.mean(np.log(chances), axis=0))
    if job.score == "close, in batches":
        return _shares(np.abs(outputs - target) < 0.25)
    targets = y.astype(np.float64)
    return np.array([close(targets, one[:, np.newaxis]) for one in np.ascontiguousarray(outputs.T)])


def _shares(right: BoolArray) -> FloatArray:
    return np.asarray(np.count_nonzero(right, axis=0), dtype=np.float64) / len(right)


def _outputs(job: SearchJob, X: FloatArray, parameters: FloatArray) -> FloatArray:
    return _FUNCTIONS[job.output](_sums(job, X, parameters))


def _sums(job: SearchJob, X: FloatArray, parameters: FloatArray) -> FloatArray:
    """Compute the output neuron's weighted sums, of one candidate or of a batch, one a column."""
    if len(job.sizes) == 2:
        return _with_bias(job, X @ parameters[: X.shape[1]], parameters)
    activation, width = _FUNCTIONS[job.hidden], X.shape[1] + job.bias
    first, second, last = parameters[:width], parameters[width : 2 * width], parameters[2 * width :]
    left = activation(_with_bias(job, X @ first[: X.shape[1]], first))
    right = activation(_with_bias(job, X @ second[: X.shape[1]], second))
    return _with_bias(job, left * last[0] + right * last[1], last)


def _with_bias(job: SearchJob, sums: FloatArray, parameters: FloatArray) -> FloatArray:
    return sums + parameters[-1] if job.bias else sums


def _block(job: SearchJob, n_candidates: int) -> list[int]:
    """Choose how many values each parameter takes so that about that many candidates result: the last vary first."""
    counts: list[int] = []
    for _ in range(job.n_parameters):
        counts.insert(0, min(job.n_values, max(1, n_candidates // math.prod(counts))))
    return counts
