"""Data sets that are often used, most of them from scikit-learn: flowers, tumours, and two-dimensional shapes. Those
from scikit-learn are scaled: each feature has mean 0 and variance 1. Only `cancer above` has features of 0 and 1.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, final

import numpy as np

from minigrid._base.typing import FloatArray, IntArray

RealName: TypeAlias = Literal[
    "iris2", "iris4", "iris3", "moons", "circles", "xor200", "xor4", "and4", "sine", "cancer", "cancer above"
]
_CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Samples: TypeAlias = tuple[FloatArray, FloatArray | IntArray]


@final
@dataclass(frozen=True, slots=True)
class RealData:
    """Some samples of a data set.

    Attributes:
        name: which one.
        n_features: columns of X; of `cancer`, those that say most about the label; else the first.
        n_samples: rows of X. Fewer samples are the first rows of more.
    """

    name: RealName
    n_features: int
    n_samples: int

    def make(self) -> Samples:
        """Return X of shape (n_samples, n_features) and y of shape (n_samples,)."""
        X, y = _MAKERS[self.name]()
        return X[: self.n_samples, : self.n_features], y[: self.n_samples]

    def with_samples(self, n_samples: int) -> "RealData":
        """Return the same with another number of samples."""
        return replace(self, n_samples=n_samples)


def _iris(*, features: slice, two_kinds: bool) -> Samples:
    """Three kinds of irises, or versicolor (0) and virginica (1), which are hard to tell apart."""
    from sklearn.datasets import load_iris

    iris = load_iris()
    X, y = np.asarray(iris.data, dtype=np.float64)[:, features], np.asarray(iris.target, dtype=np.int64)
    if two_kinds:
        X, y = X[y > 0], y[y > 0] - 1
    return _scaled(X), y


def _moons() -> Samples:
    """Two half moons, each around an end of the other, with noise."""
    from sklearn.datasets import make_moons

    X, y = make_moons(200, noise=0.25, random_state=0)
    return _scaled(X), y


def _circles() -> Samples:
    """A circle inside another, with noise."""
    from sklearn.datasets import make_circles

    X, y = make_circles(200, noise=0.15, factor=0.5, random_state=0)
    return _scaled(X), y


def _xor() -> Samples:
    """Uniform points from -1 to 1, labelled 1 where exactly one coordinate is positive."""
    unit = np.random.default_rng(7).random((200, 2))
    return 2.0 * unit - 1.0, ((unit[:, 0] > 0.5) ^ (unit[:, 1] > 0.5)).astype(np.int64)


def _sine() -> Samples:
    """A sine of amplitude 0.9 at 60 points from -3 to 3, with noise: targets that are no labels."""
    x = np.linspace(-3.0, 3.0, 60)
    return x[:, np.newaxis], np.sin(x) * 0.9 + np.random.default_rng(3).normal(0.0, 0.05, 60)


def _cancer() -> Samples:
    """Tumours, benign (1) or malignant (0); the features most correlated with that come first."""
    from sklearn.datasets import load_breast_cancer

    cancer = load_breast_cancer()
    X, y = _scaled(cancer.data), np.asarray(cancer.target, dtype=np.int64)
    correlations = [abs(np.corrcoef(feature, y)[0, 1]) for feature in X.T]
    return X[:, np.argsort(-np.array(correlations))], y


def _cancer_above() -> Samples:
    """The same tumours, malignant (1) or benign (0); a feature, in scikit-learn's order, is 1 above its median."""
    from sklearn.datasets import load_breast_cancer

    cancer = load_breast_cancer()
    above = cancer.data > np.median(cancer.data, axis=0)
    return above.astype(np.float64), 1 - np.asarray(cancer.target, dtype=np.int64)


def _scaled(X: FloatArray) -> FloatArray:
    """Give each feature mean 0 and variance 1."""
    from sklearn.preprocessing import StandardScaler

    return np.asarray(StandardScaler().fit_transform(X), dtype=np.float64)


_MAKERS: Mapping[RealName, Callable[[], Samples]] = {
    "iris2": lambda: _iris(features=slice(2, 4), two_kinds=True),
    "iris4": lambda: _iris(features=slice(0, 4), two_kinds=True),
    "iris3": lambda: _iris(features=slice(2, 4), two_kinds=False),
    "moons": _moons,
    "circles": _circles,
    "xor200": _xor,
    "xor4": lambda: (_CORNERS.copy(), np.array([0, 1, 1, 0])),
    "and4": lambda: (_CORNERS.copy(), np.array([0, 0, 0, 1])),
    "sine": _sine,
    "cancer": _cancer,
    "cancer above": _cancer_above,
}
