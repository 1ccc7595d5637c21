"""Penalties: their values, what a search compares with them, and errors for those that cannot be used."""

import functools
import itertools
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrid import (
    L0,
    L1,
    L2,
    Coordinate,
    FunctionScoring,
    Grid,
    GridSearchTrainer,
    LayerWise,
    LogLoss,
    Network,
    Penalty,
    RandomSample,
    Scorer,
    SearchResult,
    SearchSpace,
    Sigmoid,
    Zoom,
    register_penalty,
)
from minigrid._base.typing import BoolArray, FloatArray, IntArray, override
from minigrid.exceptions import (
    CheckpointError,
    InvalidTypeError,
    InvalidValueError,
    NoScoreError,
    PenaltyError,
    ScoringError,
    UnknownNameError,
)
from minigrid.plotting import SearchHistoryDisplay
from minigrid.scoring.names import as_penalty
from minigrid.scoring.penalty import BuiltinPenalty
from minigrid.search.engines.exact.branch_and_bound import BranchAndBound
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.problem import Problem
from minigrid.sklearn import GridSearchNetworkClassifier
from minigrid.strategies.allowed import thinned
from tests.profile import examples

X = np.random.default_rng(0).integers(-2, 3, size=(12, 2)) * 1.0
Y = np.arange(12) % 2
GRID = Grid([-2, 0, 1.5, -1, 1])
ONE = Network.dense([2, 1], bias=True)
TWO = Network.dense([2, 2, 1])


@dataclass(frozen=True)
class Largest(Penalty):
    """The largest magnitude of a weight: a custom penalty that declares nothing."""

    strength: float = 0.01

    @override
    def __call__(self, parameters: FloatArray, is_weight: BoolArray, /) -> float:
        return self.strength * float(np.abs(parameters[is_weight]).max())


@dataclass(frozen=True)
class BoundedLargest(Penalty):
    """The same with bounds, and nothing above a limit."""

    strength: float = 0.01
    limit: float = 1.8

    @override
    def __call__(self, parameters: FloatArray, is_weight: BoolArray, /) -> float:
        largest = float(np.abs(parameters[is_weight]).max())
        return self.strength * largest if largest <= self.limit else np.inf

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        least = np.maximum(np.maximum(lower, -upper), 0.0)[:, is_weight].max(axis=1)
        return np.where(least <= self.limit, self.strength * least, np.inf)


class Both(Penalty):
    """The sum of two penalties, as the error for L1(0.1) + L2(0.2) says to write it."""

    @override
    def __call__(self, parameters: FloatArray, is_weight: BoolArray, /) -> float:
        return L1(0.1)(parameters, is_weight) + L2(0.2)(parameters, is_weight)


def test_two_penalties_are_not_added_and_the_error_says_how_to_write_their_sum() -> None:
    one, other = cast(Any, L1(0.1)), cast(Any, L2(0.2))
    with pytest.raises(InvalidTypeError, match=r"^penalty: expected one Penalty, got the sum of L1.*Derive") as caught:
        one + other
    (code,) = re.findall(r"whose __call__ returns (.*)\.$", str(caught.value))
    parameters, is_weight = np.array([1.0, -2.0, 3.0]), np.array([True, True, False])
    named = {"L1": L1, "L2": L2, "parameters": parameters, "is_weight": is_weight}
    assert eval(code, named) == Both()(parameters, is_weight) == 1.3
    with pytest.raises(TypeError, match="unsupported operand"):
        one + 1.0


PENALTIES: list[Penalty] = [
    L0(0.05),
    L0(at_most=1),
    L0(0.01, at_most=2),
    L1(0.03),
    L2(0.02),
    L1(0.0),
    Largest(),
    BoundedLargest(),
]


