"""A problem is checked when it is put together, and what it refuses is named whatever it is."""

from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
import pytest
from typing_extensions import override

import minigrid
from minigrid import Accuracy, Activation, Candidate, FloatArray, Grid, Network, Problem, SearchSpace, ShapeError

X = [[0.1, 0.9], [0.8, 0.3]]
Y = [0, 1]


@final
@dataclass(frozen=True)
class Nameless(Activation):
    """Has a repr that fails."""

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return 2.0 * z

    @override
    def __repr__(self) -> str:
        raise RuntimeError("no words")


def test_a_space_of_another_network_is_refused() -> None:
    space = SearchSpace(Network.dense([2, 2, 1]), Grid([0.0, 1.0]))
    with pytest.raises(ShapeError, match=r"^space: expected a grid for each .*, got 6 other names\. Build it from"):
        Problem.create(Network.dense([2, 1]), space, X, Y, Accuracy())


def test_a_thing_whose_repr_fails_is_named_by_its_class(tmp_path: Path) -> None:
    network = Network.dense([2, 1], activation=Nameless())
    with pytest.raises(minigrid.InvalidValueError, match=r"<an object of class Nameless, whose repr raises .*no words"):
        network.save(tmp_path / "network.json")


def test_candidates_and_improvements_say_what_they_are() -> None:
    result = minigrid.GridSearchTrainer(Grid([-1.0, 1.0])).fit(Network.dense([2, 1]), X, Y)
    assert repr(result.top[0]).startswith("Candidate(index=")
    assert repr(result.history[-1]).startswith("Improvement(seconds=")
    assert repr(Candidate(None, np.array([1.0]), 0.5)) == "Candidate(index=None, parameters=[1.0], score=0.5)"
    assert repr(Candidate(10**120, np.array([1.0]), 0.5)) == "Candidate(index=10^120, parameters=[1.0], score=0.5)"


def test_the_package_lists_its_names() -> None:
    assert {*minigrid.__all__} <= {*dir(minigrid)}
