"""Names that users know from other libraries work, or the error says what to use instead."""

import copy
import inspect
import pickle
import re
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrid
import minigrid.plotting
import minigrid.sklearn
import minigrid.testing
from minigrid import (
    ELU,
    L0,
    L1,
    L2,
    Accuracy,
    BalancedAccuracy,
    Coordinate,
    Grid,
    GridSearchTrainer,
    InvalidTypeError,
    Layer,
    LeakyReLU,
    LogLoss,
    Network,
    Neuron,
    RandomSample,
    Scorecard,
    SearchEvent,
    SearchSpace,
    ShapeError,
    Sigmoid,
    Tanh,
    UnknownAttributeError,
    UnknownNameError,
    Zoom,
    activation,
    register_activation,
)
from minigrid._base.other_names import ADVICE, ARGUMENTS, ATTRIBUTES, CLASS_ATTRIBUTES
from minigrid._base.other_names import NAMES as OTHER_NAMES
from minigrid.datasets import xor
from minigrid.names import ACTIVATIONS, ENGINES, SCORINGS, STRATEGIES
from minigrid.plotting import ActivationsDisplay, DecisionBoundaryDisplay, ScoreCurveDisplay, SearchHistoryDisplay
from minigrid.testing import check_activation
from tests.errors.cases import mg

X, Y = xor(40)
NETWORK = Network.dense([2, 2, 1], bias=True)
TRAINER: Any = GridSearchTrainer(Grid([-2.0, 0.5, 2.0]))
RESULT: Any = TRAINER.fit(NETWORK, X, Y)
EVENTS: list[SearchEvent] = []
GridSearchTrainer(Grid([0.0, 1.0]), callbacks=[EVENTS.append]).fit(NETWORK, X, Y)

# Attributes -------------------------------------------------------------------------------------

THINGS: dict[str, Any] = {
    "Network": NETWORK,
    "Layer": NETWORK[0],
    "Neuron": NETWORK[0][0],
    "Grid": Grid([-1.0, 0.0, 1.0]),
    "SearchSpace": SearchSpace(NETWORK, Grid([0.0, 1.0])),
    "Candidate": RESULT.top[0],
    "SearchPlan": TRAINER.plan(NETWORK, X, Y),
    "SearchResult": RESULT,
    "GridSearchTrainer": TRAINER,
    "SearchEvent": EVENTS[-1],
    "Display": SearchHistoryDisplay.from_result(RESULT),
    "NetworkEstimator": minigrid.sklearn.GridSearchNetworkClassifier(grid=[-1.0, 1.0], strategy="joint").fit(X, Y),
}
NAMES = {name.lower().removeprefix("search"): one for name, one in THINGS.items()}
KNOWN = {
    **NAMES,
    "trainer": TRAINER,
    "estimator": THINGS["NetworkEstimator"],
    "X": X,
    "y": Y,
    "np": np,
    "print": str,
    "vector": NETWORK.parameters,
}
KNOWN |= {name: getattr(minigrid, name) for name in minigrid.__all__}
KNOWN |= {one.__name__: one for one in (DecisionBoundaryDisplay, SearchHistoryDisplay)}


def codes(text: str) -> list[str]:
    """The pieces of code that a message says to use."""
    return [text[start : _end(text, start)] for start in (match.end() for match in re.finditer("Use ", text))]


def _end(text: str, start: int) -> int:
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] in "([") - (text[place] in ")]")
        if depth == 0 and re.match(r"[,;:]? |\.( |$)", text[place:]):
            return place
    return len(text)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in ATTRIBUTES.items() for name in names])
def test_a_name_of_another_library_gets_a_message_with_code_that_works(
    kind: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    thing = THINGS[kind]
    own = type(thing).__name__
    assert not hasattr(thing, name)
    with pytest.raises(UnknownAttributeError, match=f"^{own}.{name}: expected a name that an? {own} has") as caught:
        getattr(thing, name)
    assert isinstance(caught.value, AttributeError)
    monkeypatch.chdir(tmp_path)
    NETWORK.save("network.json")
    for code in codes(str(caught.value)):
        eval(code, dict(KNOWN))


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in CLASS_ATTRIBUTES.items() for name in names])
def test_a_function_of_a_class_of_another_library_gets_a_message_with_code_that_works(kind: str, name: str) -> None:
    owner: Any = ScoreCurveDisplay if kind == "Display" else KNOWN[kind]
    with pytest.raises(UnknownAttributeError, match=f"^{owner.__name__}.{name}: expected a name that ") as caught:
        getattr(owner, name)
    for code in codes(str(caught.value)):
        eval(code, dict(KNOWN))
    with pytest.raises(AttributeError, match=r"has no attribute 'qqq'$"):
        _ = owner.qqq


