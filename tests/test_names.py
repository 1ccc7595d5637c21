"""Names of custom strategies, engines, scorings and activations."""

import ast
import inspect
from abc import abstractmethod
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final, get_args

import numpy as np
import pytest
from typing_extensions import override

import minigrid
from minigrid import (
    Accuracy,
    Activation,
    Coordinate,
    EngineError,
    FloatArray,
    FunctionActivation,
    FunctionScoring,
    Grid,
    GridSearchTrainer,
    InvalidTypeError,
    InvalidValueError,
    Network,
    Outcome,
    PlannedStage,
    Problem,
    RegisteredName,
    Runner,
    Scorer,
    Stage,
    Strategy,
    StrategyError,
    UnknownNameError,
    named_activation,
    register_activation,
    register_engine,
    register_scoring,
    register_strategy,
)
from minigrid._base.registry import Registry
from minigrid._base.typing import IntArray
from minigrid.names import (
    ACTIVATIONS,
    ENGINES,
    SCORINGS,
    STRATEGIES,
    ActivationName,
    EngineName,
    ScoringName,
    StrategyName,
)
from tests.problems import BUILT_IN

X = [[0.1, 0.9], [0.8, 0.3], [0.2, 0.1], [0.9, 0.9]]
Y = [1, 1, 0, 1]
GRID = Grid([-1.0, 0.0, 1.0])
REGISTER: list[Any] = [register_activation, register_scoring, register_strategy, register_engine]


def fit(**options: Any) -> minigrid.SearchResult:
    return GridSearchTrainer(GRID, **options).fit(Network.dense([2, 1], bias=True), X, Y)


@final
@dataclass(frozen=True, repr=False)
class EveryOther(Strategy):
    """A user's strategy: every other candidate."""

    step: int = 2

    @override
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        indices = range(0, problem.space.size, self.step)
        return (PlannedStage(Stage("every other", problem, indices)),)

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        found = runner.run(Stage("every other", problem, range(0, problem.space.size, self.step)))
        return Outcome(found.best, optimal=self.step == 1)


class Plainest(Scorer):
    """A user's engine: the plain loop."""

    name = "plainest"

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        return np.array([problem.score(parameters) for parameters in problem.space.values_at(digits)])

    @override
    def chunk_size(self, problem: Problem) -> int:
        return 100

    @override
    def memory(self, problem: Problem, n_candidates: int) -> int:
        return 1000 * n_candidates


@dataclass(frozen=True)
class Slanted(Activation):
    """A user's activation with a parameter that has no default."""

    slope: float

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return z * self.slope


def share(y_true: FloatArray, outputs: FloatArray) -> float:
    return float(np.mean((outputs[:, 0] > 0.5) == y_true))


def test_a_registered_strategy_is_found_by_its_name() -> None:
    name = register_strategy("every_other", EveryOther)
    assert name == "every_other"
    result = fit(strategy=name)
    assert (result.strategy, result.optimal, result.n_scored) == ("EveryOther()", False, 14)
    assert fit(strategy="every_other").index == result.index  # the text alone does as well
    assert fit(strategy=register_strategy("each", EveryOther(1))).optimal
    assert "every other" in GridSearchTrainer(GRID, strategy=name).plan(Network.dense([2, 1]), X, Y).stages[0][0]


def test_a_registered_engine_is_found_by_its_name() -> None:
    name = register_engine("plainest", Plainest)
    result, expected = fit(engine=name, strategy="joint"), fit(engine="reference")
    assert (result.engine, result.index, result.score) == ("plainest", expected.index, expected.score)
    assert "engine='plainest'" in repr(GridSearchTrainer(GRID, engine=name))
    assert "engine=Plainest()" in repr(GridSearchTrainer(GRID, engine=Plainest()))
    assert fit(engine=Plainest(), strategy="layerwise").score == fit(strategy="layerwise").score


def test_a_registered_scoring_is_found_by_its_name() -> None:
    name = register_scoring("share", FunctionScoring(share))
    assert fit(scoring=name).score == fit(scoring="accuracy").score


