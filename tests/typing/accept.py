"""What type checkers must accept, and the types they must infer: what users write. Only checked, never run."""

from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, assert_type, final

import numpy as np
import pandas
from distributed import Client
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from onnx import ModelProto
from typing_extensions import override

import minigrid
from minigrid import (
    Activation,
    Candidate,
    CheckpointError,
    Coordinate,
    ExecutorLike,
    FileFormatError,
    FloatArray,
    FunctionActivation,
    FunctionScoring,
    Grid,
    GridSearchTrainer,
    Joint,
    Layer,
    NearBest,
    NearValues,
    Network,
    Neuron,
    Outcome,
    PlannedStage,
    Problem,
    RegisteredName,
    Runner,
    Scorecard,
    Scorer,
    Scoring,
    SearchEvent,
    SearchPlan,
    SearchResult,
    SearchSpace,
    Sigmoid,
    Stage,
    Step,
    Strategy,
    activation,
    named_activation,
    ranked,
    register_activation,
    register_engine,
    register_scoring,
    register_strategy,
)
from minigrid._base.typing import Data
from minigrid.datasets import sum_threshold
from minigrid.model.diagram.diagram import Diagram
from minigrid.onnx import Graph, save, to_model
from minigrid.plotting import (
    ActivationsDisplay,
    DecisionBoundaryDisplay,
    Display,
    NearBestDisplay,
    ScoreCurveDisplay,
    ScoreLandscapeDisplay,
    SearchHistoryDisplay,
    SearchRecorder,
    StrategiesDisplay,
)
from minigrid.sklearn import GridSearchNetworkClassifier, GridSearchNetworkRegressor
from minigrid.testing import check_activation, check_scoring

# Activations ------------------------------------------------------------------------------------


@activation
def wave(z: FloatArray) -> FloatArray:
    return np.sin(z)


@activation(monotonic=True)
def arctan(z: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.arctan(z)


def hill_bounds(lower: FloatArray, upper: FloatArray) -> tuple[FloatArray, FloatArray]:
    return np.zeros_like(lower), np.ones_like(upper)


@activation(bounds=hill_bounds)
def hill(z: FloatArray, /) -> FloatArray:
    return 1.0 / (1.0 + np.minimum(np.abs(z), 1e100) ** 2)


@dataclass(frozen=True)
class Ramp(Activation):
    width: float = 1.0
    monotonic = True

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.clip(z / self.width, 0.0, 1.0)

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, /) -> tuple[FloatArray, FloatArray]:
        return self(lower), self(upper)


@final
class Wider(Activation):
    """Takes more than it has to, and declares its fact when it is made."""

    def __init__(self, rising: bool) -> None:
        self.monotonic = rising

    @override
    def __call__(self, z: FloatArray | float, /) -> FloatArray:
        return np.asarray(np.tanh(z))


@dataclass(frozen=True)
class Tilted(Activation):
    """Declares its fact by one of its fields; a property cannot stand for an attribute of the base."""

    slope: float = 1.0
    monotonic: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "monotonic", self.slope >= 0.0)

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.tanh(z) * self.slope


assert_type(Tilted(2.0).monotonic, bool)
assert_type(wave, FunctionActivation)
assert_type(arctan, FunctionActivation)
assert_type(hill, FunctionActivation)
assert_type(wave.monotonic, bool)
assert_type(wave(np.zeros(3)), FloatArray)
assert_type(Ramp(2.0)(np.zeros(3)), FloatArray)
assert_type(Ramp().width, float)
assert_type(Sigmoid()([0.0, 1.0]), FloatArray)
assert_type(FunctionActivation(np.tanh, monotonic=True), FunctionActivation)
assert_type(named_activation("leaky_relu", slope=0.1), Activation)
assert_type(register_activation("ramp", Ramp), RegisteredName)
assert_type(register_activation("ramp", Ramp(3.0), replace=True), RegisteredName)
assert_type(named_activation(register_activation("hill", hill)), Activation)
check_activation(Ramp(2.0))
check_activation(wave, picklable=False)

# Networks ---------------------------------------------------------------------------------------

