"""The regressor: a network whose outputs are the predictions."""

import time
from typing import Any, Self, final

import numpy as np

from minigrid._base.arrays import as_sample_weight
from minigrid._base.typing import ArrayLike, FloatArray, override
from minigrid.sklearn._library import RegressorMixin
from minigrid.sklearn.estimator import NetworkEstimator, Task
from minigrid.sklearn.samples import Samples


@final
class GridSearchNetworkRegressor(RegressorMixin, NetworkEstimator):
    """A small network that predicts numbers. It finds its weights by searching a grid.

    Scale the features to about the size of 1, as StandardScaler does. With linear outputs, which are the default, the
    targets may be of any size: unless you pass a grid, the estimator chooses one that suits them. With your own grid,
    use ``TransformedTargetRegressor(GridSearchNetworkRegressor(grid=...), transformer=StandardScaler())``, which scales
    the targets, and scales the predictions back.

    Args:
        hidden: the number of neurons in each hidden layer. Default (2,). With (), there is no hidden layer.
        activation: the activation of the hidden neurons, by name or as an object. Default 'sigmoid'.
        output_activation: the activation of the output neurons. Default None: 'identity'.
        bias: whether the neurons have biases. Default True.
        network: your own network, with any connections, to search instead. The estimator then ignores ``hidden``,
            `activation`, ``output_activation`` and ``bias``. It has an output neuron for
            each target. Default None: layers of the sizes ``hidden``.
        grid: the values that every weight may take, and every bias too unless you give ``bias_grid``: a Grid or a
            sequence of numbers. Default None: values that suit the targets and the features. If you pass a strategy,
            scale the features, for example with StandardScaler. The values are those of GridSearchNetworkClassifier,
            but for linear outputs times the standard deviation of the targets, rounded to a power of two, and with
            biases around the mean of the targets.
        bias_grid: the values that every bias may take. Default None: those of ``grid``.
        overrides: other values for single parameters, by their names in `network_.parameter_names`. Default None.
        strategy: what to search and in which order, as for GridSearchTrainer. 'joint' finds the best of the whole grid
            and proves it. Default None: a heuristic that ends soon for any number of features, and proves nothing. It
            fits the output layer to several hidden layers by ridge regression, rounds the weights to the grid, and
            changes one parameter at a time from the best two:
            ``Coordinate(block="parameter", restarts=2, start=...)``.
        scoring: how the search compares networks, as for GridSearchTrainer. Default None: 'mean_squared_error'.
            `score`, and cross-validation, report R squared instead.
        penalty: what the weights themselves cost, as for GridSearchTrainer, such as L1(0.01). Default None: nothing.
        engine: how to score the candidates, as for GridSearchTrainer. Default 'auto'.
        top: how many of the best candidates to keep in ``result_.top``. Default 1.
        time_limit: the number of seconds after which `fit` stops with the best so far. What it finds then depends on
            the computer. Default None: no limit.
        target_score: a score, of ``scoring``, that is good enough to stop. Default None: no target.
        max_candidates: how many candidates to score at most. Default None: no limit.
        callbacks: functions that minigrid calls with a SearchEvent, as for GridSearchTrainer. Clones, such as those of
            cross-validation, call the same ones. Default ().
        progress: whether to show a progress bar. True shows it everywhere, and needs tqdm. None shows it after about a
            second, in a terminal or a notebook; without tqdm, as a plain line every few seconds. Default False: never.
        workers: how many processes search, as for GridSearchTrainer. If scikit-learn itself runs several jobs
            (``n_jobs``), leave it out, or pass 1 for one thread. Default None.

    Attributes:
        network_: the best network that the search found; after `fit`, as those below.
        result_: the result of the search: the score, whether it is proven best, and more.
        n_features_in_: the number of features of X.
        feature_names_in_: the names of the features, if X was a table with names.

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
        """Search for the network whose outputs are closest to the targets.

        Args:
            X: shape (n_samples, n_features).
            y: shape (n_samples,), or (n_samples, n_targets) for several targets.
            sample_weight: shape (n_samples,), how much each sample counts. Default None: all count the same.

        Returns:
            The estimator itself.

        Raises:
            TypeError: an argument has the wrong type.
            ValueError: an argument has a value or a shape that cannot be used.
            SearchTooLongError: the search would take this process more than a day, and you set neither ``time_limit``
                nor ``max_candidates``.
            KeyboardInterrupt: you pressed Ctrl-C. The estimator then has the best network so far.
        """
        began = time.perf_counter()
        task = self._task(X, y, sample_weight)
        result = self._search(task, began)
        self._takes_one_target = task.samples.y.ndim == 1
        self._keep(result)
        return self

    @override
    def _task(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None) -> Task:
        features, targets = self._validated(X, y=y, multi_output=True, y_numeric=True)
        weights = as_sample_weight(sample_weight, len(targets))
        n_targets = 1 if targets.ndim == 1 else targets.shape[1]
        network = self._planned_network(features.shape[1], [n_targets], "one for each target")
        return Task(network, Samples(features, np.asarray(targets, dtype=np.float64), weights, False))

    def predict(self, X: ArrayLike) -> FloatArray:
        """Predict the targets.

        Args:
            X: shape (n_samples, n_features).

        Returns:
            The predictions, shape (n_samples,) or (n_samples, n_targets), like the ``y`` that you passed to `fit`.

        Raises:
            NotFittedError: `fit` was not called.
            ValueError: X does not fit.
        """
        outputs = self._outputs(X)
        return outputs[:, 0] if self._takes_one_target else outputs

    @override
    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return R squared, the fraction of the targets' variance that the network explains: 1 at best.

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
        """Tell scikit-learn that the estimator also takes several targets."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
