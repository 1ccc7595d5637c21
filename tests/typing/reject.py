"""What type checkers must refuse. Only checked, never run.

Each wrong line carries the error that is expected of mypy and of pyright: one that stops being wrong fails, as
its comment is then unused.
"""

from dataclasses import dataclass

import numpy as np
from typing_extensions import override

from minigrid import (
    Activation,
    Coordinate,
    FloatArray,
    FunctionActivation,
    FunctionScoring,
    Grid,
    GridSearchTrainer,
    Layer,
    Network,
    Neuron,
    Outcome,
    Problem,
    Runner,
    Scorecard,
    Scorer,
    Scoring,
    SearchEvent,
    Sigmoid,
    Strategy,
    activation,
    named_activation,
    ranked,
    register_activation,
    register_engine,
    register_scoring,
    register_strategy,
)
from minigrid.onnx import to_model
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

grid = Grid([0.0, 1.0])

# Activations ------------------------------------------------------------------------------------


class OfNumbers(Activation):
    @override
    def __call__(self, z: float, /) -> float:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return z


class OfTwo(Activation):
    @override
    def __call__(self, z: FloatArray, other: FloatArray, /) -> FloatArray:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return z + other


class ReturnsList(Activation):
    @override
    def __call__(self, z: FloatArray, /) -> list[float]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return [0.0]


class ReturnsHalf(Activation):
    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return z.astype(np.float32)  # pyright: ignore[reportReturnType]


class Undecided(Activation):
    monotonic = "yes"  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return z


class OneBound(Activation):
    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return z

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, /) -> FloatArray:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return lower


class Nothing(Activation):
    pass


class Steep(Sigmoid):  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]
    pass


@dataclass(frozen=True)
class Ramp(Activation):
    width: float = 1.0

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return z / self.width


def of_number(z: float) -> float:
    return z


def reduced(z: FloatArray) -> float:
    return 0.0


def of_two(z: FloatArray, other: FloatArray) -> FloatArray:
    return z + other


def one_bound(lower: FloatArray, upper: FloatArray) -> FloatArray:
    return lower


Nothing()  # type: ignore[abstract]  # pyright: ignore[reportAbstractUsage]
Ramp("wide")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Ramp().width = 2.0  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
activation(of_number)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
activation(reduced)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
activation(of_two)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
activation(monotonic="yes")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
activation(bounds=one_bound)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
FunctionActivation(reduced)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
FunctionActivation(np.tanh, True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
check_activation(np.tanh)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
named_activation("leaky")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
register_activation("number", of_number)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

# Networks ---------------------------------------------------------------------------------------

Network([Neuron([1.0])])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
Network(Layer([Neuron([1.0])]))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Layer([1.0, 2.0])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
Network.dense([2, 1], activation=np.tanh)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Network.dense([2, 1], activation=Sigmoid)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Network.dense([2, 1], activation="tan")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Network.dense([2, 1], output_activation=of_number)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Layer.dense(2, 1, activation=lambda z: z)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Neuron([1.0], activation=reduced)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Neuron([1.0], bias="0.5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Neuron([1.0]).bias = 0.5  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]

# Scorings ---------------------------------------------------------------------------------------


class OfLabels(Scoring):
    @override
    def __call__(self, y_true: list[int], outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> float:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return 0.0


class WithoutWeights(Scoring):
    @override
    def __call__(self, y_true: FloatArray, outputs: FloatArray, /) -> float:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return 0.0


class Arrays(Scoring):
    @override
    def __call__(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None
    ) -> FloatArray:
        return outputs


def of_lists(y_true: list[int], outputs: FloatArray) -> float:
    return 0.0


def of_outputs(outputs: FloatArray) -> float:
    return 0.0


def in_words(y_true: FloatArray, outputs: FloatArray) -> str:
    return "good"


def score(y_true: FloatArray, outputs: FloatArray) -> float:
    return 0.0


FunctionScoring(of_lists)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
FunctionScoring(of_outputs)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
FunctionScoring(in_words)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
FunctionScoring(score, bounds=score)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
FunctionScoring(score, False)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
GridSearchTrainer(grid, scoring=of_lists)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid, scoring=of_outputs)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid, scoring=in_words)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid, scoring="acuracy")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid, scoring=Scoring)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
register_scoring("score", score)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
check_scoring(of_outputs)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

# Strategies, engines, searches ------------------------------------------------------------------