@functools.cache
def plain_loop(trainer_scoring: Any, penalty: Penalty, network: Network, grid: Grid, top: int) -> list[Any]:
    """The loop as a user would write it."""
    from minigrid.scoring.names import as_any_scoring

    scoring, found = as_any_scoring(trainer_scoring), []
    sign = 1.0 if scoring.greater_is_better else -1.0
    is_weight = np.array(["weight" in name for name in network.parameter_names])
    for index, values in enumerate(itertools.product(grid.values.tolist(), repeat=network.n_parameters)):
        parameters = np.array(values)
        score = scoring(Y.astype(float), network.with_parameters(parameters)(X))
        objective = score - sign * penalty(parameters, is_weight)
        if np.isfinite(objective):
            found.append((-sign * objective, index, score, objective))
    return [(index, score, objective) for _, index, score, objective in sorted(found)[:top]]


@pytest.mark.parametrize("penalty", [one for one in PENALTIES if isinstance(one, BuiltinPenalty)], ids=repr)
@given(st.lists(st.tuples(st.floats(0.0), st.floats(0.0), st.booleans()), min_size=1, max_size=6))
@examples(100)
def test_no_built_in_penalty_falls_when_magnitudes_rise(
    penalty: BuiltinPenalty, pairs: list[tuple[float, float, bool]]
) -> None:
    one, other, is_weight = (np.array(column) for column in zip(*pairs, strict=True))
    table = np.array([np.minimum(one, other), np.maximum(one, other)])
    with np.errstate(all="ignore"):
        least, most = penalty.batch(table, is_weight)
        assert least <= most
        assert penalty.batch(-table, is_weight).tolist() == [least, most]


@pytest.mark.parametrize("engine", ["reference", "batched", "exact", "auto"])
@pytest.mark.parametrize(
    "scoring",
    ["accuracy", "log_loss", "mean_squared_error", pytest.param("balanced_accuracy", marks=pytest.mark.slow)],
)
@pytest.mark.parametrize("penalty", PENALTIES, ids=repr)
def test_every_engine_finds_what_the_plain_loop_does(engine: Any, scoring: Any, penalty: Penalty) -> None:
    both = [(ONE, GRID, 3), (TWO, Grid([-2, 0, 1]), 1)]
    for network, grid, top in both[:1] if engine == "reference" else both:  # it is a plain loop, too
        expected = plain_loop(scoring, penalty, network, grid, top)
        result = GridSearchTrainer(grid, scoring=scoring, penalty=penalty, engine=engine, top=top).fit(network, X, Y)
        assert [(one.index, one.score, one.objective) for one in result.top] == expected
        assert (result.index, result.score, result.objective) == expected[0]
        assert result.optimal
        assert result.bound == result.objective
        assert result.gap == 0.0
        assert result.penalty == repr(penalty)


@given(
    seed=st.integers(0, 2**32 - 1),
    strength=st.sampled_from([0.0, 0.01, 0.05, 0.25]),
    kind=st.sampled_from(["L0", "L1", "L2", "at most"]),
    scoring=st.sampled_from(["accuracy", "log_loss", "mean_squared_error", "hinge", "mean_absolute_error"]),
)
@examples(150)
def test_the_exact_engine_agrees_with_the_loop(seed: int, strength: float, kind: str, scoring: Any) -> None:
    generator = np.random.default_rng(seed)
    sizes = [[1, 1], [2, 1], [3, 1], [1, 2, 1], [2, 2, 1]][generator.integers(5)]
    network = Network.dense(sizes, bias=bool(generator.integers(2)))
    values = np.unique(np.round(generator.normal(size=5), 1))
    values = np.append(values, 0.0) if generator.random() < 0.7 else values
    grid = Grid(generator.permutation(np.unique(values))[: max(2, int(900 ** (1 / network.n_parameters)))])
    data = generator.integers(-2, 3, size=(int(generator.integers(1, 9)), sizes[0])) * 1.0
    labels = generator.integers(0, 2, size=len(data))
    most = int(generator.integers(1, 3))
    penalty: Penalty = {"L0": L0(strength), "L1": L1(strength), "L2": L2(strength)}.get(kind, L0(strength, at_most=1))
    if kind == "at most" and int(np.sum(["weight" in name for name in network.parameter_names])) >= most:
        penalty = L0(strength, at_most=most)
    found: list[list[tuple[int | None, float, float]]] = []
    for engine in ("reference", "exact", "batched"):
        trainer = GridSearchTrainer(grid, scoring=scoring, penalty=penalty, engine=engine, top=int(seed % 3) + 1)
        try:
            result = trainer.fit(network, data, labels)
        except NoScoreError:
            found.append([])
        else:
            assert result.optimal
            found.append([(one.index, one.score, one.objective) for one in result.top])
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("penalty", [L0(0.05), L0(at_most=2), L1(0.03), Largest(), BoundedLargest()], ids=repr)
@pytest.mark.parametrize(
    "strategy", [Coordinate(restarts=2), LayerWise(), Zoom(points=3, levels=2), RandomSample(40)], ids=repr
)
def test_every_strategy_compares_objectives(penalty: Penalty, strategy: Any) -> None:
    result = GridSearchTrainer(GRID, penalty=penalty, strategy=strategy, scoring="log_loss").fit(TWO, X, Y)
    is_weight = np.ones(TWO.n_parameters, dtype=np.bool_)
    assert result.objective == result.score + penalty(result.parameters, is_weight)
    assert np.isfinite(result.objective)


