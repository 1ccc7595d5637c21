"""Names that users know from other libraries work, or the error says what to use instead."""

import copy
import inspect
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrid
import minigrid.plotting
import minigrid.sklearn
import minigrid.testing
from minigrid import (
    Accuracy,
    BalancedAccuracy,
    Grid,
    GridSearchTrainer,
    InvalidTypeError,
    Layer,
    Network,
    Neuron,
    Scorecard,
    ShapeError,
    Sigmoid,
    Tanh,
    UnknownAttributeError,
    UnknownNameError,
    activation,
    register_activation,
)
from minigrid.datasets import xor
from minigrid.plotting import ActivationsDisplay
from minigrid.testing import check_activation

X, Y = xor(40)
NETWORK = Network.dense([2, 2, 1], bias=True)
TRAINER: Any = GridSearchTrainer(Grid([-2.0, 0.5, 2.0]))
RESULT: Any = TRAINER.fit(NETWORK, X, Y)

# Attributes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("thing", "name", "use"),
    [
        (NETWORK, "fit", "GridSearchTrainer(Grid.linspace(-3, 3, 7)).fit(network, X, y)"),
        (NETWORK, "train", "GridSearchTrainer(Grid.linspace(-3, 3, 7)).fit(network, X, y)"),
        (NETWORK, "predict_proba", "network(X)"),
        (NETWORK, "weights", "network.parameters"),
        (NETWORK, "weights", "network[0][0].weights"),
        (NETWORK, "bias", "network[0][0].bias"),
        (NETWORK, "activation", "network[0][0].activation"),
        (NETWORK, "evaluate", "network.score(X, y)"),
        (NETWORK, "plot", "network.diagram()"),
        (NETWORK, "shape", "network.topology"),
        (NETWORK[0], "weights", "layer[0].weights"),
        (NETWORK[0], "parameters", "layer[0].parameters"),
        (RESULT, "predict", "result.network.predict(X)"),
        (RESULT, "predict_proba", "result.network(X)"),
        (RESULT, "weights", "result.parameters"),
        (RESULT, "weights", "result.network[0][0].weights"),
        (RESULT, "best_params_", "result.to_dict()['parameters']"),
        (RESULT, "best_score", "result.score"),
        (RESULT, "best_estimator_", "result.network"),
        (RESULT, "best_index_", "result.index"),
        (RESULT, "best", "result.top[0]"),
        (RESULT, "cv_results_", "result.to_records()"),
        (TRAINER, "predict", "trainer.fit(network, X, y)"),
        (TRAINER, "best_score_", "trainer.fit(network, X, y)"),
        (TRAINER, "search", "trainer.fit(network, X, y)"),
    ],
)
def test_a_name_of_another_library_gets_a_message_with_code_that_works(thing: Any, name: str, use: str) -> None:
    assert not hasattr(thing, name)
    kind = type(thing).__name__
    with pytest.raises(UnknownAttributeError, match=f"^{kind}.{name}: expected a name that a {kind} has") as caught:
        getattr(thing, name)
    assert isinstance(caught.value, AttributeError)
    assert use in str(caught.value)
    names = {"network": NETWORK, "layer": NETWORK[0], "result": RESULT, "trainer": TRAINER, "X": X, "y": Y}
    if "trainer" not in use and "GridSearchTrainer" not in use:
        eval(use, names)


@pytest.mark.parametrize("thing", [NETWORK, NETWORK[0], RESULT, TRAINER])
def test_any_other_name_gets_what_python_says(thing: Any) -> None:
    with pytest.raises(AttributeError, match=r"object has no attribute 'wieghts'$") as caught:
        _ = thing.wieghts
    assert not isinstance(caught.value, UnknownAttributeError)


@pytest.mark.parametrize("thing", [NETWORK, NETWORK[0], RESULT])
def test_values_are_still_copied_and_pickled(thing: Any) -> None:
    assert copy.copy(thing) == copy.deepcopy(thing) == pickle.loads(pickle.dumps(thing)) == thing


@pytest.mark.parametrize("method", [TRAINER.fit, TRAINER.plan, TRAINER.near_best])
@pytest.mark.parametrize("arguments", [(X, Y), (X,), ()])
def test_a_trainer_without_a_network_says_that_it_comes_first(
    method: Callable[..., object], arguments: tuple[Any, ...]
) -> None:
    got = "an array" if arguments else "None"
    with pytest.raises(InvalidTypeError, match=f"^network: expected a Network, got {got}.*Pass the network first"):
        method(*arguments)
    with pytest.raises(InvalidTypeError, match=r"^network: expected a Network, got None"):
        method(X=X, y=Y)


def test_other_missing_arguments_get_what_python_says() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'y'"):
        TRAINER.fit(NETWORK, X)
    assert TRAINER.fit(network=NETWORK, X=X, y=Y).score == RESULT.score


# Scores -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("scoring", ["accuracy", "balanced_accuracy", "log_loss", "mean_squared_error", "hinge"])
@pytest.mark.parametrize("weight", [None, np.linspace(0.1, 2.0, len(Y))])
def test_a_network_scores_as_a_search_does(scoring: Any, weight: Any) -> None:
    found = GridSearchTrainer(Grid([-2.0, 0.5, 2.0]), scoring=scoring).fit(NETWORK, X, Y, sample_weight=weight)
    assert found.network.score(X, Y, scoring=scoring, sample_weight=weight) == found.score


