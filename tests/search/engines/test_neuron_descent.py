"""Searches over rows begin at a candidate that no single neuron can improve; and problems with only one free neuron."""

import itertools

import numpy as np
import pytest

import minigrid
from minigrid import Activation, Grid, Network, Scoring, SearchSpace
from minigrid.search.engines.base import Unprovable
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.engines.exact.explore import Method
from minigrid.search.engines.exact.incumbents import Incumbents
from minigrid.search.engines.exact.neuron_descent import pass_over_rows
from minigrid.search.engines.exact.tree_search import TreeSearch
from minigrid.search.problem import Problem

_LABELS, _SQUARE = minigrid.Accuracy(), minigrid.MeanSquaredError()
_VALUES = [-4.0, -1.0, 0.0, 2.0]


def made(sizes: list[int], output: Activation, scoring: Scoring, weights: bool = False) -> tuple[Problem, Method]:
    """A problem with few settings of each neuron, and the method that searches its rows."""
    generator = np.random.default_rng(3)
    X, y = generator.normal(size=(30, sizes[0])), generator.integers(0, max(2, sizes[-1]), size=30)
    network = Network.dense(sizes, activation=minigrid.Tanh(), output_activation=output, bias=True)
    weight = np.arange(30) % 3 + 0.5 if weights else None
    problem = Problem.create(network, SearchSpace(network, Grid(_VALUES)), X, y, scoring, weight)
    search = ExactEngine().search(problem, top=1)
    assert isinstance(search, TreeSearch)
    return problem, search.method


@pytest.mark.parametrize("weights", [False, True])
@pytest.mark.parametrize(
    ("sizes", "output", "scoring"),
    [
        ([2, 2, 1], minigrid.Sigmoid(), _LABELS),
        ([2, 3, 1], minigrid.ReLU(), minigrid.BalancedAccuracy()),
        ([2, 3], minigrid.Sigmoid(), _LABELS),
        ([2, 2, 3], minigrid.Sigmoid(), _LABELS),
        ([2, 2, 1], minigrid.Identity(), _SQUARE),
        ([2, 2, 1], minigrid.Sigmoid(), minigrid.LogLoss()),
        ([2, 2, 1], minigrid.Identity(), minigrid.MeanAbsoluteError()),
        ([2, 2, 1], minigrid.Sigmoid(), _SQUARE),
    ],
)
def test_no_neuron_betters_what_is_found_at_once(
    sizes: list[int], output: Activation, scoring: Scoring, weights: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINIGRID_FAST", "0")  # compiled, the passes are cut at other places, which may leave a neuron
    problem, method = made(sizes, output, scoring, weights)
    found = []
    for _ in range(2):
        incumbents = Incumbents(problem, method.axes, 1)
        with np.errstate(all="ignore"):
            assert method.start(incumbents) > 0
        found.append(incumbents.best[0])
    assert found[0] == found[1]
    score, index = found[0]
    assert problem.score(problem.space[index]) == score
    best = problem.space.digits([index])[0]
    for own in itertools.chain(*problem.network.parameter_slices):
        tried = np.indices([len(grid) for grid in problem.space.grids[own]]).reshape(own.stop - own.start, -1).T
        digits = np.tile(best, (len(tried), 1))
        digits[:, own] = tried
        assert (problem.sign * BatchedEngine().score(problem, digits)).max() <= problem.sign * score + 1e-12


@pytest.mark.parametrize("fast", ["0", "1"])
def test_passes_over_rows_improve_the_best(fast: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIGRID_FAST", fast)
    problem, method = made([2, 2, 1], minigrid.Sigmoid(), _LABELS)
    incumbents = Incumbents(problem, method.axes, 1)
    incumbents.keep(BatchedEngine().score(problem, problem.space.digits([0])), problem.space.digits([0]))
    first, nothing = incumbents.best[0][0], np.empty((0, 2), dtype=np.int64)
    assert pass_over_rows(method, problem, incumbents, nothing, 1e12) > 0
    score, index = incumbents.best[0]
    assert score > first
    assert problem.score(problem.space[index]) == score
    settings = method.axes.settings(problem.space.digits([index]))[0]
    for k in range(2):  # no row of one neuron is better, with any output weights
        line = np.array([[own.leaves_of(settings[[j]])[0] for j, own in enumerate(method.axes.trees)]])
        line[0, k] = 0
        method.explore(line, np.array([np.inf]), incumbents, 1e12)
    assert incumbents.best[0][0] == score


@pytest.mark.parametrize("scoring", [_LABELS, minigrid.LogLoss(), _SQUARE])
@pytest.mark.parametrize("layer", [0, 1])
def test_where_one_neuron_is_free_trees_are_built_only_for_the_weights_of_a_loss(scoring: Scoring, layer: int) -> None:
    problem, _ = made([2, 2, 1], minigrid.Sigmoid(), scoring)
    own = problem.network.parameter_slices[layer][0]
    fixed = {k: Grid.fixed(-1.0) for k in range(len(problem.space.grids)) if k not in range(own.start, own.stop)}
    part = problem.with_space(problem.space.with_grids(fixed))
    search = ExactEngine().search(part, top=1)
    assert not isinstance(search, Unprovable)
    assert isinstance(search, TreeSearch) == (layer == 1 and scoring != _LABELS)
    while not search.finished:
        search.advance()
    scores = problem.sign * BatchedEngine().score(part, part.space.digits(range(part.space.size)))
    assert search.best == [(problem.sign * float(scores.max()), int(np.argmax(scores)))]