@pytest.mark.parametrize("penalty", [L1(0.03), L0(at_most=2), BoundedLargest()], ids=repr)
@pytest.mark.parametrize("engine", ["batched", "exact"])
def test_workers_find_the_same(penalty: Penalty, engine: Any) -> None:
    alone, spread = (
        GridSearchTrainer(GRID, penalty=penalty, engine=engine, workers=workers).fit(TWO, X, Y) for workers in (1, 2)
    )
    assert (alone.index, alone.objective) == (spread.index, spread.objective)


def test_a_checkpoint_is_for_its_penalty(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    first = GridSearchTrainer(GRID, penalty=L1(0.03)).fit(ONE, X, Y, checkpoint=path)
    again = GridSearchTrainer(GRID, penalty=L1(0.03)).fit(ONE, X, Y, checkpoint=path)
    assert (first.index, first.score, first.objective) == (again.index, again.score, again.objective)
    for other in (None, L1(0.02), L2(0.03)):
        with pytest.raises(CheckpointError, match="penalty"):
            GridSearchTrainer(GRID, penalty=other).fit(ONE, X, Y, checkpoint=path)


def test_a_result_with_a_penalty_is_printed_saved_and_read(tmp_path: Path) -> None:
    result = GridSearchTrainer(GRID, penalty=L0(0.05), top=2).fit(ONE, X, Y)
    assert "penalty" in str(result)
    assert f"{result.objective:.10g}, proven best of the grid" in str(result)
    assert result.to_records()[1]["objective"] == result.top[1].objective
    assert result.to_dict()["objective"] == result.objective
    result.save(tmp_path / "result.json")
    assert SearchResult.load(tmp_path / "result.json") == result


def test_without_a_penalty_the_objective_is_the_score() -> None:
    result = GridSearchTrainer(GRID).fit(ONE, X, Y)
    assert result.objective == result.score == result.top[0].objective
    assert "objective" not in str(result)
    assert "objective" not in result.to_records()[0]


def test_a_target_is_an_objective() -> None:
    result = GridSearchTrainer(GRID, penalty=L0(0.1), target_score=0.4, engine="batched").fit(ONE, X, Y)
    assert result.stop_reason == "target_score"
    assert result.objective >= 0.4


def test_kept_scores_are_the_scorings(tmp_path: Path) -> None:
    path = tmp_path / "scores.npy"
    with_it = GridSearchTrainer(GRID, penalty=L0(0.1)).fit(ONE, X, Y, keep_scores=path)
    assert with_it.scores[with_it.index] == with_it.score
    assert with_it.objective < with_it.score
    few = GridSearchTrainer(GRID, penalty=L0(at_most=1)).fit(ONE, X, Y, keep_scores=path)
    assert np.isfinite(few.scores).all()  # of forbidden candidates, too


def test_of_equal_networks_the_one_of_small_weights_wins() -> None:
    grid = Grid.linspace(-10, 10, 21)
    without = GridSearchTrainer(grid).fit(ONE, [[0.0, 1.0], [1.0, 0.0]], [0, 1])
    small = GridSearchTrainer(grid, penalty=L1(1e-6)).fit(ONE, [[0.0, 1.0], [1.0, 0.0]], [0, 1])
    assert without.score == small.score == 1.0
    assert np.abs(without.parameters).max() == 10.0
    assert small.parameters.tolist() == [0.0, -1.0, 0.0] or np.abs(small.parameters[:2]).sum() == 1.0


def test_a_penalty_without_bounds_says_that_it_is_why_all_are_scored() -> None:
    plan = GridSearchTrainer(Grid.linspace(-1, 1, 60), penalty=Largest()).plan(ONE, X, Y)
    assert plan.engine == "batched"
    assert "Largest(strength=0.01) declares no bounds" in plan.engine_reason
    bounded = GridSearchTrainer(Grid.linspace(-1, 1, 60), penalty=BoundedLargest()).plan(ONE, X, Y)
    assert bounded.engine == "exact"


def test_a_network_all_of_whose_candidates_are_forbidden_is_an_error() -> None:
    for engine in ("reference", "batched", "exact"):
        trainer = GridSearchTrainer(Grid([-1, 1]), penalty=L0(at_most=1), engine=engine)
        with pytest.raises(NoScoreError, match=r"penalty L0\(strength=0.0, at_most=1\): expected at least one"):
            trainer.fit(ONE, X, Y)


def test_only_a_search_that_left_some_out_is_told_to_search_the_whole_space() -> None:
    none = Grid([-1, 1])
    with pytest.raises(NoScoreError, match=r"got none of 4 \(joint\)\. Allow more, or give the .* and 0\.$"):
        GridSearchTrainer(none, penalty=L0(at_most=1)).fit(Network.dense([2, 1]), X, Y)
    for rest in ({"strategy": RandomSample(2)}, {"max_candidates": 2, "engine": "batched"}):
        with pytest.raises(NoScoreError, match=r"got none of 2 .* Or search the whole space, as the joint"):
            GridSearchTrainer(none, penalty=L0(at_most=1), **rest).fit(Network.dense([2, 1]), X, Y)


class _Plain(Scorer):
    name = "plain"

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        return np.array([problem.score(parameters) for parameters in problem.space.values_at(digits)])


def test_a_custom_engine_need_not_know_of_penalties() -> None:
    own = GridSearchTrainer(GRID, penalty=L1(0.03), engine=_Plain()).fit(ONE, X, Y)
    built_in = GridSearchTrainer(GRID, penalty=L1(0.03)).fit(ONE, X, Y)
    assert (own.index, own.objective) == (built_in.index, built_in.objective)


def test_estimators_take_one() -> None:
    estimator = GridSearchNetworkClassifier((), grid=[-2, -1, 0, 1, 2], penalty=L0(0.5)).fit(X, Y)
    assert estimator.result_.penalty == "L0(strength=0.5, at_most=None)"
    assert not estimator.network_.parameters[:2].any()
    assert estimator.set_params(penalty__strength=0.25).penalty == L0(0.25)


def test_a_registered_name_stands_for_one() -> None:
    name = register_penalty("tests_largest", Largest(0.02))
    result = GridSearchTrainer(GRID, penalty=name).fit(ONE, X, Y)
    assert result.penalty == "Largest(strength=0.02)"


def test_built_in_ones_have_no_names_but_are_named_in_the_error() -> None:
    unknown: Any = "l1"
    with pytest.raises(UnknownNameError, match=r"name of a penalty, got 'l1'\. Pass a built-in one .*L1\(0\.01\)"):
        GridSearchTrainer(GRID, penalty=unknown)
    register_penalty("tests_large", Largest(0.02))
    with pytest.raises(UnknownNameError, match=r"L2\(0\.01\)\. Did you mean .*'tests_large'.*\? Known: .*'tests_large"):
        as_penalty("tests_larg")


def test_penalties_are_values() -> None:
    assert L0(1, at_most=2) == L0(1.0, at_most=2) != L0(1.0)
    assert len({L1(0.5), L1(0.5), L2(0.5)}) == 2
    assert repr(L2(0.5)) == "L2(strength=0.5)"


@pytest.mark.parametrize(("kind", "value"), [(L0, -1.0), (L1, -0.1), (L2, np.nan), (L1, np.inf), (L2, -np.inf)])
def test_a_strength_is_a_number_of_at_least_0(kind: Any, value: float) -> None:
    with pytest.raises(InvalidValueError, match="strength: expected a"):
        kind(value)


@pytest.mark.parametrize("kind", [L0, L1, L2])
def test_a_strength_has_no_sign(kind: Any) -> None:
    assert "strength=0.0" in repr(kind(-0.0))


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "2"])
def test_at_most_is_at_least_1(value: Any) -> None:
    with pytest.raises((InvalidValueError, InvalidTypeError), match="at_most: expected a whole number"):
        L0(at_most=value)