class Halfway(Strategy):
    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        return Outcome((), optimal=False)


class Slow(Scorer):
    @override
    def score(self, problem: Problem, digits: FloatArray) -> list[float]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return []


def listen(event: str) -> None:
    """Take something else than an event."""


def hear(event: SearchEvent) -> str:
    return "no answer"


def choose(text: str) -> None:
    GridSearchTrainer(grid, strategy=text)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class Property(Activation):
    @property
    @override
    def monotonic(self) -> bool:  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride]
        return True

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return z


Network.dense(2, 2, 1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Grid(-10, 10, 41)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Halfway()  # type: ignore[abstract]  # pyright: ignore[reportAbstractUsage]
register_strategy("halfway", Halfway())  # type: ignore[abstract]  # pyright: ignore[reportAbstractUsage]
register_strategy("sigmoid", Sigmoid)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
register_strategy("thorough", Coordinate, replace="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
ranked(grid, [], 1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
register_strategy(3, Coordinate)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
register_engine("coordinate", Coordinate)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid, strategy="layer_wise")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid, strategy=Coordinate)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid, strategy=Coordinate(block="column"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid, engine="numba")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid, engine=Coordinate())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid, callbacks=[listen])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid, callbacks=[hear])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid, progress="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid, workers="all")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid, executor=4)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid, executor=Grid.fixed(1.0))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchTrainer([0.0, 1.0])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid, overrides={"layer0.neuron0.bias": 0.5})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid).fit(Network.dense([2, 1]), [[0.0, 1.0]], [1]).score = 1.0  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
GridSearchTrainer(grid).fit(Layer([Neuron([1.0])]), [[0.0, 1.0]], [1])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid).fit(Network.dense([2, 1]), [[0.0, 1.0]], [1], checkpoint=True)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid).fit(Network.dense([2, 1]), [[0.0, 1.0]], [1], checkpoint=b"search.json")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid).fit(Network.dense([2, 1]), [[0.0, 1.0]], [1], keep_scores=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Network.dense([2, 1]).save(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Network.load(b"net.json")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchTrainer(grid).near_best(Network.dense([2, 1]), [[0.0, 1.0]], [1])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
GridSearchTrainer(grid).near_best(Network.dense([2, 1]), [[0.0, 1.0]], [1], within="all")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
NearBestDisplay.from_result(GridSearchTrainer(grid))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Scorecard([2, -1], feature_names=[0, 1])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
Scorecard.from_network(Neuron([1.0]))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Network.dense([2, 1]).diagram(input_names=[1, 2])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
Network.dense([2, 1]).diagram(["x"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

# Pictures ---------------------------------------------------------------------------------------

drawn = DecisionBoundaryDisplay.from_network(Network.dense([2, 1]), [[0.0, 1.0]])
Display()  # type: ignore[abstract]  # pyright: ignore[reportAbstractUsage]
drawn.plot(plot_method="imshow")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
drawn.plot(ax=[drawn.ax_])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
drawn.ax_ = drawn.ax_  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
DecisionBoundaryDisplay.from_network(GridSearchTrainer(grid), [[0.0, 1.0]])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
DecisionBoundaryDisplay.from_network(Network.dense([2, 1]), [[0.0, 1.0]], response_method="probability")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
ScoreCurveDisplay.from_search(Network.dense([2, 1]), [[0.0, 1.0]], [1], [grid, grid])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
ScoreLandscapeDisplay.from_search(Network.dense([2, 1]), [[0.0, 1.0]], [1], [0.0, 1.0])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
ScoreLandscapeDisplay.from_search(Network.dense([2, 1]), [[0.0, 1.0]], [1], grid, scoring="acuracy")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
SearchHistoryDisplay.from_events(SearchRecorder())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
SearchHistoryDisplay.from_result([])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
ActivationsDisplay.from_activations([np.tanh])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
StrategiesDisplay.from_results([])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
to_model(Layer([Neuron([1.0])]))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
to_model(Network.dense([2, 1]), nodes={"Sigmoid": print})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]

# scikit-learn -----------------------------------------------------------------------------------

GridSearchNetworkClassifier(2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchNetworkClassifier(activation="tan")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchNetworkClassifier(grid={0.5: grid})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchNetworkClassifier(strategy=Coordinate)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchNetworkRegressor(scoring="r2")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchNetworkRegressor(network=Layer([Neuron([1.0])]))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
GridSearchNetworkRegressor(hiden=(2,))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
