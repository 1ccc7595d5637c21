"""The parts of scikit-learn that minigrid uses, with types, and a clear error if it is not installed.

scikit-learn has no types, and stubs for it are rarely installed or up to date. So type checkers see the declarations in
this module, whether or not there are stubs.
"""

from typing import TYPE_CHECKING, Any

from minigrid._base.text import missing
from minigrid.exceptions import MissingExtraError

__all__ = [
    "BaseEstimator",
    "ClassifierMixin",
    "ConvergenceWarning",
    "LogisticRegression",
    "RegressorMixin",
    "Ridge",
    "available_if",
    "check_classification_targets",
    "check_is_fitted",
    "threadpool_limits",
    "validate_data",
]

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import Self, TypeVar

    from minigrid._base.typing import ArrayLike, FloatArray

    Method = TypeVar("Method", bound=Callable[..., object])
    Owner = TypeVar("Owner")

    class BaseEstimator:
        """An object whose settings are the parameters of its constructor."""

        def get_params(self, deep: bool = True) -> dict[str, Any]:
            """Return the settings by name."""

        def set_params(self, **params: Any) -> Self:
            """Change settings, all of them by name."""

        def set_fit_request(self, *, sample_weight: bool | str | None = ...) -> Self:
            """Tell metadata routing whether to pass sample weights to `fit`."""

        def set_score_request(self, *, sample_weight: bool | str | None = ...) -> Self:
            """Tell metadata routing whether to pass sample weights to `score`."""

        def __sklearn_tags__(self) -> Any:
            """Tell scikit-learn what the estimator can do."""

        def __sklearn_clone__(self) -> Self:
            """Create an estimator with the same settings that is not fitted."""

    class ClassifierMixin:
        """Base of classifiers."""

        def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
            """Return the accuracy."""

    class RegressorMixin:
        """Base of regressors."""

        def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
            """Return R squared."""

    class ConvergenceWarning(UserWarning):
        """The warning of a solver that reached its largest number of steps."""

    class LogisticRegression:
        """Logistic regression, with a small penalty on the weights."""

        coef_: FloatArray
        intercept_: FloatArray
        classes_: FloatArray

        def __init__(self, *, max_iter: int) -> None:
            """Store the settings."""

        def fit(self, X: FloatArray, y: FloatArray, sample_weight: FloatArray | None = None) -> Self:
            """Find the weights."""

    class Ridge:
        """Least squares, with a small penalty on the weights."""

        coef_: FloatArray
        intercept_: FloatArray

        def fit(self, X: FloatArray, y: FloatArray, sample_weight: FloatArray | None = None) -> Self:
            """Find the weights."""

    def threadpool_limits(limits: int) -> AbstractContextManager[object]:
        """Limit the threads of NumPy's and SciPy's libraries within this context."""

    def available_if(check: Callable[[Owner], bool]) -> Callable[[Method], Method]:
        """Give an object a method only if `check(object)` is true."""

    def check_classification_targets(y: Any) -> None:
        """Raise scikit-learn's ValueError if the targets are real numbers and not classes."""

    def check_is_fitted(estimator: object) -> None:
        """Raise scikit-learn's NotFittedError unless the estimator is fitted."""

    def validate_data(estimator: object, X: ArrayLike, y: ArrayLike = ..., **settings: object) -> Any:
        """Check features, and targets if there are any, and note or compare the features' number and names."""

else:
    try:
        from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression, Ridge
        from sklearn.utils.metaestimators import available_if
        from sklearn.utils.multiclass import check_classification_targets
        from sklearn.utils.validation import check_is_fitted, validate_data
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise MissingExtraError(
            missing("minigrid.sklearn", "scikit-learn 1.6 or newer", '"scikit-learn>=1.6"')
        ) from error
