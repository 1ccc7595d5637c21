"""Scorings that wrap a plain function."""

import inspect
from collections.abc import Callable
from typing import SupportsFloat, TypeAlias, cast, final

from minigrid._base.expected_names import creates_with_known_arguments
from minigrid._base.function import FunctionValue, check_function
from minigrid._base.typing import FloatArray, override
from minigrid._base.validation import as_instance
from minigrid.scoring.base import Scoring, keywords
from minigrid.scoring.scorers import refuse_scorer

__all__ = ["FunctionScoring", "ScoreBounds", "ScoreFunction", "as_scoring"]

ScoreFunction: TypeAlias = Callable[[FloatArray, FloatArray], SupportsFloat]
"""Takes the targets and the outputs, returns the score."""

ScoreBounds: TypeAlias = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
"""Takes the targets and the least and greatest outputs, returns the best scores possible."""


@final
@creates_with_known_arguments
class FunctionScoring(FunctionValue[ScoreFunction, ScoreBounds], Scoring):
    """A scoring that wraps a function of (y_true, outputs). Two that wrap the same function are equal.

    Args:
        function: takes the targets, and outputs of shape (n_samples, n_outputs), and returns a number. To use sample
            weights, it must also accept the keyword ``sample_weight``.
        greater_is_better: False if the function is a loss.
        bounds: a function of (y_true, lower, upper) that returns the best possible score if each sample's outputs lie
            between the two, so that a search can prune. `Scoring.bound` describes its arguments and its result. It
            accepts ``sample_weight`` if the function does.

    Raises:
        InvalidTypeError: ``function`` or ``bounds`` cannot be called, or ``greater_is_better`` is neither True nor
            False.

    Example:
        >>> def worst_error(y_true, outputs):
        ...     return np.max(np.abs(outputs[:, 0] - y_true))
        >>> FunctionScoring(worst_error, greater_is_better=False)
        FunctionScoring(worst_error, greater_is_better=False)
    """

    __slots__ = ("greater_is_better",)
    _flag = "greater_is_better"
    _usual = True

    greater_is_better: bool

    def __init__(
        self, function: ScoreFunction, *, greater_is_better: bool = True, bounds: ScoreBounds | None = None
    ) -> None:
        refuse_scorer(function, "function")
        fix = "Pass a function that returns one number."
        check_function(function, Scoring, "function", "a function of (y_true, outputs)", fix)
        if bounds is not None:
            fix = "Pass a function that returns the best score of each box."
            check_function(bounds, Scoring, "bounds", "a function of (y_true, lower, upper)", fix)
        self._keep(function, greater_is_better, bounds)

    @property
    @override
    def takes_weights(self) -> bool:
        return _takes_weights(self._function) and (self._bounds is None or _takes_weights(self._bounds))

    @property
    @override
    def declares_bounds(self) -> bool:
        return self._bounds is not None

    @override
    def __call__(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> float:
        function: Callable[..., object] = self._function
        score = function(y_true, outputs, **keywords(sample_weight))
        return cast(float, score)  # checked by the caller, see call_scoring

    @override
    def _callee(self) -> Callable[..., object]:
        return self._function

    @override
    def bound(
        self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /, sample_weight: FloatArray | None = None
    ) -> FloatArray:
        if self._bounds is None:
            return super().bound(y_true, lower, upper, sample_weight)
        bounds: Callable[..., object] = self._bounds
        return cast(FloatArray, bounds(y_true, lower, upper, **keywords(sample_weight)))  # see bound_scoring


def as_scoring(scoring: object, fix: str) -> Scoring:
    """Return a scoring as it is, and wrap a function.

    Raises:
        InvalidTypeError: something else; `fix` says what to pass instead.
    """
    if callable(scoring) and not isinstance(scoring, type | Scoring):
        return FunctionScoring(scoring)
    return as_instance(scoring, Scoring, "scoring", fix)


def _takes_weights(function: Callable[..., object]) -> bool:
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # some functions written in C have no signature
        return False
    return "sample_weight" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())
