"""Every error names the argument, what was expected, what it got and a fix; none is a bare NumPy traceback."""

import datetime
import re
import warnings
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from minigrid import (
    Accuracy,
    ActivationError,
    Grid,
    GridSearchTrainer,
    InvalidTypeError,
    InvalidValueError,
    MinigridError,
    Network,
    NoScoreError,
    OutOfRangeError,
    ScoringError,
    SearchTooLongError,
    ShapeError,
    Sigmoid,
    UnknownNameError,
)
from tests.errors.cases import (
    GRID,
    INF,
    LAYER,
    MASKED,
    NAN,
    NETWORK,
    NEURON,
    ONE_OUTPUT,
    SPACE,
    Case,
    X,
    Y,
    fit,
    labels_to,
    mg,
    outputs_to,
    passed_as,
    plan,
    weights_to,
)
from tests.errors.of_functions import OWN_CASES
from tests.errors.of_grids import GRID_CASES
from tests.errors.of_models import LAYER_CASES, NETWORK_CASES, NEURON_CASES, dense
from tests.errors.of_scorings import LABELS, NUMBERS, SCORING_CASES
from tests.errors.of_trainers import STRATEGIES, TRAINER_CASES

TABLE = [*NEURON_CASES, *LAYER_CASES, *NETWORK_CASES, *GRID_CASES, *SCORING_CASES, *TRAINER_CASES, *OWN_CASES]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_the_error_is_of_its_kind_and_its_advice_works_when_followed(row: Case) -> None:
    with pytest.raises(MinigridError) as caught:
        row.call()
    message = str(caught.value)
    assert isinstance(caught.value, row.error), caught.value
    assert row.error is MinigridError or type(caught.value) is row.error
    assert isinstance(caught.value, row.builtin), caught.value
    for fragment in row.fragments:
        assert re.search(fragment, message), (fragment, message)
    assert "\n" not in message
    assert len(message) < 600
    assert row.advice
    for advice in row.advice:
        assert advice.said in message.partition(" got ")[2]
        advice.follow()


def test_no_two_rows_of_the_table_have_one_name() -> None:
    names = [row.name for row in TABLE]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (InvalidTypeError, TypeError),
        (InvalidValueError, ValueError),
        (ShapeError, ValueError),
        (UnknownNameError, ValueError),
        (OutOfRangeError, IndexError),
        (ActivationError, ValueError),
        (ScoringError, ValueError),
        (NoScoreError, ArithmeticError),
        (SearchTooLongError, RuntimeError),
    ],
)
def test_each_error_is_also_the_builtin_one(error: type[Exception], builtin: type[Exception]) -> None:
    assert issubclass(error, MinigridError)
    assert issubclass(error, builtin)


# Anything at all, anywhere ----------------------------------------------------------------------

JUNK: list[Any] = [
    *[None, True, 0, -1, 3, 2**70, 10**400, 0.5, -0.0, NAN, INF, 1j, "", "text", b"bytes", (), [], {}, set(), ...],
    *[[1, "a"], [[1], [1, 2]], [[[]]], [None], [NAN], ["1"], {"a": 1}, {0: 1.0}, {1, 2}, frozenset([1]), range(3)],
    *[np.float64(1.5), np.int8(-3), np.bool_(True), np.array(1.0), np.array([]), np.zeros((0, 2)), np.zeros((2, 2, 2))],
    *[np.array([1, None], dtype=object), np.array(["a"]), np.array([1j]), np.zeros(2, dtype=[("a", float)])],
    *[np.array(["2020"], dtype="datetime64[D]"), np.array([NAN, 1.0]), np.ma.masked, MASKED([1.0, 2.0], mask=[1, 0])],
    *[slice(None), object(), object, type, int, len, print, np, np.sum, lambda: None, datetime.date(2020, 1, 1)],
    *[Decimal("NaN"), memoryview(b"12"), iter([1.0]), (k for k in "ab"), NotImplemented, ValueError("x")],
    *[NEURON, LAYER, NETWORK, GRID, SPACE, Sigmoid, Sigmoid(), Accuracy(), Accuracy, Network, Grid],
    *[pd.DataFrame({"a": ["x"]}), pd.Series([1.0, None]), pd.DataFrame({"a": [1.0], "b": [2.0]}), pd.Timestamp(0)],
]  # fmt: skip


