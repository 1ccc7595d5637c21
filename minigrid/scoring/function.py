"""Plain functions made into scorings."""

import inspect
from collections.abc import Callable
from typing import SupportsFloat, TypeAlias, cast, final

from minigrid._base.text import describe, message
from minigrid._base.typing import FloatArray, override
from minigrid._base.validation import as_flag, as_instance
from minigrid._base.values import function_key, function_name
from minigrid.exceptions import InvalidTypeError
from minigrid.scoring.base import Scoring

__all__ = ["FunctionScoring", "ScoreBounds", "ScoreFunction", "as_scoring"]

ScoreFunction: TypeAlias = Callable[[FloatArray, FloatArray], SupportsFloat]
"""Takes the targets and the outputs, returns the score."""

ScoreBounds: TypeAlias = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
"""Takes the targets and the least and greatest outputs, returns the best scores possible."""


@final
class FunctionScoring(Scoring):
    """A function of (y_true, outputs), made into a Scoring. Two of the same function are equal.

    Args:
        function: takes the targets and outputs of shape (n_samples, n_outputs), returns a number;
            it must take `sample_weight` as a keyword too if weights are to be used with it.
        greater_is_better: False if the function is a loss.
        bounds: a function of (y_true, lower, upper) that says how good the score can be if each sample's
            outputs lie between the two, which lets a search prove things; see `Scoring.bound` for what it
            takes and returns. It takes `sample_weight` if the function does.

    Raises:
        InvalidTypeError: `function` or `bounds` cannot be called, or `greater_is_better` is neither True nor False.

    Example:
        >>> def worst_error(y_true, outputs):
        ...     return np.max(np.abs(outputs[:, 0] - y_true))
        >>> FunctionScoring(worst_error, greater_is_better=False)
        FunctionScoring(worst_error, greater_is_better=False)
    """

    __slots__ = ("_bounds", "_function", "greater_is_better")

    _function: ScoreFunction
    _bounds: ScoreBounds | None
    greater_is_better: bool

    def __init__(
        self, function: ScoreFunction, *, greater_is_better: bool = True, bounds: ScoreBounds | None = None
    ) -> None:
        _check_function(function, "function", "(y_true, outputs)", "that returns one number")
        if bounds is not None:
            _check_function(bounds, "bounds", "(y_true, lower, upper)", "that returns the best score of each box")
        object.__setattr__(self, "_function", function)
        object.__setattr__(self, "greater_is_better", as_flag(greater_is_better, "greater_is_better"))
        object.__setattr__(self, "_bounds", bounds)

    @property
    def __wrapped__(self) -> ScoreFunction:
        """The function itself, where tools such as `inspect` look for it."""
        return self._function

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
        score = function(y_true, outputs, **_keywords(sample_weight))
        return cast(float, score)  # looked at by whoever calls, see call_scoring

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
        return cast(FloatArray, bounds(y_true, lower, upper, **_keywords(sample_weight)))  # see bound_scoring

    def _arguments(self) -> tuple[ScoreFunction, bool, ScoreBounds | None]:
        return (self._function, self.greater_is_better, self._bounds)

    def _key(self) -> tuple[object, bool, object]:
        return (function_key(self._function), self.greater_is_better, function_key(self._bounds))

    @override
    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, FunctionScoring) else NotImplemented

    @override
    def __hash__(self) -> int:
        return hash(self._key())

    @override
    def __repr__(self) -> str:
        name = function_name(self._function)
        bounds = f", bounds={function_name(self._bounds)}" if self._bounds else ""
        return f"FunctionScoring({name}{'' if self.greater_is_better else ', greater_is_better=False'}{bounds})"

    @override
    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"FunctionScoring is immutable: make a new one instead of setting {name!r}")

    @override
    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"FunctionScoring is immutable: {name!r} cannot be deleted")

    @override
    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, self._arguments())


def as_scoring(scoring: object, mend: str) -> Scoring:
    """Return a scoring as it is, and a function made into one.

    Raises:
        InvalidTypeError: something else; `mend` says what to pass instead.
    """
    if callable(scoring) and not isinstance(scoring, type | Scoring):
        return FunctionScoring(scoring)
    return as_instance(scoring, Scoring, "scoring", mend)  # type: ignore[type-abstract]  # only used with isinstance


def _rebuild(function: ScoreFunction, greater_is_better: bool, bounds: ScoreBounds | None) -> FunctionScoring:
    return FunctionScoring(function, greater_is_better=greater_is_better, bounds=bounds)


def _check_function(function: object, argument: str, takes: str, returns: str) -> None:
    if isinstance(function, type | Scoring) or not callable(function):
        mend = f"Pass a function {returns}."
        raise InvalidTypeError(message(argument, f"a function of {takes}", describe(function), mend))


def _takes_weights(function: Callable[..., object]) -> bool:
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # some functions written in C tell nothing of themselves
        return False
    return "sample_weight" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _keywords(sample_weight: FloatArray | None) -> dict[str, FloatArray]:
    return {} if sample_weight is None else {"sample_weight": sample_weight}
