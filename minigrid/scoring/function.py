"""Plain functions made into scorings."""

import inspect
from collections.abc import Callable
from typing import SupportsFloat, cast, final

from minigrid._typing import FloatArray, override
from minigrid._validation import as_flag, describe, message
from minigrid.exceptions import InvalidTypeError
from minigrid.scoring.base import Scoring


@final
class FunctionScoring(Scoring):
    """A function of (y_true, outputs), made into a Scoring. Two of the same function are equal.

    Args:
        function: takes the targets and outputs of shape (n_samples, n_outputs), returns a number;
            it must take `sample_weight` as a keyword too if weights are to be used with it.
        greater_is_better: False if the function is a loss.

    Raises:
        InvalidTypeError: `function` cannot be called, or `greater_is_better` is neither True nor False.

    Example:
        >>> def worst_error(y_true, outputs):
        ...     return np.max(np.abs(outputs[:, 0] - y_true))
        >>> FunctionScoring(worst_error, greater_is_better=False)
        FunctionScoring(worst_error, greater_is_better=False)
    """

    __slots__ = ("_function", "greater_is_better")

    _function: Callable[..., SupportsFloat]
    greater_is_better: bool

    def __init__(self, function: Callable[..., SupportsFloat], *, greater_is_better: bool = True) -> None:
        if isinstance(function, type | Scoring) or not callable(function):
            raise InvalidTypeError(
                message("function", "a function of (y_true, outputs)", describe(function), "Pass a function.")
            )
        object.__setattr__(self, "_function", function)
        object.__setattr__(self, "greater_is_better", as_flag(greater_is_better, "greater_is_better"))

    @property
    @override
    def takes_weights(self) -> bool:
        try:
            parameters = inspect.signature(self._function).parameters
        except (TypeError, ValueError):  # some functions written in C tell nothing of themselves
            return False
        return "sample_weight" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())

    @override
    def __call__(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> float:
        if sample_weight is None:
            score = self._function(y_true, outputs)
        else:
            score = self._function(y_true, outputs, sample_weight=sample_weight)
        return cast(float, score)  # looked at by whoever calls, see call_scoring

    @override
    def _callee(self) -> Callable[..., object]:
        return self._function

    @override
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FunctionScoring):
            return NotImplemented
        return (self._function, self.greater_is_better) == (other._function, other.greater_is_better)

    @override
    def __hash__(self) -> int:
        return hash((self._function, self.greater_is_better))

    @override
    def __repr__(self) -> str:
        name = getattr(self._function, "__name__", type(self._function).__name__)
        return f"FunctionScoring({name}{'' if self.greater_is_better else ', greater_is_better=False'})"

    @override
    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"FunctionScoring is immutable: make a new one instead of setting {name!r}")

    @override
    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"FunctionScoring is immutable: {name!r} cannot be deleted")

    @override
    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self._function, self.greater_is_better))


def _rebuild(function: Callable[..., SupportsFloat], greater_is_better: bool) -> FunctionScoring:
    return FunctionScoring(function, greater_is_better=greater_is_better)
