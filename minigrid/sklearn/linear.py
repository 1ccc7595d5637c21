"""The continuous optimum of neurons on given inputs: ridge and logistic regression, as scikit-learn computes them."""

import warnings
from typing import NamedTuple

import numpy as np

from minigrid._base.typing import FloatArray
from minigrid.sklearn._library import ConvergenceWarning, LogisticRegression, Ridge
from minigrid.sklearn.samples import Samples

_MOST_STEPS = 200
_BELOW = 4.0  # how far an output stays below the others if no sample is of its class


class Linear(NamedTuple):
    """A linear model: ``coefficients`` of shape (n_outputs, n_inputs), ``intercepts`` of shape (n_outputs,)."""

    coefficients: FloatArray
    intercepts: FloatArray


def linear_model(inputs: FloatArray, samples: Samples, n_outputs: int) -> Linear:
    """Fit scikit-learn's ridge or logistic regression, with its default settings, to inputs scaled to variance 1.

    Args:
        inputs: shape (n_samples, n_inputs), such as the outputs of hidden neurons.
        samples: the samples, for their targets and weights.
        n_outputs: how many outputs the model has.

    Returns:
        The model, for the unscaled inputs; all 0 if it cannot be computed.
    """
    sizes, means = deviations(inputs), inputs.mean(axis=0)
    scaled = (inputs - means) / sizes
    nothing = Linear(np.zeros((n_outputs, inputs.shape[1])), np.zeros(n_outputs))
    if not np.isfinite(scaled).all():
        return nothing
    if samples.are_classes:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted = LogisticRegression(max_iter=_MOST_STEPS).fit(scaled, samples.y, samples.sample_weight)
        rows, intercepts = _of_classes(fitted, n_outputs)
    else:
        unit = float(np.abs(samples.y).max()) or 1.0
        ridge = Ridge().fit(scaled, samples.columns(n_outputs) / unit, samples.sample_weight)
        rows, intercepts = unit * ridge.coef_.reshape(n_outputs, -1), unit * np.reshape(ridge.intercept_, n_outputs)
    coefficients = rows / sizes
    model = Linear(coefficients, intercepts - coefficients @ means)
    return model if all(np.isfinite(part).all() for part in model) else nothing


def deviations(inputs: FloatArray) -> FloatArray:
    """Return the standard deviation of each column, shape (n_columns,); 1 if it is 0 or not finite."""
    largest = np.abs(inputs).max(axis=0)
    found = (inputs / np.where(largest > 0.0, largest, 1.0)).std(axis=0) * largest  # so that no square overflows
    return np.where((found > 0.0) & np.isfinite(found), found, 1.0)


def unexplained(outputs: FloatArray, targets: FloatArray, sample_weight: FloatArray | None) -> float:
    """Compute how much of the targets least squares leaves unexplained; infinite if it cannot be computed.

    Args:
        outputs: the outputs of neurons, shape (n_samples, n_neurons).
        targets: shape (n_samples, n_targets).
        sample_weight: shape (n_samples,); None: all count the same.

    Returns:
        The remaining sum of squares.
    """
    weights = np.ones(len(outputs)) if sample_weight is None else sample_weight / sample_weight.max()
    root = np.sqrt(weights)[:, np.newaxis]
    unit = np.maximum(np.abs(targets).max(axis=0), np.finfo(np.float64).tiny)
    wanted = (targets / unit - np.average(targets / unit, axis=0, weights=weights)) * root
    inputs = (outputs - np.average(outputs, axis=0, weights=weights)) * root
    if not np.isfinite(inputs).all():
        return np.inf
    left = wanted - inputs @ np.linalg.lstsq(inputs, wanted, rcond=1e-6)[0]
    return float((left**2).sum())


def _of_classes(fitted: LogisticRegression, n_outputs: int) -> Linear:
    """Give each output its row of a logistic regression."""
    rows, intercepts = fitted.coef_, fitted.intercept_
    if n_outputs == 1:
        return Linear(rows, intercepts)
    if len(fitted.classes_) == 2:  # the model has only the second minus the first
        rows, intercepts = np.vstack([-rows, rows]) / 2.0, np.append(-intercepts, intercepts) / 2.0
    coefficients, shifts = np.zeros((n_outputs, rows.shape[1])), np.full(n_outputs, intercepts.min() - _BELOW)
    present = fitted.classes_.astype(np.int64)
    coefficients[present], shifts[present] = rows, intercepts
    return Linear(coefficients, shifts)
