"""`check_scoring` accepts correct scorings, and explains what is wrong with faulty ones."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pytest
from typing_extensions import override

import minigrid
from minigrid import (
    FloatArray,
    FunctionScoring,
    InvalidTypeError,
    Scoring,
    ScoringError,
)
from minigrid.testing import check_scoring
from tests.problems import LABEL_SCORINGS, NUMBER_SCORINGS, OWN_SCORINGS
from tests.profile import in_turn
from tests.testing.users import UnprintableScoring

# Scorings ---------------------------------------------------------------------------------------


def cost(errors: FloatArray) -> FloatArray:
    return np.minimum(np.abs(errors), 1.0)


def capped(y_true: FloatArray, outputs: FloatArray, sample_weight: FloatArray | None = None) -> float:
    return float(np.average(cost(outputs[:, 0] - y_true), weights=sample_weight))


def capped_bounds(
    y_true: FloatArray, lower: FloatArray, upper: FloatArray, sample_weight: FloatArray | None = None
) -> FloatArray:
    nearest = np.clip(y_true, lower[..., 0], upper[..., 0])
    least = cost(nearest - y_true)
    return np.array([np.average(one, weights=sample_weight) for one in least])


bounded_scoring = FunctionScoring(capped, greater_is_better=False, bounds=capped_bounds)


@pytest.mark.parametrize(
    ("right", "n_outputs"),
    in_turn([*LABEL_SCORINGS, *NUMBER_SCORINGS, *OWN_SCORINGS, bounded_scoring], [1, 2, 3]),
    ids=repr,
)
def test_a_right_scoring_passes(right: Scoring, n_outputs: int) -> None:
    if right in OWN_SCORINGS:  # one of the first target alone, the other of all targets as a whole
        check_scoring(right, n_outputs=n_outputs, pairwise=False)
    elif right == bounded_scoring:  # of one output
        check_scoring(right)
    elif right in NUMBER_SCORINGS:
        y = np.random.default_rng(1).normal(size=(20, n_outputs))
        check_scoring(right, y, n_outputs=n_outputs)
    else:
        check_scoring(right, n_outputs=n_outputs)


def test_a_loss_that_is_passed_as_a_bare_function_gets_a_warning() -> None:
    def cost(y_true: FloatArray, outputs: FloatArray) -> float:
        return float(np.mean((y_true - outputs[:, 0]) ** 2))

    with pytest.warns(UserWarning, match="expected a higher score for better outputs.*greater_is_better=False") as seen:
        check_scoring(cost, picklable=False)
    assert seen[0].filename == __file__
    check_scoring(FunctionScoring(cost, greater_is_better=False), picklable=False)


def test_a_bare_function_is_checked_as_the_scoring_it_becomes() -> None:
    check_scoring(hits)
    check_scoring(lambda y_true, outputs: hits(y_true, outputs), picklable=False)
    check_scoring(partial(within, tolerance=0.25))


def within(y_true: FloatArray, outputs: FloatArray, *, tolerance: float) -> float:
    return float(np.mean(np.abs(outputs[:, 0] - y_true) < tolerance))


def counted(*scores: float) -> Callable[[FloatArray, FloatArray], float]:
    calls: list[int] = []

    def my_score(y_true: FloatArray, outputs: FloatArray) -> float:
        calls.append(1)
        return scores[len(calls) % len(scores)]

    return my_score


def writing(y_true: FloatArray, outputs: FloatArray) -> float:
    outputs[0] = 0.0
    return 0.0


def writing_by_force(y_true: FloatArray, outputs: FloatArray) -> float:
    outputs.flags.writeable = True
    outputs[:] = 0.0
    return 0.0


SEEN: list[FloatArray] = []


def keeping(y_true: FloatArray, outputs: FloatArray) -> float:
    SEEN.append(outputs)
    return 0.0


def summed(y_true: FloatArray, outputs: FloatArray, sample_weight: FloatArray | None = None) -> float:
    right = (outputs[:, 0] > 0.5) == y_true
    return float(right.mean() if sample_weight is None else (right * sample_weight).sum())


def hits(y_true: FloatArray, outputs: FloatArray) -> float:
    return summed(y_true, outputs)


def far_too_good(y_true: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    return np.full(len(lower), 0.99)


def capped_simply(y_true: FloatArray, outputs: FloatArray) -> float:
    return capped(y_true, outputs)


def middles(y_true: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    return capped_bounds(y_true, (lower + upper) / 2, (lower + upper) / 2)


class Boastful(Scoring):
    """Declares a limit that is easily beaten."""

    @property
    @override
    def best_possible(self) -> float:
        return 0.25

    @override
    def __call__(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> float:
        return float(((outputs[:, 0] > 0.5) == y_true).mean())


class OffInBatches(Boastful):
    """Gives something else in batches."""

    best_possible = np.inf

    @override
    def batch(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> FloatArray:
        return np.asarray(((outputs[..., 0] > 0.5) == y_true).mean(axis=-1) + 1e-15)


@dataclass
class ThawedScoring(OffInBatches):
    """Not frozen."""

    tolerance: float = 0.1

    @override
    def batch(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> FloatArray:
        return Scoring.batch(self, y_true, outputs, sample_weight)


class NoBounds(Boastful):
    """Its bound is a number."""

    best_possible = np.inf
    bound: Any = 3


def broadcast(y_true: FloatArray, outputs: FloatArray) -> float:
    return float(np.mean((outputs > 0.5) == y_true))


def writing_into_y(y_true: FloatArray, outputs: FloatArray) -> float:
    y_true[0] = 1.0
    return 0.0


def first_sample_forgotten(y_true: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """Takes samples that are alone in having a range for those that have none."""
    alone = np.count_nonzero(upper > lower, axis=(1, 2)) == 1
    low = np.where(alone[:, np.newaxis, np.newaxis], upper, lower)
    return capped_bounds(y_true, low, upper)


def wrong_for(n_boxes: int) -> Callable[[FloatArray, FloatArray, FloatArray], FloatArray]:
    def bounds(y_true: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
        right = capped_bounds(y_true, lower, upper)
        return right + 0.5 if len(lower) == n_boxes else right

    return bounds


def sometimes_random() -> Callable[[FloatArray, FloatArray], float]:
    generator = np.random.default_rng(0)

    def my_score(y_true: FloatArray, outputs: FloatArray) -> float:
        return hits(y_true, outputs) + (0.01 if generator.uniform() < 0.05 else 0.0)

    return my_score


def follower() -> Callable[[FloatArray, FloatArray], float]:
    before: list[float] = [0.0, 0.0]

    def my_score(y_true: FloatArray, outputs: FloatArray) -> float:
        if hits(y_true, outputs) != before[-1]:
            before.append(hits(y_true, outputs))
        return 0.5 * before[-2] + before[-1]

    return my_score


loss = {"greater_is_better": False}

BROKEN_SCORINGS: dict[str, tuple[Any, str]] = {
    "no number": (lambda y_true, outputs: outputs, r"expected one number, got an array of shape \(24, 1\)"),
    "nothing": (lambda y_true, outputs: None, r"expected one number, got None"),
    "raises": (lambda y_true, outputs: {"b": 0.0}["a"], r"got KeyError: 'a'"),
    "one argument": (lambda outputs: 0.0, r"got TypeError: .*positional argument"),
    "NaN": (lambda y_true, outputs: np.log(outputs).sum(), r"a finite score for outputs .*got nan"),
    "not the same again": (counted(0.0, 0.5), r"the same score for the same outputs, got 0\.5 and 0\.0"),
    "writes": (writing, r"ValueError: assignment destination is read-only"),
    "writes by force": (writing_by_force, r"leaves its arguments alone, got one that writes into them"),
    "keeps": (keeping, r"leaves its arguments alone, got one that keeps a reference"),
    "weights": (summed, r"expected [\d.]+ where all weights are 1, as without weights, got [\d.]+"),
    "bounds": (
        FunctionScoring(hits, bounds=far_too_good),
        r"bound of scoring .*a point, .*which score 1\.0.*got 0\.99",
    ),
    "bounds of middles": (
        FunctionScoring(capped_simply, bounds=middles, greater_is_better=False),
        r"bound of scoring .*best score in a box, where \d+ of 24 samples have a range",
    ),
    "bounds of another shape": (
        FunctionScoring(capped_simply, bounds=lambda y, low, high: low),
        r"bound of scoring .*array of shape \(\d+,\)",
    ),
    "best_possible": (Boastful(), r"best_possible of scoring Boastful\(\): expected at best .*, got 0\.25"),
    "batch": (OffInBatches(), r"batch of scoring OffInBatches\(\): expected .*, bit for bit"),
    "cannot be hashed": (ThawedScoring(), r"can be hashed, got TypeError: unhashable"),
    "no name": (
        lambda y_true, outputs: hits(y_true, outputs),
        r"unpickled one .*A lambda has no name.*picklable=False",
    ),
    "its repr raises": (
        UnprintableScoring(),
        r"scoring of class UnprintableScoring: .*repr can be asked for, got RuntimeError: none",
    ),
    "a false bound for one wide sample": (
        FunctionScoring(capped_simply, bounds=first_sample_forgotten, greater_is_better=False),
        r"bound of scoring .*where 1 of 24 samples have a range",
    ),
    "a false bound for a single box": (
        FunctionScoring(capped_simply, bounds=wrong_for(1), greater_is_better=False),
        r"bound of scoring .*in a call with 1 box, got",
    ),
    "a false bound for 300 boxes": (
        FunctionScoring(capped_simply, bounds=wrong_for(300), greater_is_better=False),
        r"bound of scoring .*in a call with 300 boxes, got",
    ),
    "bounds that are none": (
        NoBounds(),
        r"bound of scoring NoBounds\(\).*'int' object is not callable.*Let bound be a",
    ),
    "now and then random": (sometimes_random(), r"the same score for the same outputs"),
    "follows the call before": (follower(), r"the same score for the same outputs"),
    "forgets [:, 0]": (broadcast, r"with its own target, got the same score .*With one neuron compare outputs\[:, 0\]"),
    "returns what it forgot to reduce": (
        lambda y_true, outputs: outputs == y_true,
        r"one number, got an array of shape \(24, 24\).*compare outputs\[:, 0\]",
    ),
    "cannot be put together": (
        lambda y_true, outputs: float(np.concatenate([outputs, y_true]).sum()),
        r"got ValueError: all the input arrays must .*outputs of a single neuron are outputs\[:, 0\]",
    ),
    "goes by position": (
        lambda y_true, outputs: float(outputs[0, 0] > 0.5),
        r"for the same samples and targets in another order.*pairwise=False",
    ),
    "ignores the outputs": (lambda y_true, outputs: 0.5, r"with its own target, got the same score"),
    "writes into y": (writing_into_y, r"ValueError: assignment .*Leave y_true and outputs as they are: compute new"),
}


@pytest.mark.parametrize("broken", BROKEN_SCORINGS)
def test_a_broken_scoring_is_found(broken: str) -> None:
    wrong, pattern = BROKEN_SCORINGS[broken]
    with pytest.raises(ScoringError, match=pattern):
        check_scoring(wrong)


def test_a_scoring_of_the_first_output_is_none_for_two() -> None:
    with pytest.raises(
        ScoringError, match=r"all outputs of shape \(24, 2\), got one .* whatever outputs\[:, 1\] holds"
    ):
        check_scoring(hits, n_outputs=2)
    check_scoring(hits, n_outputs=2, pairwise=False)


def test_what_is_no_scoring_is_refused() -> None:
    for wrong in (minigrid.Accuracy, "accuracy", None):
        thing: Any = wrong
        with pytest.raises(InvalidTypeError, match=r"^scoring: expected a Scoring, got .*not its class, or a function"):
            check_scoring(thing)