@pytest.mark.parametrize(
    ("thing", "name", "use"),
    [
        (NETWORK, "fit", "GridSearchTrainer(Grid.linspace(-3, 3, 7)).fit(network, X, y)"),
        (NETWORK, "compile", "There is no gradient"),
        (NETWORK, "weights", "network[0][0].weights"),
        (NETWORK, "set_weights", "network.with_parameters(vector)"),
        (NETWORK, "get_weights", "network.parameters"),
        (NETWORK, "parameters_count", "network.n_parameters"),
        (NETWORK, "classes_", "GridSearchNetworkClassifier"),
        (NETWORK, "plot", "network.diagram()"),
        (RESULT, "predict_proba", "result.network(X)"),
        (RESULT, "best_params_", "result.to_dict()['parameters']"),
        (RESULT, "biases", "result.network[0][0].bias"),
        (RESULT, "summary", "print(result)"),
        (RESULT, "plot", "SearchHistoryDisplay.from_result(result).plot()"),
        (RESULT, "cv_results_", "result.to_records()"),
        (TRAINER, "strategy", "print(trainer)"),
        (TRAINER, "predict", "trainer.fit(network, X, y)"),
    ],
)
def test_some_names_and_what_to_use(thing: Any, name: str, use: str) -> None:
    with pytest.raises(UnknownAttributeError, match=re.escape(use)):
        getattr(thing, name)


# Arguments --------------------------------------------------------------------------------------

CALLS: dict[str, Callable[..., object]] = {
    "GridSearchTrainer": partial(GridSearchTrainer, Grid([0.0, 1.0])),
    "GridSearchTrainer.fit": partial(TRAINER.fit, NETWORK, X, Y),
    "GridSearchTrainer.plan": partial(TRAINER.plan, NETWORK, X, Y),
    "GridSearchTrainer.near_best": partial(TRAINER.near_best, NETWORK, X, Y, within=0.1),
    "Network.dense": partial(Network.dense, [2, 1]),
    "Layer.dense": partial(Layer.dense, 2, 1, activation="tanh"),
    "Network.score": partial(NETWORK.score, X, Y),
    "Neuron": partial(Neuron, [1.0]),
    "Coordinate": Coordinate,
    "RandomSample": RandomSample,
    "Zoom": Zoom,
    "Grid.linspace": Grid.linspace,
    "LeakyReLU": LeakyReLU,
    "ELU": ELU,
    "LogLoss": LogLoss,
    "L0": partial(L0, 0.1),
    "L1": partial(L1, 0.1),
    "L2": partial(L2, 0.1),
    "NetworkEstimator": minigrid.sklearn.GridSearchNetworkClassifier,
    "NetworkEstimator.scorecard": minigrid.sklearn.GridSearchNetworkClassifier().scorecard,
    "FunctionScoring": partial(minigrid.FunctionScoring, max),
    "FunctionActivation": partial(minigrid.FunctionActivation, np.tanh),
    "SearchResult.scorecard": RESULT.scorecard,
}


def called(owner: str) -> str:
    return "GridSearchNetworkClassifier" if owner == "NetworkEstimator" else owner


def all_parameters(call: Any) -> Collection[str]:
    return inspect.signature(getattr(call, "func", call)).parameters