def test_a_network_scores_with_a_function_and_refuses_what_does_not_fit() -> None:
    network = RESULT.network
    assert network.score(X, Y) == RESULT.score == float(np.mean(network.predict(X) == Y))
    assert network.score(X, Y, scoring=lambda y, outputs: float(outputs.sum())) == float(network(X).sum())
    with pytest.raises(ShapeError, match=r"^y: expected 40 targets, one for each row of X, got 3"):
        network.score(X, [0, 1, 0])
    with pytest.raises(UnknownNameError, match="acuracy"):
        network.score(X, Y, scoring="acuracy")


@pytest.mark.parametrize("scoring", [Accuracy(), BalancedAccuracy()])
@pytest.mark.parametrize("n_outputs", [1, 2, 3, 5])
@pytest.mark.parametrize("is_weighted", [False, True])
def test_a_scoring_of_labels_takes_predicted_labels(scoring: Any, n_outputs: int, is_weighted: bool) -> None:
    generator = np.random.default_rng(n_outputs)
    outputs = generator.normal(0.5, 1.0, size=(60, n_outputs))
    labels = outputs.argmax(axis=1) if n_outputs > 1 else (outputs[:, 0] > 0.5).astype(int)
    y = generator.integers(0, max(n_outputs, 2), 60)
    weight = generator.random(60) if is_weighted else None
    assert scoring(y, labels, weight) == scoring(y, outputs, weight)
    assert scoring(y.tolist(), labels.tolist(), weight) == scoring(y, outputs, weight)


@pytest.mark.parametrize("labels", [[0.2, 0.9], [0, -1], [0, 10**6]])
def test_a_scoring_of_labels_refuses_other_numbers(labels: list[float]) -> None:
    with pytest.raises(ShapeError, match=r"^outputs: expected .* or predicted labels .* Pass network\(X\)"):
        Accuracy()([0, 1], labels)


# Activations by name ----------------------------------------------------------------------------


def test_an_activation_is_taken_by_its_name_wherever_one_is_taken() -> None:
    assert Neuron([1.0], activation="tanh") == Neuron([1.0], activation=Tanh())
    assert Layer.dense(2, 3, activation="tanh") == Layer.dense(2, 3, activation=Tanh())
    assert Network.dense([2, 2, 1], activation="tanh") == Network.dense([2, 2, 1], activation=Tanh())
    named = Network.dense([2, 2, 1], activation="tanh", output_activation="sigmoid")
    assert named == Network.dense([2, 2, 1], activation=Tanh(), output_activation=Sigmoid())
    assert Scorecard([1.0], activation="sigmoid") == Scorecard([1.0])
    assert ActivationsDisplay.from_activations(["tanh", Sigmoid()]).names == ("Tanh", "Sigmoid")
    check_activation("leaky_relu")


def test_an_activation_of_your_own_is_taken_by_the_name_you_gave() -> None:
    @activation(monotonic=True)
    def doubled(z: Any) -> Any:
        return 2.0 * z

    name = register_activation("doubled_here", doubled, replace=True)
    assert Neuron([3.0], activation=name)([[1.0]]) == [6.0]


@pytest.mark.parametrize(
    "take",
    [
        lambda name: Neuron([1.0], activation=name),
        lambda name: Layer.dense(1, 1, activation=name),
        lambda name: Network.dense([1, 1], activation=name),
        lambda name: Network.dense([1, 1], output_activation=name),
        lambda name: Scorecard([1.0], activation=name),
        lambda name: ActivationsDisplay.from_activations([name]),
        lambda name: check_activation(name),
    ],
)
def test_a_misspelt_activation_is_named(take: Callable[[Any], object]) -> None:
    with pytest.raises(UnknownNameError, match=r"got 'tahn'. Did you mean 'tanh'"):
        take("tahn")


# Help -------------------------------------------------------------------------------------------


def public() -> list[tuple[str, Any]]:
    """Every public class, function and method."""
    modules = (minigrid, minigrid.plotting, minigrid.sklearn, minigrid.testing)
    things = [(f"{module.__name__}.{name}", getattr(module, name)) for module in modules for name in module.__all__]
    own = [
        (f"{name}.{member}", getattr(thing, member))
        for name, thing in things
        if isinstance(thing, type)
        for member in dir(thing)
        if not member.startswith("_") and callable(getattr(thing, member))
        if str(getattr(getattr(thing, member), "__module__", "")).startswith("minigrid")
    ]
    return [(name, thing) for name, thing in [*things, *own] if callable(thing)]


@pytest.mark.parametrize(("name", "thing"), public(), ids=[name for name, _ in public()])
def test_help_shows_the_names_of_types_and_not_what_they_stand_for(name: str, thing: Any) -> None:
    try:
        signature = str(inspect.signature(thing))
    except ValueError:  # a class that Python makes, such as an exception
        return
    assert "numpy._typing" not in signature
    assert "numpy.ndarray[" not in signature.partition(" -> ")[0]


def test_help_of_fit_shows_short_types() -> None:
    signature = str(inspect.signature(GridSearchTrainer.fit))
    assert "X: numpy.typing.ArrayLike, y: numpy.typing.ArrayLike" in signature
    assert len(signature) < 400