def test_at_most_is_no_more_than_there_are_weights() -> None:
    with pytest.raises(InvalidValueError, match="at_most: expected at most 2, as many as the"):
        GridSearchTrainer(GRID, penalty=L0(at_most=3)).fit(ONE, X, Y)
    GridSearchTrainer(GRID, penalty=L0(at_most=2)).fit(ONE, X, Y)


def returning(value: Any) -> Penalty:
    class Own(Penalty):
        @override
        def __call__(self, parameters: FloatArray, is_weight: BoolArray, /) -> float:
            if isinstance(value, Exception):
                raise value
            return value  # type: ignore[no-any-return]

    return Own()


@pytest.mark.parametrize(
    ("value", "got"),
    [
        (np.nan, "nan"),
        (-1.0, "-1.0"),
        (10**400, "an int beyond the largest float"),
        (np.zeros(3), "an array"),
        (None, "None"),
        ("much", "'much'"),
        (True, "True"),
        (ValueError("no"), "ValueError: no"),
    ],
)
def test_a_penalty_that_returns_no_such_number_is_an_error(value: Any, got: str) -> None:
    with pytest.raises(PenaltyError, match=rf"penalty .*: expected a number of at least 0, got .*{re.escape(got)}"):
        GridSearchTrainer(GRID, penalty=returning(value)).fit(ONE, X, Y)