@pytest.mark.parametrize(
    ("owner", "name"), [(owner, name) for owner, names in ARGUMENTS.items() for name in names if name != "*"]
)
def test_an_argument_of_another_library_gets_a_message_that_names_one_that_exists(owner: str, name: str) -> None:
    call = CALLS[owner]
    parameters = all_parameters(call)
    assert name not in parameters
    with pytest.raises(
        InvalidTypeError, match=f"^{called(owner)}: expected arguments that it has, got {name}="
    ) as caught:
        call(**{name: 1})
    assert isinstance(caught.value, TypeError)
    of_trainer = "The trainer has this setting" in str(caught.value)
    for used in re.findall(r"[Uu]se (\w+)=", str(caught.value)):
        assert used in (all_parameters(CALLS["GridSearchTrainer"]) if of_trainer else parameters), used
    for used in re.findall(r"reate the trainer with (\w+)=", str(caught.value)):
        assert used in all_parameters(CALLS["GridSearchTrainer"]), used
    assert not (of_trainer and re.search("has no|cross_val_score|do not matter|no random numbers", str(caught.value)))


@pytest.mark.parametrize("owner", CALLS)
def test_a_misspelt_argument_gets_the_nearest_and_any_other_all_that_there_are(owner: str) -> None:
    call = CALLS[owner]
    name = max(all_parameters(call), key=len)
    with pytest.raises(InvalidTypeError, match=rf"got {name}e=\. Did you mean {name}=\?"):
        call(**{f"{name}e": 1})
    with pytest.raises(InvalidTypeError, match=rf"^{called(owner)}: .* got qqq=\. It takes .*\b{name}\b"):
        call(qqq=1)


@pytest.mark.parametrize("kind", [minigrid.Joint, minigrid.LayerWise, minigrid.SELU, Sigmoid, Accuracy])
def test_what_has_no_settings_says_so(kind: Any) -> None:
    with pytest.raises(InvalidTypeError, match=rf"^{kind.__name__}: .* got seed=\. It takes none\.$"):
        kind(seed=1)


def test_of_several_wrong_arguments_the_first_is_named() -> None:
    wrong: dict[str, Any] = {"verbose": 1, "n_jobs": 2, "epochs": 3, "metric": "accuracy", "timeout": 4, "cv": 5}
    for name in wrong:
        others = {name: wrong[name], **wrong}
        with pytest.raises(InvalidTypeError, match=f"got {name}="):
            GridSearchTrainer(Grid([0.0]), **others)


def test_settings_are_named() -> None:
    trainer: Any = GridSearchTrainer
    for given in (Grid, "coordinate"), (Grid([1.0]), "coordinate"), (NETWORK, Grid([1.0])):
        with pytest.raises(InvalidTypeError, match=r"GridSearchTrainer\(grid, strategy='coordinate'\)"):
            trainer(*given)
    with pytest.raises(InvalidTypeError, match=r"^GridSearchTrainer.fit: .* got an array .* Name it: sample_weight="):
        TRAINER.fit(NETWORK, X, Y, np.ones(len(Y)))
    with pytest.raises(InvalidTypeError, match=r"^Network.score: .* got 'accuracy'\. Name it: scoring='accuracy'"):
        mg.Network.score(NETWORK, X, Y, "accuracy")
    with pytest.raises(InvalidTypeError, match=r"^Layer.dense: .* got 'tanh'\. Name the activation: activation='tanh'"):
        mg.Layer.dense(2, 3, "tanh")
    with pytest.raises(InvalidTypeError, match=r"^Zoom: .* got 7\. It takes points, levels\.$"):
        mg.Zoom(5, 8, 7)
    with pytest.raises(InvalidTypeError, match=r"^GridSearchNetworkClassifier: .* Name the others: activation=, "):
        CALLS["NetworkEstimator"]((2,), "tanh")


@pytest.mark.parametrize(
    ("owner", "name", "said"),
    [
        ("GridSearchTrainer", "sample_weight", "GridSearchTrainer(grid).fit(network, X, y, sample_weight=weights)"),
        ("GridSearchTrainer", "checkpoint", "GridSearchTrainer(grid).fit(network, X, y, checkpoint='search.json')"),
        ("GridSearchTrainer", "bias", "Network.dense([2, 2, 1], bias=True)"),
        ("GridSearchTrainer.fit", "epochs", "To limit it, create the trainer with time_limit=60"),
        ("GridSearchTrainer.fit", "validation_data", "got validation_data=. minigrid scores on all samples"),
        ("GridSearchTrainer.fit", "n_jobs", "The trainer has this setting. Use workers=, such as workers=2"),
        ("GridSearchTrainer.near_best", "checkpoint", "Only fit has it: GridSearchTrainer(grid).fit(network, X, y, ch"),
        ("NetworkEstimator", "checkpoint", "A trainer has it: GridSearchTrainer(grid).fit(network, X, y, checkpoint="),
        ("NetworkEstimator", "executor", "GridSearchTrainer(grid, executor=...)"),
        ("NetworkEstimator", "keep_scores", "GridSearchTrainer(grid).fit(network, X, y, keep_scores="),
        ("Zoom", "level", "Did you mean levels=?"),
    ],
)
def test_some_arguments_and_what_to_do(owner: str, name: str, said: str) -> None:
    with pytest.raises(InvalidTypeError, match=re.escape(said)):
        CALLS[owner](**{name: 1})