def test_a_registered_activation_is_found_by_its_name() -> None:
    name = register_activation("slanted", Slanted)
    assert named_activation(name, slope=0.5) == Slanted(0.5)
    assert named_activation(RegisteredName("slanted"), slope=0.5) == Slanted(0.5)
    arctan = FunctionActivation(np.arctan, monotonic=True)
    assert named_activation(register_activation("arctan_test", arctan)) is arctan


def test_every_built_in_activation_has_a_name() -> None:
    made = {type(ACTIVATIONS.make(name)) for name in ACTIVATIONS.built_in}
    assert made == {type(activation) for activation in BUILT_IN}
    assert named_activation("leaky_relu", slope=0.3) == minigrid.LeakyReLU(0.3)


def texts_of(literal: Any) -> tuple[str, ...]:
    """The strings of a Literal, or of several of them in a union."""
    return tuple(text for part in get_args(literal) for text in (get_args(part) or (part,)))


@pytest.mark.parametrize(
    ("literal", "registry"),
    [
        (ActivationName, ACTIVATIONS),
        (ScoringName, SCORINGS),
        (StrategyName, STRATEGIES),
        (EngineName, ENGINES),
    ],
    ids=["activation", "scoring", "strategy", "engine"],
)
def test_type_checkers_know_the_names_that_there_are(literal: object, registry: Registry[object]) -> None:
    assert texts_of(literal) == registry.built_in


def test_a_class_is_named_by_its_own_name() -> None:
    kinds = {name: type(SCORINGS.make(name)).__name__ for name in SCORINGS.built_in}
    kinds |= {name: type(ACTIVATIONS.make(name)).__name__ for name in ACTIVATIONS.built_in}
    assert {name: kind for name, kind in kinds.items() if name.replace("_", "") != kind.lower()} == {}
    for name, kind in {"leaky_relu": "LeakyReLU", "silu": "SiLU", "mean_squared_error": "MeanSquaredError"}.items():
        assert kinds[name] == kind


def test_what_does_not_fit_a_name_is_named() -> None:
    register_activation("slanted", Slanted)
    register_activation("arctan_settings", FunctionActivation(np.arctan))
    with pytest.raises(InvalidTypeError, match=r"^activation 'slanted': expected settings .*got TypeError.*slope"):
        named_activation(RegisteredName("slanted"))
    with pytest.raises(InvalidTypeError, match=r"^activation 'arctan_settings': expected no settings, as it is Func"):
        named_activation(RegisteredName("arctan_settings"), slope=2.0)
    with pytest.raises(InvalidValueError, match=r"^slope: expected a number of at least 0"):
        named_activation("leaky_relu", slope=-1.0)


