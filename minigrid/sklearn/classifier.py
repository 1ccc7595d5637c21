"""The classifier: a network with an output neuron for each class, or a single one for two classes."""

import time
from typing import Any, Self, final

import numpy as np
from numpy.typing import NDArray

from minigrid._base.arrays import as_sample_weight
from minigrid._base.numerics import predicted_labels
from minigrid._base.text import counted, message
from minigrid._base.typing import ArrayLike, FloatArray, override
from minigrid.activations.base import outputs_probabilities
from minigrid.exceptions import InvalidValueError, MinigridError
from minigrid.model.network import Network
from minigrid.sklearn._library import ClassifierMixin, available_if, check_classification_targets
from minigrid.sklearn.estimator import NetworkEstimator, Task
from minigrid.sklearn.samples import Samples


@final
class GridSearchNetworkClassifier(ClassifierMixin, NetworkEstimator):
    """A small network that predicts classes. It finds its weights by searching a grid.

    For two classes, the network has one output neuron and predicts the second class, in sorted order, where the output
    is above 0.5. For more classes, it has an output neuron for each, and predicts the class with the largest output.

    If the activation of the output neurons declares that outputs are from 0 to 1 (Sigmoid, HardSigmoid, Step and
    Gaussian do), the classifier reads them as probabilities, as `LogLoss` does: a single output is the probability of
    the second class, and several outputs are divided by their sum. Only then does it have `predict_proba`. How good the
    probabilities are depends on ``scoring``: 'log_loss' rewards good ones, 'accuracy' ignores them.

    Args:
        hidden: the number of neurons in each hidden layer. Default (2,). With (), there is no hidden layer.
        activation: the activation of the hidden neurons, by name or as an object. Default 'sigmoid'.
        output_activation: the activation of the output neurons. Default None: 'sigmoid'.
        bias: whether the neurons have biases. Default True.
        network: your own network, with any connections, to search instead. The estimator then ignores ``hidden``,
            `activation`, ``output_activation`` and ``bias``. For two classes it has one or
            two output neurons, for more classes one each. Default None: layers of the sizes ``hidden``.
        grid: the values that every weight may take, and every bias too unless you give ``bias_grid``: a Grid or a
            sequence of numbers. Default None: values that suit features of about the size of 1, as StandardScaler
            produces them. These are weights up to 4 over the square root of the number of inputs, rounded to a power of
            two, and biases up to 4. The default strategy gets 33 values for each, but 129 values up to 16 for the
            biases of output neurons and for their weights on hidden neurons. It needs no scaled features: it gets
            weights divided by the standard deviation of their feature, rounded to a power of two, and biases that make
            up for means. Other strategies get 9 values, because a proof takes longer with more: scale the features.
        bias_grid: the values that every bias may take. Default None: those of ``grid``.
        overrides: other values for single parameters, by their names in `network_.parameter_names`. Default None.
        strategy: what to search and in which order, as for GridSearchTrainer. 'joint' finds the best of the whole grid
            and proves it. Default None: a heuristic that ends soon for any number of features, and proves nothing. It
            fits the output layer to several hidden layers by logistic regression, rounds the weights to the grid, and
            changes one parameter at a time from the best two:
            ``Coordinate(block="parameter", restarts=2, start=...)``.
        scoring: how the search compares networks, as for GridSearchTrainer. Default None: 'log_loss'. `score`, and
            cross-validation, report the accuracy instead.
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
        classes_: the labels, sorted, shape (n_classes,); after `fit`, as those below.
        network_: the best network that the search found; its labels 0, 1, ... are positions in ``classes_``.
        result_: the result of the search: the score, whether it is proven best, and more.
        n_features_in_: the number of features of X.
        feature_names_in_: the names of the features, if X was a table with names.

    Example:
        >>> neuron = GridSearchNetworkClassifier(hidden=(), strategy="joint")
        >>> neuron.fit([[-2.0], [-1.0], [1.0], [2.0]], ["low", "low", "high", "high"]).predict([[-0.5], [0.5]])
        array(['low', 'high'], dtype='<U4')
        >>> neuron.result_.optimal
        True
    """

    _default_output_activation = "sigmoid"
    _default_scoring = "log_loss"

    classes_: NDArray[Any]

    @override
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Search for the network that predicts the classes best.

        Args:
            X: shape (n_samples, n_features).
            y: shape (n_samples,), a label for each sample: text, numbers or booleans, at least two different ones.
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
        assert task.classes is not None
        result = self._search(task, began)
        self.classes_ = task.classes
        self._keep(result)
        return self

    @override
    def _task(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None) -> Task:
        features, targets = self._validated(X, y=y)
        check_classification_targets(targets)
        weights = as_sample_weight(sample_weight, len(targets))
        classes, labels = np.unique(targets, return_inverse=True)
        counting = np.unique(labels if weights is None else labels[weights > 0.0])
        if len(counting) < 2:
            of = "" if weights is None else " among the samples of a weight above 0"
            fix = "Pass samples of at least two classes."
            raise InvalidValueError(message("y", f"at least two classes{of}", counted(len(counting), "class"), fix))
        n_classes = len(classes)
        allowed = [1, 2] if n_classes == 2 else [n_classes]
        network = self._planned_network(features.shape[1], allowed, f"for {n_classes} classes")
        return Task(network, Samples(features, labels.astype(np.float64), weights, True), classes)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict a class for each sample.

        Args:
            X: shape (n_samples, n_features).

        Returns:
            The predicted labels, shape (n_samples,), as in the ``y`` that you passed to `fit`.

        Raises:
            NotFittedError: `fit` was not called.
            ValueError: X does not fit.
        """
        outputs = self._outputs(X)  # first, as it says so where nothing is fitted
        predicted: NDArray[Any] = self.classes_[predicted_labels(outputs)]
        return predicted

    def decision_function(self, X: ArrayLike) -> FloatArray:
        """Compute how clearly each sample belongs to a class, in units of the network's outputs.

        Args:
            X: shape (n_samples, n_features).

        Returns:
            For two classes, shape (n_samples,): above 0 where the second is predicted (the output less 0.5; with two
            output neurons, the second less the first). For more, the outputs, shape (n_samples, n_classes): the
            largest is of the class predicted.

        Raises:
            NotFittedError: `fit` was not called.
            ValueError: X does not fit.
        """
        outputs = self._outputs(X)
        if len(self.classes_) > 2:
            return outputs
        return outputs[:, 0] - 0.5 if outputs.shape[1] == 1 else outputs[:, 1] - outputs[:, 0]

    @override
    def _risk_of(self) -> str:
        return f"label {self.classes_[1]}"

    def _gives_probabilities(self) -> bool:
        """Tell whether the settings keep every output from 0 to 1."""
        network = getattr(self, "network_", self.network)
        if isinstance(network, Network):
            return all(outputs_probabilities(neuron.activation) for neuron in network[-1])
        try:
            return network is None and outputs_probabilities(self._chosen_output_activation())
        except MinigridError:  # which `fit` will tell
            return False

    @available_if(_gives_probabilities)
    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Compute a probability for each class. This method exists only if the outputs are from 0 to 1.

        Args:
            X: shape (n_samples, n_features).

        Returns:
            The probabilities, shape (n_samples, n_classes). Each row sums to 1. Where all of several outputs are 0, the
            probabilities are equal.

        Raises:
            NotFittedError: `fit` was not called.
            ValueError: X does not fit.
        """
        outputs = self._outputs(X)
        if outputs.shape[1] == 1:
            return np.column_stack([1.0 - outputs[:, 0], outputs[:, 0]])
        total = outputs.sum(axis=1, keepdims=True)
        chances: FloatArray = np.full_like(outputs, 1.0 / outputs.shape[1])
        np.divide(outputs, total, out=chances, where=total > 0)
        # Two outputs that differ in the last bit may have equal quotients. The predicted class must keep the largest.
        chosen, rows = predicted_labels(outputs), np.arange(len(outputs))
        lost = chances.argmax(axis=1) != chosen
        chances[rows[lost], chosen[lost]] = np.nextafter(chances[rows[lost], chosen[lost]], 1.0)
        return chances

    @available_if(_gives_probabilities)
    def predict_log_proba(self, X: ArrayLike) -> FloatArray:
        """Return the logarithms of `predict_proba`; minus infinity for a probability of 0."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    @override
    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy: the fraction of samples, or of their weight, whose class is predicted correctly.

        Args:
            X: shape (n_samples, n_features).
            y: shape (n_samples,), the true classes.
            sample_weight: shape (n_samples,); None (default): all samples count the same.

        Returns:
            The accuracy.
        """
        return float(super().score(X, y, sample_weight))