class TooHigh(Penalty):
    """Declares more than it costs."""

    @override
    def __call__(self, parameters: FloatArray, is_weight: BoolArray, /) -> float:
        return 0.001 * float(np.abs(parameters).sum())

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        costs: FloatArray = 0.002 * np.maximum(np.abs(lower), np.abs(upper)).sum(axis=1)
        return costs


def test_bounds_that_are_false_are_noticed() -> None:
    with pytest.raises(PenaltyError, match=r"bounds of penalty TooHigh\(\): expected at most .*, the cost of a"):
        GridSearchTrainer(Grid.linspace(-3, 3, 40), penalty=TooHigh(), engine="exact").fit(ONE, X, Y)


class Capped(L1):  # type: ignore[misc]  # it is final
    """Forbids what the built-in one allows."""

    @override
    def __call__(self, parameters: FloatArray, is_weight: BoolArray, /) -> float:
        return np.inf if np.abs(parameters[is_weight]).max() > 1 else 0.0


class PerUnit(L0):  # type: ignore[misc]  # it is final
    """Counts differently from the bounds of the built-in penalty."""

    @override
    def batch(self, parameters: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        costs: FloatArray = 0.01 * np.abs(parameters).sum(axis=1)
        return costs


@pytest.mark.parametrize("engine", ["reference", "batched", "exact", "auto"])
@pytest.mark.parametrize("penalty", [Capped(0.0), PerUnit(5.0)], ids=repr)
def test_a_subclass_of_a_built_in_one_is_refused(penalty: Penalty, engine: Any) -> None:
    fix = f"Derive from Penalty, and hold a {type(penalty).__mro__[1].__name__} inside"
    with pytest.raises(PenaltyError, match=f"a built-in penalty as it is, got a subclass. {fix}"):
        GridSearchTrainer(GRID, penalty=penalty, engine=engine).fit(ONE, X, Y)


class Counting(Penalty):
    """Gives another number each time."""

    def __init__(self) -> None:
        self.calls = 0

    @override
    def __call__(self, parameters: FloatArray, is_weight: BoolArray, /) -> float:
        self.calls += 1
        return float(self.calls)


def test_a_penalty_that_changes_its_mind_is_noticed() -> None:
    with pytest.raises(PenaltyError, match="the same number for the same parameters"):
        GridSearchTrainer(GRID, penalty=Counting()).fit(ONE, X, Y)


@pytest.mark.parametrize(("thing", "got"), [(L1, "the class L1 itself"), (0.1, "0.1"), (lambda p: 0.0, "function")])
def test_what_is_no_penalty_is_an_error(thing: Any, got: str) -> None:
    with pytest.raises(InvalidTypeError, match=f"penalty: expected a Penalty, got .*{got}"):
        GridSearchTrainer(GRID, penalty=thing)


@pytest.mark.parametrize("top", [1, 3])
@pytest.mark.parametrize("penalty", [L1(0.03), L0(0.05, at_most=2), BoundedLargest()], ids=repr)
def test_a_proof_is_resumed_wherever_it_was_left(penalty: Penalty, top: int) -> None:
    space = SearchSpace(TWO, Grid([-2, 0, 1]))
    problem = Problem.create(TWO, space, X, Y, LogLoss(), penalty=penalty)

    def begun() -> BranchAndBound:
        search = ExactEngine(smallest_batch=1).search(problem, top=top)
        assert isinstance(search, BranchAndBound)
        return search

    whole, search = begun(), begun()
    while not whole.finished:
        whole.advance()
    while not search.finished:
        search.advance()
        other = begun()
        other.restore(search.state())
        search = other
    assert search.best == whole.best
    assert search.bound == whole.bound


class ForbidsTooMuch(Penalty):
    """Declares that it forbids what it does not."""

    @override
    def __call__(self, parameters: FloatArray, is_weight: BoolArray, /) -> float:
        return 0.0

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        return np.where((lower[:, 0] > 0.3) & (upper[:, 0] < 9.0), np.inf, 0.0)


def test_bounds_that_forbid_what_is_allowed_are_noticed() -> None:
    with pytest.raises(PenaltyError, match="bounds of penalty ForbidsTooMuch"):
        GridSearchTrainer(Grid.linspace(-10, 10, 41), penalty=ForbidsTooMuch(), engine="exact").fit(
            Network.dense([2, 1]), X, Y
        )


class HighInside(BoundedLargest):
    """Its bounds are too high only where the first weight is between the ends of the grid."""

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        return np.where((lower[:, 0] > 0.0) & (upper[:, 0] < 4.0), 5.0, 0.0)


def test_an_error_about_false_bounds_shows_the_box_and_the_numbers() -> None:
    penalty = HighInside(limit=np.inf)
    with pytest.raises(PenaltyError, match=r"bounds of penalty HighInside") as caught:
        GridSearchTrainer(Grid.linspace(-5, 5, 11), penalty=penalty, scoring="log_loss", engine="exact").fit(ONE, X, Y)
    numbers = r"expected at most (\S+), the cost of (\[.*\]), got 5.0 for the box from (\[.*\]) to (\[.*\]) that holds"
    found = re.search(numbers, str(caught.value))
    assert found is not None
    cost, point, low, high = (np.array(json.loads(text)) for text in found.groups())
    kinds = np.array([True, True, False])
    assert cost == penalty(point, kinds) < penalty.bounds(low[np.newaxis], high[np.newaxis], kinds)[0]
    assert ((low <= point) & (point <= high)).all()


def test_a_false_bound_of_a_scoring_is_not_blamed_on_a_penalty() -> None:
    def bounds(y_true: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
        widths = (upper - lower).max(axis=(1, 2))
        return np.where((widths > 0.0) & (widths < 0.9), 0.1, 1.0)

    scoring = FunctionScoring(lambda y_true, outputs: float(((outputs[:, 0] > 0.5) == y_true).mean()), bounds=bounds)
    penalty = BoundedLargest(limit=np.inf)
    trainer = GridSearchTrainer(Grid.linspace(-5, 5, 11), penalty=penalty, scoring=scoring, engine="exact")
    with pytest.raises(ScoringError, match=r"^bound of scoring .* got a candidate that scores better"):
        trainer.fit(ONE, X, Y)


def test_the_history_of_a_search_with_a_penalty_is_of_objectives() -> None:
    result = GridSearchTrainer(GRID, penalty=L1(0.05)).fit(ONE, X, Y)
    display = SearchHistoryDisplay.from_result(result)
    assert display.scores[-1] == result.objective
    assert (display.scores <= result.bound).all()


def test_a_coordinate_search_begins_where_few_weights_are_not_0() -> None:
    network = Network.dense([2, 3, 1])
    result = GridSearchTrainer(Grid([-2, -1, 0, 1, 2]), penalty=L0(at_most=1), strategy="coordinate").fit(network, X, Y)
    assert np.count_nonzero(result.parameters) <= 1


DEEP = Network.dense([3, 2, 1], bias=True)
SLOPES = np.random.default_rng(0).normal(size=(60, 3))
SIDES = (SLOPES @ [1.0, -2.0, 0.5] > 0.0).astype(int)


@pytest.mark.parametrize("strategy", [LayerWise(), Coordinate(), RandomSample(500)], ids=repr)
@pytest.mark.parametrize("at_most", [2, 3, 4])
def test_few_weights_lead_through_all_layers(strategy: Any, at_most: int) -> None:
    trainer = GridSearchTrainer(Grid.linspace(-8, 8, 9), strategy=strategy, penalty=L0(at_most=at_most))
    result = trainer.fit(DEEP, SLOPES, SIDES)
    assert result.score > 0.7 > max(SIDES.mean(), 1.0 - SIDES.mean())  # no network of one constant output
    assert np.count_nonzero(result.parameters[[0, 1, 2, 4, 5, 6, 8, 9]]) <= at_most


@pytest.mark.parametrize("n_outputs", [2, 3])
def test_each_output_is_left_a_weight(n_outputs: int) -> None:
    y = np.argmax(SLOPES[:, :n_outputs], axis=1)
    network = Network.dense([3, n_outputs], output_activation=Sigmoid(), bias=True)
    trainer = GridSearchTrainer(Grid.linspace(-2, 2, 5), strategy=LayerWise(), penalty=L0(at_most=n_outputs))
    found = trainer.fit(network, SLOPES, y).network
    assert [np.count_nonzero(neuron.weights) for neuron in found.layers[0]] == [1] * n_outputs


def test_as_many_drawn_candidates_as_possible_are_allowed() -> None:
    space = SearchSpace(DEEP, Grid.linspace(-2, 2, 5))
    problem = Problem.create(DEEP, space, SLOPES, SIDES, LogLoss(), penalty=L0(at_most=3))
    drawn = space.digits(RandomSample(300).draw(space.size))
    values = space.values_at(thinned(problem, drawn, 0))
    was = np.count_nonzero(space.values_at(drawn)[:, problem.is_weight], axis=1)
    counts = np.count_nonzero(values[:, problem.is_weight], axis=1)
    assert (counts == np.minimum(was, 3)).all()
    assert (values[:, ~problem.is_weight] == space.values_at(drawn)[:, ~problem.is_weight]).all()
    assert (np.count_nonzero(values[:, problem.is_weight], axis=0) > 50).all()  # no weight is preferred
    never = Problem.create(DEEP, SearchSpace(DEEP, Grid([1, 2])), SLOPES, SIDES, LogLoss(), penalty=L0(at_most=3))
    assert thinned(never, drawn % 2, 0).tolist() == (drawn % 2).tolist()
    result = GridSearchTrainer(Grid.linspace(-2, 2, 5), strategy=RandomSample(40), penalty=L0(at_most=2)).fit(
        DEEP, SLOPES, SIDES
    )
    assert result.n_scored == 40