@pytest.mark.parametrize(
    ("kind", "wrong", "hint"),
    [
        ("strategy", "every_othr", "Did you mean 'every_other'"),
        ("engine", "batch", "Did you mean 'batched'"),
        ("scoring", "acuracy", "Did you mean 'accuracy'"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(kind: str, wrong: str, hint: str) -> None:
    register_strategy("every_other", EveryOther)
    options: Any = {kind: wrong}
    with pytest.raises(UnknownNameError, match=rf"^{kind}: expected the name of an? {kind}, got '{wrong}'. {hint}"):
        GridSearchTrainer(GRID, **options)


@pytest.mark.parametrize("wrong", ["", "two words", "2nd", "hill-climb", "a.b"])
@pytest.mark.parametrize("register", REGISTER)
def test_a_name_is_an_identifier(register: Any, wrong: str) -> None:
    with pytest.raises(InvalidValueError, match=r"^name: expected a valid Python identifier.*hill_climb"):
        register(wrong, EveryOther)


@pytest.mark.parametrize("register", REGISTER)
def test_a_name_is_text_and_what_it_names_of_its_kind(register: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^name: expected a name as text, got 3"):
        register(3, EveryOther)
    for wrong in (len, "joint", None, int, lambda: EveryOther()):
        fix = r"(Derive it from minigrid\.|Wrap the function: )"
        with pytest.raises(InvalidTypeError, match=rf"^\w+: expected an? \w+, got .*{fix}"):
            register("nothing", wrong)


@pytest.mark.parametrize(
    ("register", "name", "thing"),
    [
        (register_strategy, "joint", EveryOther),
        (register_engine, "auto", Plainest),
        (register_scoring, "accuracy", Accuracy),
        (register_activation, "sigmoid", Slanted),
    ],
)
def test_a_built_in_name_is_taken(register: Any, name: str, thing: object) -> None:
    with pytest.raises(InvalidValueError, match=rf"^name: expected a free name, got '{name}', a built-in"):
        register(name, thing)


def test_one_name_stands_for_one_thing() -> None:
    register_strategy("quick", Coordinate(restarts=1))
    register_strategy("quick", Coordinate(restarts=1))  # the same once more
    with pytest.raises(InvalidValueError, match=r"^name: .* got 'quick', the name of Coordinate\(restarts=1\)"):
        register_strategy("quick", Coordinate(restarts=2))
    with pytest.raises(InvalidValueError, match="'quick'"):
        register_strategy("quick", EveryOther)


def test_a_cell_that_is_run_again_takes_the_place_of_the_first_run() -> None:
    cell = """
from minigrid import Activation, activation
class Doubled(Activation):
    def __call__(self, z, /):
        return 2.0 * z
@activation
def tripled(z):
    return 3.0 * z
"""
    first: dict[str, Any] = {"__name__": "__main__"}
    second: dict[str, Any] = {"__name__": "__main__"}
    for run in (first, second):
        exec(cell, run)
        register_activation("doubled", run["Doubled"])
        register_activation("doubled_object", run["Doubled"]())
        register_activation("tripled", run["tripled"])
    assert type(named_activation(RegisteredName("doubled"))) is second["Doubled"]
    assert type(named_activation(RegisteredName("doubled_object"))) is second["Doubled"]
    assert named_activation(RegisteredName("tripled")) is second["tripled"]
    register_activation("anonymous", FunctionActivation(lambda z: z + 1.0))
    with pytest.raises(InvalidValueError, match="'anonymous'"):
        register_activation("anonymous", FunctionActivation(lambda z: z + 2.0))


def test_a_class_that_lacks_methods_is_not_registered() -> None:
    class Half(Scorer):
        @override
        def score(self, problem: Problem, digits: IntArray) -> FloatArray:
            return np.zeros(len(digits))

        @abstractmethod
        def more(self) -> None: ...

    with pytest.raises(InvalidTypeError, match=r"^engine: expected a class with all its methods.*more"):
        register_engine("half", Half)


class _Returns(Strategy):
    """A user's strategy that returns what it was made with."""

    def __init__(self, returned: Any, indices: range) -> None:
        self._returned = returned
        self._indices = indices

    @override
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        return (PlannedStage(Stage("all", problem), len(self._indices)),)

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        found = runner.run(Stage("all", problem, self._indices))
        outcome: Outcome = Outcome(found.best, optimal=True) if self._returned == "liar" else self._returned
        return outcome


@pytest.mark.parametrize(
    ("returned", "got"),
    [
        (None, "an Outcome with at least one candidate, got None"),
        (Outcome((), optimal=False), "an Outcome with at least one candidate, got an Outcome without candidates"),
        ("liar", "27 candidates processed, as it claims to be optimal, got 5"),
    ],
)
def test_a_strategy_that_breaks_its_contract_is_named(returned: object, got: str) -> None:
    with pytest.raises(StrategyError, match=rf"^strategy _Returns\(\): expected {got}"):
        fit(strategy=_Returns(returned, range(5)))


@pytest.mark.parametrize("returned", [None, [1.0], np.zeros(3), np.zeros(27, dtype=np.float32), 1.0], ids=repr)
def test_an_engine_that_breaks_its_contract_is_named(returned: Any) -> None:
    class Wrong(Plainest):
        @override
        def score(self, problem: Problem, digits: IntArray) -> FloatArray:
            wrong: FloatArray = returned
            return wrong

    with pytest.raises(EngineError, match=r"^score of engine Wrong\(\): expected a float64 array of shape \(\d+,\)"):
        fit(engine=Wrong())


class Climb(Strategy):
    """A user's strategy with a setting that has no default."""

    def __init__(self, step: int) -> None:
        self.step = step

    @override
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        return (PlannedStage(Stage("all", problem), 1),)

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        return Outcome(runner.run(Stage("all", problem)).best, optimal=False)


def test_a_name_may_be_given_to_another_thing_on_purpose() -> None:
    register_strategy("quick", Coordinate(restarts=1))
    with pytest.raises(InvalidValueError, match=r"Choose another name, or pass replace=True\.$"):
        register_strategy("quick", EveryOther)
    assert fit(strategy=register_strategy("quick", EveryOther, replace=True)).strategy == "EveryOther()"
    with pytest.raises(InvalidValueError, match=r"a built-in strategy\. Choose another name\.$"):
        register_strategy("joint", EveryOther, replace=True)
    wrong: Any = "yes"
    with pytest.raises(InvalidTypeError, match=r"^replace: expected True or False, got 'yes'"):
        register_engine("plainest", Plainest, replace=wrong)


def test_a_bare_function_is_answered_with_how_to_wrap_it() -> None:
    wrong: Any = share
    with pytest.raises(InvalidTypeError, match=r"^scoring: expected a scoring, .*FunctionScoring\(function\), or"):
        register_scoring("share", wrong)
    with pytest.raises(InvalidTypeError, match=r"^activation: expected an activation, .*decorate it with @activation"):
        register_activation("share", wrong)
    with pytest.raises(InvalidTypeError, match=r"^strategy: expected a strategy, .*Derive it from minigrid\.Strategy"):
        register_strategy("share", wrong)


def test_a_class_that_needs_settings_is_registered_as_an_object() -> None:
    with pytest.raises(
        InvalidTypeError, match=r"^strategy: .*defaults, or an object, got .*'step'.*Climb\(\.\.\.\)\.$"
    ):
        register_strategy("climb", Climb)
    assert fit(strategy=register_strategy("climb", Climb(1))).score == fit().score


class Ramp(Activation):
    """A class that is no dataclass, and keeps its setting under its name."""

    monotonic = True

    def __init__(self, width: float = 1.0) -> None:
        if width <= 0.0:
            raise ValueError("no width")
        self.width = width

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.clip(z / self.width, 0.0, 1.0)

    @override
    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    @override
    def __hash__(self) -> int:
        return hash(type(self))


class SecretRamp(Ramp):
    """Keeps its setting under another name."""

    def __init__(self, share: float = 1.0) -> None:
        super().__init__(share)


def test_a_class_of_any_kind_is_saved_by_its_settings_if_it_tells_them(tmp_path: Path) -> None:
    register_activation("ramp", Ramp)
    register_activation("secret_ramp", SecretRamp)
    path = tmp_path / "network.json"
    Network.dense([2, 1], activation=Ramp(2.5)).save(path)
    assert Network.load(path).layers[0][0].activation == Ramp(2.5)
    changed = Ramp(2.5)
    changed.width = -1.0  # which its constructor would not take
    for own in (SecretRamp(2.5), changed):
        with pytest.raises(InvalidValueError, match="register_activation"):
            Network.dense([2, 1], activation=own).save(tmp_path / "other.json")


def test_the_four_functions_are_of_one_shape() -> None:
    for register in REGISTER:
        assert list(inspect.signature(register).parameters) == ["name", "thing", "replace"]
        assert "Raises:" in str(inspect.getdoc(register))


def test_a_public_name_is_written_twice_in_the_package_and_no_more() -> None:
    source = Path(str(minigrid.__file__)).read_text(encoding="utf-8")
    written = Counter[str]()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.alias):
            written[node.name] += 1
        elif isinstance(node, ast.Constant):
            written[str(node.value)] += 1
    assert {name: written[name] for name in minigrid.__all__ if written[name] > 2} == {}
