"""The regressor: a network whose outputs are the predictions."""

from typing import Any, Self, final

import numpy as np

from minigrid._base.typing import ArrayLike, FloatArray, override
from minigrid._base.validation import as_sample_weight
from minigrid.sklearn._library import RegressorMixin, validate_data
from minigrid.sklearn.estimator import NetworkEstimator


@final
class GridSearchNetworkRegressor(RegressorMixin, NetworkEstimator):
    """A small network that predicts numbers, its weights found by searching a grid.

    A weight is one of the grid's values, so targets should be of about the size of 1, as features should:
    ``TransformedTargetRegressor(GridSearchNetworkRegressor(), transformer=StandardScaler())`` scales them, and scales
    the predictions back.

    Args:
        hidden: the number of neurons in each hidden layer; (): none, the outputs see the features.
        activation: of the hidden neurons, by name or as an object.
        output_activation: of the output neurons; None: 'identity'.
        bias: whether the neurons have biases.
        network: a network of your own, of any connections, whose weights are searched instead: ``hidden``,
            `activation`, ``output_activation`` and ``bias`` are then not used. It has an output neuron for each target.
        grid: the values that every weight may take, and every bias unless ``bias_grid`` is given: a Grid or a sequence
            of numbers. The default is for features of about the size of 1, as StandardScaler makes them.
        bias_grid: the values of every bias.
        overrides: other values for single parameters, by their names in `network_.parameter_names`.
        strategy: what to search in which order, as for GridSearchTrainer: 'joint' finds the best of the whole grid and
            proves it. None: ``Coordinate(block="parameter", restarts=3)``, one parameter at a time from several starts,
            which ends soon for any number of features and proves nothing.
        scoring: what makes a network the best in the search, as for GridSearchTrainer; None: 'mean_squared_error'.
            (What `score` returns, and what cross-validation uses, is another matter: R squared.)
        penalty: what weights cost by themselves, as for GridSearchTrainer, such as L1(0.01); None: nothing.
        engine: what does the work, as for GridSearchTrainer.
        top: how many of the best candidates to keep in ``result_.top``.
        time_limit: seconds after which the search stops with the best so far; it then depends on the computer.
        target_score: of the search's scoring: a score that is good enough to stop at.
        max_candidates: how many candidates to score at most.
        callbacks: called with a SearchEvent now and then, as for GridSearchTrainer.
        progress: whether to show a progress bar: True, False, or None: after about a second, in a terminal or notebook.
        workers: how many processes search. Leave it where scikit-learn itself runs several jobs (``n_jobs``), or
            pass 1: one thread.

    Attributes:
        network_: the network that was found; after `fit`, as those below.
        result_: what the search says of it: its score, whether it is proven best, and more.
        n_features_in_: how many features X had.
        feature_names_in_: their names, if X was a table with names.

    Example:
        >>> line = GridSearchNetworkRegressor(hidden=(), strategy="joint")
        >>> line.fit([[0.0], [1.0], [2.0]], [1.0, 1.5, 2.0]).predict([[3.0]])
        array([2.5])
        >>> line.result_.optimal
        True
    """

    _default_output_activation = "identity"
    _default_scoring = "mean_squared_error"

    @override
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Search for the network whose outputs are nearest to the targets.

        Args:
            X: shape (n_samples, n_features).
            y: shape (n_samples,), or (n_samples, n_targets) for several targets.
            sample_weight: shape (n_samples,), how much each sample counts; None: all alike.

        Returns:
            The estimator itself.

        Raises:
            TypeError: an argument has the wrong type.
            ValueError: an argument has a value or a shape that cannot be used.
            SearchTooLongError: the search would take more than a day, and nothing limits it.
            KeyboardInterrupt: Ctrl-C was pressed; the estimator is fitted with the best until then.
        """
        features, targets = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True)
        weights = as_sample_weight(sample_weight, len(targets))
        n_targets = 1 if targets.ndim == 1 else targets.shape[1]
        network = self._planned_network(features.shape[1], [n_targets], "one for each target")
        result = self._search(network, features, np.asarray(targets, dtype=np.float64), weights)
        self._takes_one_target = targets.ndim == 1
        self._keep(result)
        return self

    def predict(self, X: ArrayLike) -> FloatArray:
        """Predict the targets.

        Args:
            X: shape (n_samples, n_features).

        Returns:
            Shape (n_samples,) or (n_samples, n_targets), as the targets that it was fitted with.

        Raises:
            NotFittedError: `fit` was not called.
            ValueError: X does not fit.
        """
        outputs = self._outputs(X)
        return outputs[:, 0] if self._takes_one_target else outputs

    @override
    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return R squared, the share of the targets' variance that is explained: 1 at best.

        Args:
            X: shape (n_samples, n_features).
            y: shape (n_samples,) or (n_samples, n_targets), the true targets.
            sample_weight: shape (n_samples,); None (default): all samples count the same.

        Returns:
            R squared.
        """
        return float(super().score(X, y, sample_weight))

    @override
    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn what the estimator can do: several targets, too."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
