"""Advice for the scorers of scikit-learn, which call an estimator, where a scoring compares targets and outputs.

A scorer holds the metric that it computes, so the advice can name this metric. scikit-learn is only imported for an
error, and only where it is installed.
"""

import importlib
import warnings
from typing import Any

import numpy as np

from minigrid._base.text import message, shown
from minigrid.exceptions import InvalidTypeError

__all__ = ["advice_for_name", "refuse_scorer"]

_MISSPELT = 0.9  # how similar to a name of minigrid a misspelt one is
# Metrics that are built in under another name; others have the same.
_SAME = {"accuracy_score": "accuracy", "balanced_accuracy_score": "balanced_accuracy"}


def refuse_scorer(value: object, argument: str, names: tuple[str, ...] = ()) -> None:
    """Refuse a scorer of scikit-learn, which would be called as a function of (y_true, outputs).

    Args:
        value: any object.
        argument: its name, for the error.
        names: the names of built-in scorings.

    Raises:
        InvalidTypeError: it is a scorer.
    """
    if isinstance(value, type) or not callable(getattr(value, "_score_func", None)) or not hasattr(value, "_sign"):
        return
    got = f"{shown(value)}, which takes (estimator, X, y)"
    raise InvalidTypeError(message(argument, "a function of (y_true, outputs)", got, _advice(value, names)))


def advice_for_name(name: str, names: tuple[str, ...]) -> str | None:
    """Say what to pass instead of a name of scikit-learn for what is not built in; None if it has no such name."""
    import difflib  # only for an error

    if difflib.get_close_matches(name, names, n=1, cutoff=_MISSPELT) and not name.startswith("neg_"):
        return None  # without the seconds that it takes to import scikit-learn
    try:
        scorer: Any = importlib.import_module("sklearn.metrics").get_scorer(name)
    except Exception:  # it is not installed, too old, or has no such name
        return None
    if _built_in_name(scorer, names) is not None:
        return None  # the names that are nearest include it
    return f"It is a scorer of scikit-learn. {_advice(scorer, names)}"


def _built_in_name(scorer: Any, names: tuple[str, ...]) -> str | None:
    name = getattr(scorer._score_func, "__name__", "")
    same = _SAME.get(name, name)
    return same if same in names and not _settings(scorer) and _is_in_scikit_learn(scorer._score_func, name) else None


def _settings(scorer: Any) -> dict[str, Any]:
    return dict(getattr(scorer, "_kwargs", {}))


def _advice(scorer: Any, names: tuple[str, ...]) -> str:
    same = _built_in_name(scorer, names)
    if same is not None:
        return f"Use scoring={same!r}."
    function, settings = scorer._score_func, _settings(scorer)
    metric = getattr(function, "__name__", "")
    metric = metric if metric.isidentifier() else "scorer._score_func"  # a lambda, for example
    if _is_in_scikit_learn(function, metric):
        metric = f"sklearn.metrics.{metric}"
    arguments = "".join(f", {name}={setting!r}" for name, setting in settings.items())
    loss = ", greater_is_better=False" if scorer._sign < 0 else ""
    if _takes_labels(function, settings):
        labels = f"FunctionScoring(lambda y_true, outputs: {metric}(y_true, outputs[:, 0] > 0.5{arguments}){loss})"
        return f"Pass its metric, and compute labels: {labels}. Several outputs have the labels outputs.argmax(axis=1)."
    call = f"lambda y_true, outputs: {metric}(y_true, outputs{arguments})" if settings else metric
    return f"Pass its metric: FunctionScoring({call}{loss})."


def _is_in_scikit_learn(function: object, name: str) -> bool:
    try:
        return getattr(importlib.import_module("sklearn.metrics"), name, None) is function
    except ImportError:
        return False


def _takes_labels(function: Any, settings: dict[str, Any]) -> bool:
    """Whether a metric accepts predicted labels, but no other numbers."""
    targets, outputs = np.array([0.0, 1.0, 1.0, 0.0]), np.array([[0.25], [0.75], [0.25], [0.5]])

    def accepts(predicted: object) -> bool:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                float(function(targets, predicted, **settings))
        except Exception:  # custom code may raise anything
            return False
        return True

    return accepts(outputs[:, 0] > 0.5) and not accepts(outputs)
