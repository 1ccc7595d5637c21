"""The classifier: a network with an output neuron for each class, or with one that tells two classes apart."""

from typing import Any, Self, final

import numpy as np
from numpy.typing import NDArray

from minigrid._base.numerics import predicted_labels
from minigrid._base.text import counted, message
from minigrid._base.typing import ArrayLike, FloatArray, override
from minigrid._base.validation import as_sample_weight
from minigrid.activations.base import outputs_probabilities
from minigrid.exceptions import InvalidValueError, MinigridError
from minigrid.model.network import Network
from minigrid.sklearn._library import ClassifierMixin, available_if, check_classification_targets, validate_data
from minigrid.sklearn.estimator import NetworkEstimator


@final
class GridSearchNetworkClassifier(ClassifierMixin, NetworkEstimator):
    """A small network that tells classes apart, its weights found by searching a grid.

    Two classes are told apart by one output neuron: the second, in sorted order, where its output is above 0.5. More
    have an output neuron each, and the largest output wins.

    Outputs that are all from 0 to 1, which the activation of the output neurons must declare (Sigmoid, HardSigmoid,
    Step and Gaussian do), are read as probabilities, as `LogLoss` reads them: a single one as that of the second
    class, several divided by their sum. Only then is there `predict_proba`. How good those probabilities are is a
    matter of ``scoring``: 'log_loss' rewards good ones, 'accuracy' does not look at them.

    Args:
        hidden: the number of neurons in each hidden layer; (): none, the outputs see the features.
        activation: of the hidden neurons, by name or as an object.
        output_activation: of the output neurons; None: 'sigmoid'.
        bias: whether the neurons have biases.
        network: a network of your own, of any connections, whose weights are searched instead: ``hidden``,
            `activation`, ``output_activation`` and ``bias`` are then not used. It has an output neuron for each class,
            or one for two.
        grid: the values that every weight may take, and every bias unless ``bias_grid`` is given: a Grid or a sequence
            of numbers. The default is for features of about the size of 1, as StandardScaler makes them.
        bias_grid: the values of every bias.
        overrides: other values for single parameters, by their names in `network_.parameter_names`.
        strategy: what to search in which order, as for GridSearchTrainer: 'joint' finds the best of the whole grid and
            proves it. None: ``Coordinate(block="parameter", restarts=3)``, one parameter at a time from several starts,
            which ends soon for any number of features and proves nothing.
        scoring: what makes a network the best in the search, as for GridSearchTrainer; None: 'log_loss'. (What `score`
            returns, and what cross-validation uses, is another matter: accuracy.)
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
        classes_: the labels, sorted, shape (n_classes,); after `fit`, as those below.
        network_: the network that was found; its labels 0, 1, ... are positions in ``classes_``.
        result_: what the search says of it: its score, whether it is proven best, and more.
        n_features_in_: how many features X had.
        feature_names_in_: their names, if X was a table with names.

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
        """Search for the network that tells the classes apart best.

        Args:
            X: shape (n_samples, n_features).
            y: shape (n_samples,), a label for each sample: text, numbers or booleans, at least two different ones.
            sample_weight: shape (n_samples,), how much each sample counts; None: all alike.

        Returns:
            The estimator itself.

        Raises:
            TypeError: an argument has the wrong type.
            ValueError: an argument has a value or a shape that cannot be used.
            SearchTooLongError: the search would take more than a day, and nothing limits it.
            KeyboardInterrupt: Ctrl-C was pressed; the estimator is fitted with the best until then.
        """
        features, targets = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(targets)
        weights = as_sample_weight(sample_weight, len(targets))
        classes, labels = np.unique(targets, return_inverse=True)
        counting = np.unique(labels if weights is None else labels[weights > 0.0])
        if len(counting) < 2:
            of = "" if weights is None else " among the samples of a weight above 0"
            fix = "Pass samples of every class that is to be told apart."
            raise InvalidValueError(message("y", f"at least two classes{of}", counted(len(counting), "class"), fix))
        n_classes = len(classes)
        allowed = [1, 2] if n_classes == 2 else [n_classes]
        network = self._planned_network(features.shape[1], allowed, f"for {n_classes} classes")
        result = self._search(network, features, labels.astype(np.float64), weights)
        self.classes_ = classes
        self._keep(result)
        return self

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict a class for each sample.

        Args:
            X: shape (n_samples, n_features).

        Returns:
            Shape (n_samples,): labels as in the y that it was fitted with.

        Raises:
            NotFittedError: `fit` was not called.
            ValueError: X does not fit.
        """
        outputs = self._outputs(X)  # first, as it says so where nothing is fitted
        predicted: NDArray[Any] = self.classes_[predicted_labels(outputs)]
        return predicted

    def decision_function(self, X: ArrayLike) -> FloatArray:
        """Tell how far each sample is on the side of a class, in the units of the network's outputs.

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

    def _gives_probabilities(self) -> bool:
        """Tell whether every output, as it is set, is from 0 to 1."""
        network = getattr(self, "network_", self.network)
        if isinstance(network, Network):
            return all(outputs_probabilities(neuron.activation) for neuron in network[-1])
        try:
            return network is None and outputs_probabilities(self._chosen_output_activation())
        except MinigridError:  # which `fit` will tell
            return False

    @available_if(_gives_probabilities)
    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Give each class a probability; only where the outputs are from 0 to 1, as the class says.

        Args:
            X: shape (n_samples, n_features).

        Returns:
            Shape (n_samples, n_classes), rows that sum to 1. Samples for which several outputs are all 0 have equal
            ones.

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
        # Two outputs that differ in the last bit may have equal quotients: the largest must stay the predicted one.
        chosen, rows = predicted_labels(outputs), np.arange(len(outputs))
        lost = chances.argmax(axis=1) != chosen
        chances[rows[lost], chosen[lost]] = np.nextafter(chances[rows[lost], chosen[lost]], 1.0)
        return chances

    @available_if(_gives_probabilities)
    def predict_log_proba(self, X: ArrayLike) -> FloatArray:
        """Return the logarithms of `predict_proba`, minus infinity for a probability of 0; where that is available."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    @override
    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy, the share of samples (or of their weight) whose class is predicted rightly.

        Args:
            X: shape (n_samples, n_features).
            y: shape (n_samples,), the true classes.
            sample_weight: shape (n_samples,); None (default): all samples count the same.

        Returns:
            The accuracy.
        """
        return float(super().score(X, y, sample_weight))
