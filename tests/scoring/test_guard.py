"""Errors name what a custom scoring gets wrong."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from typing_extensions import override

from minigrid import (
    Accuracy,
    FunctionScoring,
    Grid,
    GridSearchTrainer,
    Identity,
    InvalidTypeError,
    Network,
    Scoring,
    ScoringError,
)
from minigrid._base.typing import FloatArray
from tests.scoring.cases import Misses, worst_error

# What a custom class may get wrong --------------------------------------------------------------

# A score that looks at one sample need not get better with the outputs of all.
pytestmark = pytest.mark.filterwarnings("ignore:scoring .*expected a higher score for better outputs")

STEPS = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]


class Batched(Scoring):
    """A custom score whose batch a test replaces."""

    def __init__(self, batch: Callable[[FloatArray], Any]) -> None:
        self._batch = batch

    @override
    def __call__(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> float:
        return float(outputs[0, 0])

    @override
    def batch(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> FloatArray:
        return self._batch(outputs)  # type: ignore[no-any-return]  # whatever it is


def fit_steps(scoring: Scoring, engine: Any = "auto") -> float:
    trainer = GridSearchTrainer(Grid([-1.0, 0.25, 1.0]), scoring=scoring, engine=engine)
    return trainer.fit(Network.dense([2, 1], activation=Identity()), STEPS, [0, 1, 1]).score


WRONG_BATCHES: dict[str, tuple[Callable[[FloatArray], Any], str]] = {
    "another score": (lambda outputs: outputs[:, 1, 0], "bit for bit what calling it gives"),
    "another last bit": (lambda outputs: np.nextafter(outputs[:, 0, 0], np.inf), "bit for bit what calling it gives"),
    "a column": (lambda outputs: outputs[:, 0], r"float64 array of shape \(4,\).* got an array of shape \(4, 1\)"),
    "float32": (lambda outputs: outputs[:, 0, 0].astype(np.float32), "got an array .* dtype float32"),
    "one number": (lambda outputs: float(outputs.max()), "expected a float64 array"),
    "a list": (lambda outputs: outputs[:, 0, 0].tolist(), "got a list of length 4"),
    "nothing": (lambda outputs: None, "got None"),
    "an error": (lambda outputs: outputs[:, 5, 0], "IndexError"),
    "its own argument": (lambda outputs: outputs.sort(axis=0), "read-only"),
}


@pytest.mark.parametrize("engine", ["reference", "batched", "auto"])
@pytest.mark.parametrize("name", WRONG_BATCHES)
def test_a_batch_that_is_not_what_calls_give_is_named(name: str, engine: str) -> None:
    batch, pattern = WRONG_BATCHES[name]
    with pytest.raises(ScoringError, match=f"(?s)^batch of scoring .*{pattern}"):
        fit_steps(Batched(batch), engine)


def test_a_batch_that_goes_wrong_later_is_named() -> None:
    calls: list[int] = []

    def batch(outputs: FloatArray) -> Any:
        calls.append(len(outputs))
        return outputs[:, 0, 0] if len(calls) == 1 else outputs[:1, 0, 0]

    # The first candidate is scored alone, to see how long one takes: on a busy machine, fewer than 8 follow at once.
    with pytest.raises(ScoringError, match=r"^batch of scoring .*expected a float64 array of shape \([2-8],\)"):
        fit_steps(Batched(batch), "batched")


def test_a_batch_may_give_nan_where_calls_do() -> None:
    class Half(Batched):
        @override
        def __call__(
            self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None
        ) -> float:
            return float(outputs[0, 0]) if outputs[0, 0] > 0.5 else np.nan

    assert fit_steps(Half(lambda outputs: np.where(outputs[:, 0, 0] > 0.5, outputs[:, 0, 0], np.nan))) == 1.0


@pytest.mark.parametrize(
    ("targets", "got"),
    [
        (lambda y: list(y), "a list of length 3"),
        (lambda y: np.array(y), "dtype int64"),
        (lambda y: None, "got None"),
        (lambda y: np.zeros((3, 1, 1)), r"shape \(3, 1, 1\)"),
        (lambda y: y["label"], "got TypeError"),
    ],
)
def test_targets_that_are_no_float64_array_are_named(targets: Callable[[Any], Any], got: str) -> None:
    class Own(Misses):  # type: ignore[misc]  # it is final
        @override
        def check_targets(self, y: Any, n_outputs: int, /) -> FloatArray:
            return targets(y)  # type: ignore[no-any-return]  # whatever it is

    with pytest.raises(ScoringError, match=f"^check_targets of scoring .*: expected a float64 array .*{got}"):
        fit_steps(Own())


def test_targets_of_a_users_own_are_copied() -> None:
    y = np.array([0.0, 1.0, 1.0])

    class Kept(Scoring):
        @override
        def check_targets(self, y: Any, n_outputs: int, /) -> FloatArray:
            return np.asarray(y)

        @override
        def __call__(
            self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None
        ) -> float:
            y_true[0] = 5.0
            return 1.0

    trainer = GridSearchTrainer(Grid([0.0, 1.0]), scoring=Kept())
    with pytest.raises(ScoringError, match="read-only"):
        trainer.fit(Network.dense([2, 1]), STEPS, y)
    assert y.tolist() == [0.0, 1.0, 1.0]
    assert y.flags.writeable


def test_a_subclass_of_a_final_scoring_is_refused() -> None:
    class Pen(Accuracy):  # type: ignore[misc]  # it is final
        @override
        def __call__(self, y_true: Any, outputs: Any, /, sample_weight: Any = None) -> float:
            return 1.0 - super().__call__(y_true, outputs, sample_weight)

    for engine in ("reference", "batched", "auto", "exact"):
        with pytest.raises(ScoringError, match=r"expected a built-in scoring as it is, got a subclass.* Accuracy in"):
            fit_steps(Pen(), engine)


@pytest.mark.parametrize("wrong", ["maximize", None, 1])
def test_which_way_is_better_is_true_or_false(wrong: Any) -> None:
    class Own(Scoring):
        greater_is_better = wrong

        @override
        def __call__(
            self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None
        ) -> float:
            return 1.0

    with pytest.raises(InvalidTypeError, match=r"^greater_is_better of scoring .*Own.*: expected True or False"):
        fit_steps(Own())
    with pytest.raises(InvalidTypeError, match=r"^greater_is_better: expected True or False"):
        FunctionScoring(worst_error, greater_is_better=wrong)