@pytest.mark.parametrize(
    ("make", "given", "meant"),
    [
        (lambda name: GridSearchTrainer(Grid([1.0]), scoring=name), "binary_crossentropy", "log_loss"),
        (lambda name: GridSearchTrainer(Grid([1.0]), strategy=name), "exhaustive", "joint"),
        (lambda name: Neuron([1.0], activation=name), "linear", "identity"),
        (lambda name: GridSearchTrainer(Grid([1.0]), engine=name), "numpy", "batched"),
        (lambda name: GridSearchTrainer(Grid([1.0]), engine=name), "fast", "auto"),
        (lambda name: GridSearchTrainer(Grid([1.0]), engine=name), "ref", "reference"),
        (lambda name: GridSearchTrainer(Grid([1.0]), strategy=name), "bruteforce", "joint"),
        (lambda name: GridSearchTrainer(Grid([1.0]), strategy=name), "brute-force", "joint"),
    ],
)
def test_another_librarys_name_of_a_thing(make: Callable[[Any], object], given: str, meant: str) -> None:
    with pytest.raises(UnknownNameError, match=f"got '{given}'. Did you mean '{meant}'"):
        make(given)
    make(meant)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in ADVICE.items() for name in names])
def test_a_name_of_what_does_not_exist_gets_advice_and_no_guess(kind: str, name: str) -> None:
    takes: dict[str, Callable[..., Any]] = {
        "strategy": partial(GridSearchTrainer, Grid([1.0])),
        "activation": partial(Neuron, [1.0]),
    }
    with pytest.raises(UnknownNameError, match=rf"got '{name}'\. (No strategy|There is no)") as caught:
        takes[kind](**{kind: name})
    assert "Did you mean" not in str(caught.value)
    (used,) = re.findall("Use '([a-z]+)'", str(caught.value))
    takes[kind](**{kind: used})


def test_a_name_like_no_other_gets_no_guess_and_all_that_there_are() -> None:
    with pytest.raises(UnknownNameError, match=r"got 'mish'\. Known: 'identity', ") as caught:
        Network.dense([2, 1], activation=mg.RegisteredName("mish"))
    assert all(repr(name) in str(caught.value) for name in ACTIVATIONS.built_in)


def test_every_other_name_leads_to_one_that_exists() -> None:
    known = {*SCORINGS.built_in, *STRATEGIES.built_in, *ENGINES.built_in, *ACTIVATIONS.built_in}
    assert set(OTHER_NAMES.values()) <= known
    assert not known & {*OTHER_NAMES, *(name for names in ADVICE.values() for name in names)}


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


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: TRAINER.fit(NETWORK, X), "GridSearchTrainer.fit: expected (network, X, y), got no y. Pass y, too."),
        (lambda: TRAINER.near_best(NETWORK, X, Y), "(network, X, y, within=...), got no within. Pass within, too."),
        (lambda: mg.Grid.linspace(-5, 5), "Grid.linspace: expected (start, stop, num), got no num. Pass num, too."),
        (lambda: mg.Grid.linspace(num=5), "Grid.linspace: expected (start, stop, num), got no start."),
        (lambda: mg.Layer.dense(2, 3), "Layer.dense: expected (n_inputs, n_neurons, activation=...), got no activ"),
        (lambda: mg.GridSearchTrainer(), "GridSearchTrainer: expected (grid), got no grid. Pass grid, too."),
    ],
)
def test_a_missing_argument_is_named(call: Callable[[], object], said: str) -> None:
    with pytest.raises(InvalidTypeError, match=re.escape(said)):
        call()


def test_all_arguments_may_be_named() -> None:
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