ANYWHERE: dict[str, Callable[[Any], object]] = {
    "Neuron, weights": lambda junk: mg.Neuron(junk),
    "Neuron, bias": lambda junk: mg.Neuron([1.0], bias=junk),
    "Neuron, activation": lambda junk: mg.Neuron([1.0], activation=junk),
    "Neuron, inputs": lambda junk: mg.Neuron([1.0], inputs=junk),
    "Neuron, inputs within": lambda junk: mg.Neuron([1.0], inputs=[junk]),
    "Neuron()": lambda junk: NEURON(junk),
    "Neuron.with_parameters": lambda junk: NEURON.with_parameters(junk),
    "Layer, neurons": lambda junk: mg.Layer(junk),
    "Layer, neurons within": lambda junk: mg.Layer([NEURON, junk]),
    "Layer, n_inputs": lambda junk: mg.Layer([NEURON], n_inputs=junk),
    "Layer.dense, n_neurons": lambda junk: dense(n_neurons=junk),
    "Layer.dense, activation": lambda junk: dense(activation=junk),
    "Layer()": lambda junk: LAYER(junk),
    "Layer[]": lambda junk: LAYER[junk],
    "Network, layers": lambda junk: mg.Network(junk),
    "Network, layers within": lambda junk: mg.Network([LAYER, junk]),
    "Network.dense, sizes": lambda junk: mg.Network.dense(junk),
    "Network.dense, activation": lambda junk: mg.Network.dense([2, 1], activation=junk),
    "Network.dense, output_activation": lambda junk: mg.Network.dense([2, 1], output_activation=junk),
    "Network()": lambda junk: NETWORK(junk),
    "Network.predict": lambda junk: NETWORK.predict(junk),
    "Network.with_parameters": lambda junk: NETWORK.with_parameters(junk),
    "Network[]": lambda junk: NETWORK[junk],
    "Grid": lambda junk: mg.Grid(junk),
    "Grid within": lambda junk: mg.Grid([0.0, junk]),
    "Grid.linspace, start": lambda junk: mg.Grid.linspace(junk, 1.0, 3),
    "Grid.linspace, stop": lambda junk: mg.Grid.linspace(0.0, junk, 3),
    "Grid.linspace, num": lambda junk: mg.Grid.linspace(0.0, 1.0, junk),
    "Grid.fixed": lambda junk: mg.Grid.fixed(junk),
    "Grid[]": lambda junk: GRID[junk],
    "SearchSpace, network": lambda junk: mg.SearchSpace(junk, GRID),
    "SearchSpace, weights": lambda junk: mg.SearchSpace(NETWORK, junk),
    "SearchSpace, biases": lambda junk: mg.SearchSpace(NETWORK, GRID, junk),
    "SearchSpace, overrides": lambda junk: mg.SearchSpace(NETWORK, GRID, overrides=junk),
    "SearchSpace, overrides within": lambda junk: mg.SearchSpace(
        NETWORK, GRID, overrides={"layer0.neuron0.weight0": junk}
    ),
    "SearchSpace[]": lambda junk: SPACE[junk],
    "SearchSpace[:]": lambda junk: SPACE[junk:],
    "SearchSpace.index_of": lambda junk: SPACE.index_of(junk),
    "SearchSpace.with_grids": lambda junk: SPACE.with_grids(junk),
    "SearchSpace.with_grids within": lambda junk: SPACE.with_grids({0: junk}),
    "SearchSpace.from_grids, grids": lambda junk: mg.SearchSpace.from_grids(junk, ["a", "b"]),
    "SearchSpace.from_grids, grids within": lambda junk: mg.SearchSpace.from_grids([junk, GRID], ["a", "b"]),
    "SearchSpace.from_grids, names": lambda junk: mg.SearchSpace.from_grids([GRID, GRID], junk),
    "FunctionActivation": lambda junk: mg.FunctionActivation(junk),
    "FunctionScoring": lambda junk: mg.FunctionScoring(junk),
    "LogLoss, epsilon": lambda junk: mg.LogLoss(epsilon=junk),
    "LeakyReLU, slope": lambda junk: mg.LeakyReLU(slope=junk),
    **{f"{scoring!r}(), y": labels_to(scoring) for scoring in [*LABELS, *NUMBERS]},
    **{f"{scoring!r}(), outputs": outputs_to(scoring) for scoring in [*LABELS, *NUMBERS]},
    **{f"{scoring!r}(), sample_weight": weights_to(scoring) for scoring in [*LABELS, *NUMBERS]},
    "fit, network": lambda junk: fit(network=junk),
    "fit, X": lambda junk: fit(junk),
    "fit, y": lambda junk: fit(X, junk),
    "fit, sample_weight": lambda junk: fit(weight=junk),
    "plan, X": lambda junk: plan(junk),
    "GridSearchTrainer, grid": lambda junk: fit(grid=junk),
    **{
        f"GridSearchTrainer, {name}": passed_as(fit, name)
        for name in [
            *["bias_grid", "overrides", "strategy", "scoring", "engine", "top", "time_limit", "target_score"],
            *["max_candidates", "callbacks", "progress"],
        ]
    },
}


@pytest.mark.parametrize("place", ANYWHERE)
def test_anything_at_all_is_either_taken_or_refused_with_an_error_of_ours(place: str) -> None:
    leaked = []
    for junk in JUNK:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # NumPy's, of the masked number that becomes NaN
                ANYWHERE[place](junk)
        except MinigridError:
            pass
        except Exception as error:
            leaked.append(f"{type(junk).__name__} {str(junk)[:30]!r} -> {type(error).__name__}: {str(error)[:90]}")
    assert not leaked, "\n".join(leaked)


# Nothing fails silently -------------------------------------------------------------------------


def test_a_grid_between_far_ends_is_right_or_refused_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            grid = Grid.linspace(-1e308, 1e308, 5)
        except MinigridError:
            return
    assert list(grid) == [-1e308, -5e307, 0.0, 5e307, 1e308]


@pytest.mark.parametrize("scoring", [*LABELS, *NUMBERS], ids=repr)
def test_huge_weights_are_used_rightly_or_refused(scoring: Any) -> None:
    right = scoring(Y, ONE_OUTPUT, sample_weight=[1.0, 1.0, 1.0])
    try:
        with np.errstate(all="ignore"):
            score = scoring(Y, ONE_OUTPUT, sample_weight=[1.5e308] * 3)
    except MinigridError:
        return
    assert score == pytest.approx(right)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_search_stopped_before_its_first_score_gives_a_result_or_an_error_of_ours(strategy: Any) -> None:
    trainer = GridSearchTrainer(GRID, strategy=strategy, callbacks=[lambda event: True])
    try:
        result = trainer.fit(Network.dense([2, 2, 1]), X, Y)
    except NoScoreError as error:
        message = str(error)
    else:
        message = result.stop_reason
        assert not result.optimal
        assert result.score == Accuracy()(np.array(Y), result.network(X))
    assert "callback" in message
