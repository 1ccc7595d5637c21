"""Everything minigrid raises on purpose.

Each error is a `MinigridError` and also the builtin that a caller would expect, so both
`except MinigridError` and `except ValueError` do what they say.
"""

__all__ = [
    "ActivationError",
    "CheckpointError",
    "EngineError",
    "FileFormatError",
    "HopelessSearchError",
    "InvalidTypeError",
    "InvalidValueError",
    "MinigridError",
    "MissingExtraError",
    "NoScoreError",
    "NotDrawnError",
    "OutOfRangeError",
    "ScoringError",
    "ShapeError",
    "StrategyError",
    "TooManyError",
    "UnknownNameError",
    "WorkerError",
]


class MinigridError(Exception):
    """The base of every error that minigrid raises on purpose."""


class InvalidTypeError(MinigridError, TypeError):
    """An argument is of a kind that cannot be used, such as strings where numbers belong."""


class InvalidValueError(MinigridError, ValueError):
    """An argument is of the right kind and has a value that cannot be used."""


class ShapeError(InvalidValueError):
    """An array has the wrong number of dimensions, rows, columns or elements."""


class UnknownNameError(InvalidValueError):
    """A name (of a parameter, strategy, scoring or engine) that does not exist."""


class OutOfRangeError(MinigridError, IndexError):
    """An index beyond the end of a grid or a search space."""


class TooManyError(MinigridError, OverflowError):
    """A number that a Python protocol cannot carry."""


class ActivationError(MinigridError, ValueError):
    """An activation broke its contract: another shape or dtype, NaN for a finite input, an exception."""


class ScoringError(MinigridError, ValueError):
    """A scoring broke its contract, or cannot be used with this network or these targets."""


class StrategyError(MinigridError, ValueError):
    """A strategy broke its contract: no result, or one that claims more than was searched."""


class EngineError(MinigridError, ValueError):
    """An engine broke its contract: anything but one float64 score a candidate."""


class CheckpointError(MinigridError, ValueError):
    """A checkpoint that cannot be used: damaged, of another problem, newer, or in use. It is left as it is."""


class FileFormatError(MinigridError, ValueError):
    """A file of a network or a result that cannot be read: damaged, newer, or something else. It is left as it is."""


class NoScoreError(MinigridError, ArithmeticError):
    """Every candidate scored NaN, so none of them is the best."""


class HopelessSearchError(MinigridError, RuntimeError):
    """A search would take longer than a day, and nothing limits it."""


class WorkerError(MinigridError, RuntimeError):
    """Workers were lost with the same piece of work again and again, or take no more work."""


class MissingExtraError(MinigridError, ImportError):
    """Something was asked for that needs a package which is not installed."""


class NotDrawnError(MinigridError, AttributeError):
    """A display was asked for its axes or figure before it was drawn."""
