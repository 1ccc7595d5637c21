"""A file of another search is refused, and the message names what differs."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typing_extensions import override

import minigrid.search.running.checkpoint
from minigrid import (
    Activation,
    CheckpointError,
    Coordinate,
    FunctionActivation,
    FunctionScoring,
    Grid,
    GridSearchTrainer,
    Layer,
    LeakyReLU,
    Network,
    Neuron,
    RandomSample,
    Scoring,
    SearchResult,
    Tanh,
)
from minigrid._base.typing import FloatArray
from minigrid.datasets import xor
from minigrid.search.engines.exact.engine import ExactEngine

X, Y = xor(n_samples=30)
NETWORK = Network.dense([2, 2, 1], activation=Tanh())
GRID = Grid([-2.0, 0.3, 1.7])


def fit(path: Path, *, network: Network = NETWORK, grid: Grid = GRID, data: Any = None, **named: Any) -> SearchResult:
    """Search; what is not named is as ever."""
    weights = named.pop("sample_weight", None)
    X_, y_ = (X, Y) if data is None else data
    trainer = GridSearchTrainer(grid, **named)
    return trainer.fit(network, X_, y_, sample_weight=weights, checkpoint=path)


def flipped() -> Any:
    y = Y.copy()
    y[3] = 1 - y[3]
    return X, y


def moved() -> Any:
    other = X.copy()
    other[7, 1] = np.nextafter(other[7, 1], 2.0)
    return other, Y


def connected(inputs: list[int]) -> Network:
    hidden = Layer([Neuron([1.0], activation=Tanh(), inputs=inputs), Neuron([1.0, 1.0], activation=Tanh())], n_inputs=2)
    return Network([hidden, Layer([Neuron([1.0, 1.0])])])


FINER = Grid.linspace(-2, 2, 5)
NEXT = Grid([-2.0, float(np.nextafter(0.3, 1.0)), 1.7])
OTHERS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "y": ({}, {"data": flipped()}, "one in which y differs. Use another file, or delete this one"),
    "X": ({}, {"data": moved()}, "one in which X differs."),
    "fewer samples": ({}, {"data": (X[:20], Y[:20])}, "X differs; y differs"),
    "weights": ({}, {"sample_weight": np.arange(30) + 1.0}, "one in which sample_weight differs"),
    "grid": ({}, {"grid": FINER}, r"the grid of layer0.neuron0.weight0 was 3 values from -2.0 to 1.7, and is 5 values "
             r"from -2.0 to 2.0 \(so do those of 5 more parameters\)"),
    "one grid": ({}, {"overrides": {"layer1.neuron0.weight1": FINER}}, r"the grid of layer1.neuron0.weight1 was 3 "
                 r"values from -2.0 to 1.7, and is 5 values from -2.0 to 2.0\b(?!.*more parameters)"),
    "a bit of a grid": ({}, {"overrides": {"layer0.neuron1.weight0": NEXT}}, "of layer0.neuron1.weight0 has other val"),
    "activation": ({}, {"network": Network.dense([2, 2, 1], activation=LeakyReLU())}, "the network differs"),
    "its parameter": ({"network": Network.dense([2, 2, 1], activation=LeakyReLU(slope=0.1))},
                      {"network": Network.dense([2, 2, 1], activation=LeakyReLU(slope=0.2))}, "the network differs"),
    "bias": ({}, {"network": Network.dense([2, 2, 1], activation=Tanh(), bias=True)}, "the network differs"),
    "width": ({}, {"network": Network.dense([2, 3, 1], activation=Tanh())}, "the network differs"),
    "connections": ({"network": connected([0])}, {"network": connected([1])}, "the network differs"),
    "scoring": ({}, {"scoring": "balanced_accuracy"}, "the scoring was Accuracy.., higher is better, and is Balanced"),
    "strategy": ({}, {"strategy": "zoom"}, r"the strategy was Joint\(\), and is Zoom\(\)"),
    "seed": ({"strategy": RandomSample(n=50, seed=1)}, {"strategy": RandomSample(n=50, seed=2)}, "seed=1.*seed=2"),
    "settings": ({"strategy": Coordinate(restarts=2)}, {"strategy": Coordinate()}, r"Coordinate\(restarts=2\), and"),
    "engine": ({}, {"engine": "reference"}, r"the engine was ExactEngine\(eager=False\), and is ReferenceEngine\(\)"),
    "eagerness": ({}, {"engine": "exact"}, r"the engine was ExactEngine\(eager=False\), and is ExactEngine\(\)"),
    "top": ({}, {"top": 3}, "the top was 1, and is 3"),
    "all": ({}, {"top": 3, "engine": "batched", "data": flipped()}, "y differs; the engine .*; the top"),
}  # fmt: skip


@pytest.mark.parametrize("finished", [True, False])
@pytest.mark.parametrize("what", OTHERS)
def test_a_file_of_another_search_is_refused_by_what_differs(tmp_path: Path, what: str, finished: bool) -> None:
    path = tmp_path / "search.json"
    first, second, expected = OTHERS[what]
    stop: dict[str, Any] = {} if finished else {"callbacks": [lambda event: event.kind == "progressed"]}
    fit(path, **first, **stop)
    before = path.read_bytes()
    with pytest.raises(CheckpointError) as caught:
        fit(path, **second)
    assert re.search(expected, str(caught.value)), str(caught.value)
    assert str(caught.value).startswith(f"checkpoint {path}: expected one of the same search, got one in which ")
    assert isinstance(caught.value, ValueError)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["search.json"]
    fit(path, **first)


def test_what_does_not_matter_may_differ(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    whole = fit(path, callbacks=[lambda event: event.kind == "progressed"])
    result = fit(
        path,
        network=NETWORK.with_parameters(np.arange(6.0)),
        data=(X.tolist(), np.asfortranarray(Y.astype(float))),
        engine=ExactEngine(eager=False),
        time_limit=100,
        progress=False,
        callbacks=[print],
    )
    assert result.optimal
    assert whole.score <= result.score


def test_another_version_of_minigrid_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "search.json"
    fit(path)
    monkeypatch.setattr(minigrid.search.running.checkpoint, "__version__", "0.2.0")
    with pytest.raises(CheckpointError, match=r"minigrid was 0\.1\.0, and is 0\.2\.0"):
        fit(path)


# What users write: code is known by what it does -------------------------------------------------


def make_function(factor: float) -> Callable[[FloatArray], FloatArray]:
    def bent(z: FloatArray) -> FloatArray:
        outputs: FloatArray = np.tanh(factor * z)
        return outputs

    return bent


def make_scoring(factor: float) -> Callable[[FloatArray, FloatArray], float]:
    def close(y_true: FloatArray, outputs: FloatArray) -> float:
        return float(np.mean(np.abs(outputs[:, 0] - y_true) < factor))

    return close


def make_bounded(slack: float) -> Scoring:
    def bounds(y_true: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
        return np.full(len(lower), 1.0 + slack)

    return FunctionScoring(make_scoring(0.3), bounds=bounds)


def test_an_activation_whose_body_was_changed_is_noticed(tmp_path: Path) -> None:
    def network(factor: float) -> Network:
        return Network.dense([2, 2, 1], activation=FunctionActivation(make_function(factor)))

    path = tmp_path / "search.json"
    fit(path, network=network(1.0))
    assert fit(path, network=network(1.0)).optimal  # another object of the same code
    with pytest.raises(CheckpointError, match="what activations put out differs, although it is called the same"):
        fit(path, network=network(1.0 + 1e-9))


def test_bounds_that_were_changed_are_noticed(tmp_path: Path) -> None:
    def network(width: float) -> Network:
        def bounds(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
            return np.full_like(low, -width), np.full_like(high, width)

        return Network.dense([2, 2, 1], activation=FunctionActivation(make_function(1.0), bounds=bounds))

    path = tmp_path / "search.json"
    fit(path, network=network(1.0))
    with pytest.raises(CheckpointError, match="what activations put out differs"):
        fit(path, network=network(2.0))


def test_a_scoring_whose_body_was_changed_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    fit(path, scoring=make_scoring(0.4))
    assert fit(path, scoring=make_scoring(0.4)).optimal
    with pytest.raises(CheckpointError, match="what scoring gives differs, although it is called the same"):
        fit(path, scoring=make_scoring(0.5))
    path.unlink()
    fit(path, scoring=make_bounded(0.0))
    with pytest.raises(CheckpointError, match="what scoring gives differs"):
        fit(path, scoring=make_bounded(0.5))


class Held(Activation):
    """A user's class that holds a function, so that its repr has an address in memory."""

    def __init__(self, function: Callable[[FloatArray], FloatArray]) -> None:
        self.function = function

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return self.function(z)


@dataclass(frozen=True)
class Shifted(Activation):
    """A user's class with a setting."""

    by: float

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        outputs: FloatArray = np.tanh(z - self.by)
        return outputs


def test_a_place_in_memory_makes_no_difference_and_a_setting_does(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    held = [Held(make_function(1.0)) for _ in range(2)]
    assert repr(held[0]) != repr(held[1])
    fit(path, network=Network.dense([2, 2, 1], activation=held[0]))
    assert fit(path, network=Network.dense([2, 2, 1], activation=held[1])).optimal
    path.unlink()
    fit(path, network=Network.dense([2, 2, 1], activation=Shifted(0.5)))
    with pytest.raises(CheckpointError, match="the network differs"):
        fit(path, network=Network.dense([2, 2, 1], activation=Shifted(0.25)))