hidden = Layer([Neuron([0.5, -1.0], activation=wave), Neuron([2.0], bias=0.1, activation=Ramp(), inputs=[1])])
network = Network([hidden, Layer([Neuron([1.0, 1.0])])])
assert_type(network, Network)
assert_type(hidden, Layer)
assert_type(hidden[0], Neuron)
assert_type(network[0], Layer)
assert_type(network([[0.0, 1.0]]), FloatArray)
assert_type(network.predict(np.zeros((3, 2))), NDArray[np.int64])
assert_type(network.parameters, FloatArray)
assert_type(network.parameter_names, tuple[str, ...])
assert_type(network.parameter_slices, tuple[tuple[slice, ...], ...])
assert_type(network.with_parameters([0.0] * 6), Network)
assert_type(network.summary(), str)
assert_type(Network.dense((2, 3, 1), activation=arctan, output_activation=Sigmoid(), bias=True), Network)
assert_type(Layer.dense(2, 3, activation=Ramp()), Layer)

# Grids ------------------------------------------------------------------------------------------

grid = Grid.linspace(-1, 1, 3)
space = SearchSpace(network, grid, Grid([0]), {"layer0.neuron0.weight0": Grid.fixed(0.5)})
assert_type(grid, Grid)
assert_type(space.size, int)
assert_type(space[0], FloatArray)

# Scorings ---------------------------------------------------------------------------------------


def hits(y_true: FloatArray, outputs: FloatArray) -> float:
    return np.count_nonzero((outputs[:, 0] > 0.5) == y_true) / len(y_true)


def counted(y_true: FloatArray, outputs: FloatArray) -> int:
    return int(np.count_nonzero((outputs[:, 0] > 0.5) == y_true))


def loss(y_true: FloatArray, outputs: FloatArray, sample_weight: FloatArray | None = None) -> np.float64:
    losses = np.abs(outputs[:, 0] - y_true)
    return np.float64(losses.mean() if sample_weight is None else (losses * sample_weight).sum())


def loss_bounds(
    y_true: FloatArray, lower: FloatArray, upper: FloatArray, sample_weight: FloatArray | None = None
) -> FloatArray:
    return np.zeros(len(lower))


class Tolerant(Scoring):
    greater_is_better = False

    @override
    def __call__(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> float:
        return 0.0

    @override
    def bound(
        self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /, sample_weight: FloatArray | None = None
    ) -> FloatArray:
        return np.zeros(len(lower))


tolerant = FunctionScoring(loss, greater_is_better=False, bounds=loss_bounds)
assert_type(tolerant, FunctionScoring)
assert_type(tolerant(np.zeros(1), np.zeros((1, 1))), float)
assert_type(register_scoring("tolerant", Tolerant), RegisteredName)
check_scoring(hits)
check_scoring(Tolerant(), [0, 1, 1], n_outputs=1, picklable=False, pairwise=False)

# Strategies and engines -------------------------------------------------------------------------


@final
@dataclass(frozen=True, repr=False)
class First(Strategy):
    n: int = 10

    @override
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        return (PlannedStage(Stage("first", problem, range(self.n))),)

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        found = runner.run(Stage("first", problem, range(self.n)))
        assert_type(found.best, tuple[Candidate, ...])
        assert_type(problem.score(problem.space[0]), float)
        assert_type(ranked(problem, [*found.best, *found.best], runner.top), tuple[Candidate, ...])
        runner.count(1)
        return Outcome(found.best, optimal=False)


@final
class Plain(Scorer):
    name = "plain"

    @override
    def score(self, problem: Problem, digits: NDArray[np.int64]) -> FloatArray:
        return np.array([problem.score(parameters) for parameters in problem.space.values_at(digits)])

    @override
    def chunk_size(self, problem: Problem) -> int:
        return 100

    @override
    def memory(self, problem: Problem, n_candidates: int) -> int:
        return 1000 * n_candidates


first = register_strategy("first", First)
plain = register_engine("plain", Plain())
assert_type(first, RegisteredName)
assert_type(plain, RegisteredName)

# Searches ---------------------------------------------------------------------------------------


def report(event: SearchEvent) -> None:
    assert_type(event.best, Candidate | None)


def stop(event: SearchEvent) -> bool:
    return event.fraction > 0.5


text: str = "first"
X, y = sum_threshold()
assert_type(X, FloatArray)
assert_type(y, NDArray[np.int64])
functions: list[Callable[[FloatArray, FloatArray], float]] = [hits, counted]
GridSearchTrainer(grid, strategy="coordinate", scoring="log_loss", engine="exact", callbacks=[report, stop])
GridSearchTrainer(grid, strategy=Coordinate(restarts=2), scoring=Tolerant(), engine=Plain())
GridSearchTrainer(grid, strategy=first, scoring=hits, engine=plain)
GridSearchTrainer(grid, strategy=RegisteredName(text), scoring=functions[0], engine=RegisteredName(text))
GridSearchTrainer(grid, strategy=Joint(), scoring=counted, overrides={"layer0.neuron0.bias": grid})
GridSearchTrainer(grid, callbacks=[print], progress=True)
GridSearchTrainer(grid, callbacks=(stop,), progress=None)
GridSearchTrainer(grid, workers=4)
GridSearchTrainer(grid, executor=ThreadPoolExecutor(2))
GridSearchTrainer(grid, executor=ProcessPoolExecutor(2))
GridSearchTrainer(grid, executor=Client("tcp://10.0.0.1:8786"))


class Later:
    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        return Future()


later: ExecutorLike = Later()
GridSearchTrainer(grid, executor=later)
trainer = GridSearchTrainer(grid, scoring=loss, top=3, time_limit=2)
result = trainer.fit(network, X, y, sample_weight=None)
assert_type(result, SearchResult)
assert_type(trainer.fit(network, X, y, checkpoint="search.json"), SearchResult)
assert_type(trainer.fit(network, X, y, checkpoint=Path("search.json")), SearchResult)
assert_type(trainer.fit(network, X, y, checkpoint=None), SearchResult)
assert_type(CheckpointError("a text"), CheckpointError)
value_error: ValueError = CheckpointError("a text")
assert_type(trainer.plan(network, X.tolist(), y.tolist()), SearchPlan)
assert_type(trainer.fit(network, X, y, keep_scores=True), SearchResult)
assert_type(trainer.fit(network, X, y, keep_scores=Path("scores.npy")), SearchResult)
assert_type(result.scores, FloatArray)
assert_type(result.to_records(), list[dict[str, float | int | str | None]])
assert_type(result.to_dict()["score"], Data)
near = trainer.near_best(network, X, y, within=0.01, sample_weight=None)
assert_type(near, NearBest)
assert_type((near.count, near.at_least, near.fraction, near.best), tuple[int, int, float, SearchResult])
assert_type(near.parameters, tuple[NearValues, ...])
assert_type(near.parameters[0].can_be_zero, bool | None)
assert_type(near.to_records(), list[dict[str, str | float | int]])
assert_type(NearBestDisplay.from_result(near).plot(title="near"), NearBestDisplay)

card = result.scorecard(pandas.DataFrame(X).columns)
assert_type(card, Scorecard)
assert_type(card.risk(3), float)
assert_type(card.risk([[0, 1], [1, 1]] @ card.points), FloatArray)
assert_type(card.risk([1.0, 2]), FloatArray)
assert_type(card.risk_name, Literal["risk", "output"])
assert_type(card.to_records(), list[dict[str, float]])
assert_type(card.to_dict()["points"], Data)
assert_type(Scorecard([2, -1], feature_names=("a", "b"), bias=0.5, activation=Step()), Scorecard)
assert_type(Scorecard.from_network(network, np.array(["a", "b"])), Scorecard)
result.save(Path("result.json"))
assert_type(SearchResult.load("result.json"), SearchResult)
network.save("net.json")
assert_type(Network.load(Path("net.json")), Network)
assert_type(network.diagram(input_names=["height", "width"], output_names=("tall",)), Diagram)
assert_type(network.diagram().svg(), str)
assert_type(network.diagram().text(width=80), str)
network.diagram().save("net.svg")
other_value_error: ValueError = FileFormatError("a text")
assert_type(result.network, Network)
assert_type(result.score, float)
assert_type(result.index, int | None)
assert_type(result.optimal, bool)
assert_type(minigrid.__version__, str)

# Pictures ---------------------------------------------------------------------------------------

boundary = DecisionBoundaryDisplay.from_network(network, X, y, feature_names=("a", "b"), class_names=["no", "yes"])
assert_type(boundary, DecisionBoundaryDisplay)
assert_type(boundary.plot(plot_method="contourf", title="A title"), DecisionBoundaryDisplay)
assert_type(boundary.ax_, Axes)
assert_type(boundary.figure_, Figure)
assert_type(boundary.surface_, QuadMesh | QuadContourSet)
assert_type(boundary.response, FloatArray)
DecisionBoundaryDisplay.from_network(network, X.tolist(), response_method="labels", output=None, eps=0.5)
landscape = ScoreLandscapeDisplay.from_search(network, X, y, grid, parameters=("layer0.neuron0.weight0", 1))
assert_type(landscape.plot(cmap="cividis", ax=boundary.ax_), ScoreLandscapeDisplay)
assert_type(landscape.best, Candidate)
assert_type(landscape.surface_, QuadMesh)
ScoreLandscapeDisplay.from_search(network, X, y, [grid, grid], scoring=loss, sample_weight=[1.0, 2.0])
recorder = SearchRecorder()
GridSearchTrainer(grid, callbacks=[recorder])
assert_type(recorder.events, tuple[SearchEvent, ...])
assert_type(SearchHistoryDisplay.from_events(recorder.events).plot(), SearchHistoryDisplay)
assert_type(SearchHistoryDisplay.from_result(result).scores, FloatArray)
assert_type(ActivationsDisplay.from_activations([Sigmoid(), wave]).plot(n_columns=2).axes_, tuple[Axes, ...])
assert_type(StrategiesDisplay.from_results({"joint": result}).plot(), StrategiesDisplay)
curve = ScoreCurveDisplay.from_search(network, X, y, grid, parameter="layer0.neuron0.weight0", feature_names=["a", "b"])
assert_type(curve.plot(ax=boundary.ax_), ScoreCurveDisplay)
assert_type(curve.line_, Line2D)
displays: list[Display] = [boundary, landscape, curve]

# Elsewhere --------------------------------------------------------------------------------------


def tolerant_nodes(activation: Sigmoid, z: str, graph: Graph) -> str:
    return graph.node("Sigmoid", z)


save(network, Path("net.onnx"), nodes={Sigmoid: tolerant_nodes})
assert_type(to_model(network), ModelProto)

# scikit-learn -----------------------------------------------------------------------------------

classifier = GridSearchNetworkClassifier((2,), activation="tanh", grid=[-1, 0, 1], strategy=Coordinate(restarts=2))
assert_type(classifier.fit(X, ["a", "b"]), GridSearchNetworkClassifier)
assert_type(classifier.fit(pandas.DataFrame(X), pandas.Series(y), sample_weight=[1.0, 2.0]).network_, Network)
assert_type(classifier.predict(X), NDArray[Any])
assert_type(classifier.decision_function(X), FloatArray)
assert_type(classifier.predict_proba(X), FloatArray)
assert_type(classifier.score(X, y), float)
assert_type(classifier.classes_, NDArray[Any])
assert_type(classifier.result_, SearchResult)
assert_type(classifier.plan(X, ["a", "b"], [1.0, 2.0]), SearchPlan)
assert_type(classifier.scorecard(["a", "b"]), Scorecard)
assert_type(classifier.get_params(deep=False), dict[str, Any])
assert_type(classifier.set_params(strategy__restarts=3), GridSearchNetworkClassifier)
assert_type(classifier.set_fit_request(sample_weight=True), GridSearchNetworkClassifier)
regressor = GridSearchNetworkRegressor(network=network, grid=grid, overrides={"layer0.neuron0.bias": [0.5]}, workers=1)
assert_type(regressor.fit(X, y).predict(X), FloatArray)
assert_type(regressor.n_features_in_, int)
GridSearchNetworkRegressor(output_activation=None, scoring=None, grid=None)
Coordinate(start=network.parameters, restarts=1)
Coordinate(start=[[0.0, 1.0], [1.0, 0.0]])
