"""Custom functions and classes as scorings."""

import math
import operator
import pickle
import re
import warnings
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics
from typing_extensions import override

import minigrid
from minigrid import (
    Accuracy,
    FunctionScoring,
    Grid,
    GridSearchTrainer,
    Identity,
    InvalidTypeError,
    Network,
    ScoringError,
    ShapeError,
)
from minigrid._base.typing import FloatArray
from minigrid.scoring import call_scoring
from tests.scoring.cases import Misses, bits, median_error, worst_error

# Custom functions and classes -------------------------------------------------------------------


def weighted_bias(y_true: FloatArray, outputs: FloatArray, sample_weight: FloatArray | None = None) -> float:
    errors = outputs[:, 0] - y_true
    return float(errors.sum() if sample_weight is None else (errors * sample_weight).sum())


def anything(*arrays: FloatArray, **options: FloatArray) -> float:
    return float(len(arrays) + 10 * len(options))


def test_a_function_is_equal_to_itself_and_hashed_alike() -> None:
    assert FunctionScoring(worst_error) == FunctionScoring(worst_error)
    assert hash(FunctionScoring(worst_error)) == hash(FunctionScoring(worst_error))
    assert FunctionScoring(worst_error) != FunctionScoring(worst_error, greater_is_better=False)
    assert FunctionScoring(worst_error) != FunctionScoring(median_error)
    assert FunctionScoring(worst_error) != Accuracy()
    assert FunctionScoring(worst_error) != worst_error
    assert len({FunctionScoring(worst_error), FunctionScoring(worst_error)}) == 1


def test_a_function_scoring_shows_its_name() -> None:
    assert repr(FunctionScoring(worst_error)) == "FunctionScoring(worst_error)"
    expected = "FunctionScoring(worst_error, greater_is_better=False)"
    assert repr(FunctionScoring(worst_error, greater_is_better=False)) == expected
    assert repr(FunctionScoring(partial(worst_error))) == "FunctionScoring(partial(worst_error))"


def nearest_errors(
    y_true: FloatArray, lower: FloatArray, upper: FloatArray, sample_weight: FloatArray | None = None
) -> FloatArray:
    apart = np.abs(np.clip(y_true, lower[..., 0], upper[..., 0]) - y_true)
    return np.array([mean_error(y_true, (y_true + one)[:, np.newaxis], sample_weight) for one in apart])


def mean_error(y_true: FloatArray, outputs: FloatArray, sample_weight: FloatArray | None = None) -> float:
    errors = np.abs(outputs[:, 0] - y_true)
    return float(np.average(errors, weights=sample_weight))


def lowered(
    y_true: FloatArray, lower: FloatArray, upper: FloatArray, sample_weight: FloatArray | None = None
) -> FloatArray:
    return nearest_errors(y_true, lower, upper, sample_weight) - 1e-12


def raised(y_true: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    return nearest_errors(y_true, lower, upper) + 0.1


def test_a_function_with_bounds_shows_and_compares_them() -> None:
    bounded = FunctionScoring(mean_error, greater_is_better=False, bounds=lowered)
    assert repr(bounded) == "FunctionScoring(mean_error, greater_is_better=False, bounds=lowered)"
    assert bounded == FunctionScoring(mean_error, greater_is_better=False, bounds=lowered)
    assert bounded != FunctionScoring(mean_error, greater_is_better=False)
    assert pickle.loads(pickle.dumps(bounded)) == bounded
    assert bounded.declares_bounds
    assert bounded.takes_weights
    assert not FunctionScoring(mean_error).declares_bounds
    assert not FunctionScoring(mean_error, bounds=raised).takes_weights  # as its bounds do not
    y, ends = np.zeros(2), np.ones((1, 2, 1))
    assert bounded.bound(y, ends, 2.0 * ends).tolist() == [1.0 - 1e-12]
    assert FunctionScoring(mean_error).bound(y, ends, ends).tolist() == [np.inf]
    wrong: Any = 3
    with pytest.raises(InvalidTypeError, match=r"^bounds: expected a function of \(y_true, lower, upper\), got 3"):
        FunctionScoring(mean_error, bounds=wrong)


def raised_if_narrow(y_true: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    widths = (upper - lower).max(axis=(1, 2))
    raise_by: FloatArray = np.where((widths > 0.0) & (widths < 0.3), 0.1, 0.0)
    return lowered(y_true, lower, upper) + raise_by


@pytest.mark.parametrize("weighted", [False, True])
def test_the_bounds_of_a_function_let_the_exact_engine_prune(weighted: bool) -> None:
    generator = np.random.default_rng(3)
    X, y = generator.uniform(size=(40, 2)), generator.uniform(size=40)
    weights = generator.uniform(size=40) if weighted else None
    scoring = FunctionScoring(mean_error, greater_is_better=False, bounds=lowered)
    network, grid = Network.dense([2, 1], bias=True), Grid.linspace(-3, 3, 13)
    prover = GridSearchTrainer(grid, scoring=scoring, engine="exact")
    exact = prover.fit(network, X, y, sample_weight=weights)
    plain = GridSearchTrainer(grid, scoring=scoring, engine="reference")
    loop = plain.fit(network, X, y, sample_weight=weights)
    assert (exact.index, exact.score.hex(), exact.optimal) == (loop.index, loop.score.hex(), True)
    assert exact.n_pruned > 0.9 * exact.n_candidates
    false = FunctionScoring(mean_error, greater_is_better=False, bounds=raised_if_narrow)
    trainer = GridSearchTrainer(grid, scoring=false, engine="exact")
    with pytest.raises(ScoringError, match=r"^bound of scoring FunctionScoring\(mean_error, .*that scores better"):
        trainer.fit(network, X, y)


@pytest.mark.parametrize("engine", ["auto", "reference", "batched", "exact"])
@pytest.mark.parametrize(
    ("bounds", "pattern"),
    [
        (raised, r"^bound of scoring .*: expected at most 0\.\d+, the score of outputs in the box, got 0\.\d+"),
        (lambda _y, lower, _upper: lower[:, :, 0], r"^bound of scoring .*: expected a float64 array of shape \("),
    ],
    ids=["false", "shape"],
)
def test_bounds_that_are_wrong_for_the_first_candidates_are_found_by_every_engine(
    engine: Any, bounds: Any, pattern: str
) -> None:
    scoring = FunctionScoring(mean_error, greater_is_better=False, bounds=bounds)
    trainer = GridSearchTrainer(Grid([-1.0, 0.0, 1.0]), scoring=scoring, engine=engine)
    with pytest.raises(ScoringError, match=pattern):
        trainer.fit(Network.dense([1, 1]), [[0.1], [0.7]], [0.2, 0.9])


@pytest.mark.parametrize("greater_is_better", [True, False])
def test_a_function_scoring_survives_pickling(greater_is_better: bool) -> None:
    scoring = FunctionScoring(weighted_bias, greater_is_better=greater_is_better)
    copied = pickle.loads(pickle.dumps(scoring))
    assert copied == scoring
    assert copied.greater_is_better is greater_is_better
    assert copied(np.zeros(2), np.ones((2, 1))) == 2.0


def test_a_function_scoring_is_immutable() -> None:
    scoring = FunctionScoring(worst_error, greater_is_better=False)
    with pytest.raises(AttributeError, match="greater_is_better: this object never changes"):
        scoring.greater_is_better = True
    with pytest.raises(AttributeError, match="other: this object never changes"):
        setattr(scoring, "other", 1)  # noqa: B010  # that it has no such attribute is the point
    with pytest.raises(AttributeError, match="greater_is_better: this object never changes"):
        del scoring.greater_is_better
    assert scoring.greater_is_better is False


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (worst_error, False),
        (weighted_bias, True),
        (anything, True),
        (partial(weighted_bias), True),
        (max, False),
        (math.log, False),
        (operator.eq, False),
        (np.array_equal, False),
    ],
    ids=["plain", "weighted", "anything", "partial", "max", "log", "eq", "array_equal"],
)
def test_a_function_takes_weights_if_it_has_a_keyword_for_them(function: Callable[..., float], expected: bool) -> None:
    assert FunctionScoring(function).takes_weights is expected


def test_a_function_gets_the_weights_only_if_there_are_any() -> None:
    scoring = FunctionScoring(anything)
    y, outputs = np.zeros(2), np.ones((2, 1))
    assert scoring(y, outputs) == 2.0
    assert scoring(y, outputs, sample_weight=np.ones(2)) == 12.0
    assert bits(scoring.batch(y, np.ones((3, 2, 1)), np.ones(2))) == [(12.0).hex()] * 3


@pytest.mark.parametrize("wrong", [3, "accuracy", Accuracy, Accuracy(), None, float], ids=repr)
def test_what_is_no_function_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidTypeError, match="function: expected a function of"):
        FunctionScoring(wrong)


@pytest.mark.parametrize(
    "number",
    [1.5, 1, True, np.float32(1.5), np.int8(3), np.bool_(True), np.array(2.5), Decimal("0.1"), Fraction(1, 3)],
    ids=repr,
)
def test_any_kind_of_number_is_a_score(number: Any) -> None:
    score = call_scoring(FunctionScoring(lambda y, o: number), np.zeros(2), np.zeros((2, 1)), None)
    assert type(score) is float
    assert score == float(number)


@pytest.mark.parametrize("wrong", [None, "1", 1j, np.zeros(2), [1.0], np.array("a")], ids=repr)
def test_what_is_no_number_is_no_score(wrong: Any) -> None:
    scoring = FunctionScoring(lambda y, o: wrong)
    with pytest.raises(ScoringError, match=r"scoring FunctionScoring\(<lambda>\): expected one number"):
        call_scoring(scoring, np.zeros(2), np.zeros((2, 1)), None)


@pytest.mark.parametrize("huge", [10**400, Fraction(10**400), Decimal("1e400")], ids=repr)
def test_a_number_beyond_the_largest_float_is_no_score(huge: Any) -> None:
    with pytest.raises(ScoringError, match=r"Return a smaller one: the largest float is about 1\.8 x 10\^308"):
        call_scoring(FunctionScoring(lambda y, o: huge), np.zeros(2), np.zeros((2, 1)), None)
    endless = call_scoring(FunctionScoring(lambda y, o: Decimal("-Infinity")), np.zeros(2), np.zeros((2, 1)), None)
    assert endless == -math.inf


def test_a_call_that_returns_a_coroutine_or_a_generator_is_told_why() -> None:
    class Late(minigrid.Scoring):
        @override
        def __call__(self, y_true: Any, outputs: Any, /, sample_weight: Any = None) -> Any:
            return self._later()

        async def _later(self) -> float:
            return 1.0

    class LateActivation(minigrid.Activation):
        @override
        def __call__(self, z: Any, /) -> Any:
            yield z

    trainer = GridSearchTrainer(Grid([0.0, 1.0]), scoring=Late())
    with pytest.raises(ScoringError, match="Define it with def, without async and await"):
        trainer.fit(Network.dense([1, 1]), [[0.0]], [1])
    with pytest.raises(minigrid.ActivationError, match="Let it return instead of yield"):
        GridSearchTrainer(Grid([0.0, 1.0])).fit(Network.dense([1, 1], activation=LateActivation()), [[0.0]], [1])


def test_a_function_that_raises_or_writes_is_named() -> None:
    def raises(y_true: FloatArray, outputs: FloatArray) -> float:
        raise KeyError("no such thing")

    def writes(y_true: FloatArray, outputs: FloatArray) -> float:
        outputs[0] = 1.0
        return 0.0

    with pytest.raises(ScoringError, match=r"raises.*KeyError: 'no such thing'") as caught:
        call_scoring(FunctionScoring(raises), np.zeros(2), np.zeros((2, 1)), None)
    assert isinstance(caught.value.__cause__, KeyError)
    outputs = np.zeros((2, 1))
    with pytest.raises(ScoringError, match=r"writes.*read-only"):
        call_scoring(FunctionScoring(writes), np.zeros(2), outputs, None)
    assert not outputs.any()


X = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.25, 0.0]]
y = [0.0, 1.0, 1.0, 0.0]


def test_a_bare_function_can_be_passed_to_the_trainer() -> None:
    def closeness(y_true: FloatArray, outputs: FloatArray) -> float:
        return -float(np.max(np.abs(outputs[:, 0] - y_true)))

    network = Network.dense([2, 1], activation=Identity())
    result = GridSearchTrainer(Grid([-1.0, 0.0, 1.0]), scoring=closeness).fit(network, X, y)
    assert result.parameters.tolist() == [1.0, 0.0]
    assert result.score == closeness(np.array(y), result.network(X)) == -0.25
    assert result.bound == -0.25
    named = GridSearchTrainer(Grid([-1.0, 0.0, 1.0]), scoring=FunctionScoring(closeness)).fit(network, X, y)
    assert (named.index, named.score) == (result.index, result.score)


TABLES: dict[str, Any] = {
    "hits of a column": lambda y_true, outputs: np.mean((outputs > 0.5) == y_true),
    "distance of a column": FunctionScoring(lambda y_true, outputs: np.mean(np.abs(outputs - y_true))),
    "logarithms of a column": lambda y_true, outputs: np.mean(y_true * np.log(outputs)),
    "shares": lambda _y_true, outputs: float(outputs.mean()),
}


def few_numbers(y_true: FloatArray, outputs: FloatArray) -> float:
    """A score that accepts the outputs of this network, but not generated ones."""
    if not set(outputs.ravel().tolist()) <= {0.0, 1.0}:
        raise ValueError("classification metrics cannot handle continuous targets")
    return float((outputs[:, 0] == y_true).mean())


PAIRS: dict[str, Any] = {
    "hits": lambda y_true, outputs: np.mean((outputs[:, 0] > 0.5) == y_true),
    "hits at 0": lambda y_true, outputs: np.mean((outputs[:, 0] > 0.0) == y_true),
    "logarithms": lambda y_true, outputs: np.mean(y_true * np.log(outputs[:, 0])),
    "of few numbers": lambda y_true, outputs: few_numbers(y_true, outputs),
    "far out": lambda y_true, outputs: np.mean((outputs[:, 0] > 50.0) == y_true),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_search_warns_of_a_score_that_shuffled_outputs_do_not_change(name: str) -> None:
    trainer = GridSearchTrainer(Grid([0.5, 1.0]), scoring=TABLES[name])
    for method in (trainer.fit, trainer.plan):
        for _ in range(10):  # where a busy machine pauses for long, a score seems too slow to be tried
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                method(Network.dense([1, 1]), [[0.2], [0.9], [0.4]], [0, 1, 1])
            if caught:
                break
        (warning,) = caught
        assert re.search("shuffled outputs do not change. With one neuron compare", str(warning.message))
        assert warning.filename == __file__


@pytest.mark.parametrize("n_samples", [4, 20, 200])
def test_balanced_labels_hide_no_forgotten_column(n_samples: int) -> None:
    X, y = np.linspace(0.1, 1.0, n_samples)[:, np.newaxis], np.arange(n_samples) % 2
    trainer = GridSearchTrainer(Grid([0.5, 1.0]), scoring=TABLES["hits of a column"])
    with pytest.warns(UserWarning, match=r"With one neuron compare outputs\[:, 0\]"):
        assert trainer.fit(Network.dense([1, 1]), X, y).score == 0.5


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("n_samples", [2, 3, 50])
def test_a_search_warns_of_no_score_that_looks_at_pairs(name: str, n_samples: int) -> None:
    X = np.linspace(0.1, 1.0, n_samples)[:, np.newaxis]
    own = minigrid.Step() if name == "of few numbers" else minigrid.Sigmoid()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trainer = GridSearchTrainer(Grid([0.5, 1.0]), scoring=PAIRS[name])
        result = trainer.fit(Network.dense([1, 1], activation=own), X, X[:, 0] > 0.5)
    assert result.n_scored == result.n_candidates == 2


def test_where_all_targets_are_the_same_a_score_may_ignore_pairs() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trainer = GridSearchTrainer(Grid([0.5, 1.0]), scoring=TABLES["hits of a column"])
        result = trainer.fit(Network.dense([1, 1]), [[0.2], [0.9]], [1, 1])
    assert result.score == 1.0


def test_a_class_of_a_users_own_can_be_passed_to_the_trainer() -> None:
    network = Network.dense([2, 1], activation=Identity())
    trainer = GridSearchTrainer(Grid([-1.0, 0.0, 1.0]), scoring=Misses(margin=0.75))
    assert trainer.fit(network, X, y).score == 0.0
    weighted = trainer.fit(network, X, [1.0, 1.0, 1.0, 1.0], sample_weight=[1.0, 0.0, 0.0, 0.5])
    assert weighted.score == 0.5  # no weights lift the last sample above 0.75
    assert weighted.parameters[1] == 1.0


def test_a_class_of_a_users_own_has_the_defaults() -> None:
    scoring = Misses()
    assert scoring.takes_weights
    assert scoring.best_possible == -np.inf
    outputs = np.array([[[0.9], [0.8]], [[0.1], [0.8]], [[0.1], [0.2]]])
    assert scoring.batch(np.array([0.0, 1.0]), outputs).tolist() == [1.0, 0.0, 1.0]
    assert scoring.check_targets([1, 2, 3], 1).tolist() == [1.0, 2.0, 3.0]
    assert not scoring.check_targets([1, 2, 3], 1).flags.writeable
    with pytest.raises(ShapeError, match="y: expected one target a sample"):
        scoring.check_targets([[[1.0]]], 1)


def test_weights_for_a_function_that_takes_none_are_refused_before_the_search() -> None:
    trainer = GridSearchTrainer(Grid([0.0, 1.0]), scoring=worst_error)
    with pytest.raises(ScoringError, match="takes sample_weight"):
        trainer.fit(Network.dense([2, 1]), X, y, sample_weight=[1.0, 1.0, 1.0, 2.0])


def test_a_column_of_targets_is_flat_for_a_function_too() -> None:
    def accuracy(y_true: FloatArray, outputs: FloatArray) -> float:
        assert y_true.shape == (4,)
        return float(np.mean((outputs[:, 0] > 0.5) == y_true))

    X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [1.0, 3.0]])
    y = np.array([0.0, 1.0, 1.0, 0.0])
    trainer = GridSearchTrainer(Grid([-1, 0, 1]), scoring=accuracy)
    expected = GridSearchTrainer(Grid([-1, 0, 1])).fit(Network.dense([2, 1]), X, y)
    for targets in (y, y[:, np.newaxis], pd.DataFrame({"y": y})):
        result = trainer.fit(Network.dense([2, 1]), X, targets)
        assert (result.index, result.score) == (expected.index, expected.score)


def distance(y_true: FloatArray, outputs: FloatArray) -> float:
    return float(np.abs(outputs[:, 0] - y_true).mean())


LOSSES: dict[str, tuple[Any, Any]] = {
    "log loss of scikit-learn": (sklearn.metrics.log_loss, [0, 1, 1, 0]),
    "brier score": (lambda y, outputs: sklearn.metrics.brier_score_loss(y, outputs[:, 0]), [0, 1, 1, 0]),
    "squared error": (sklearn.metrics.mean_squared_error, [0.5, -1.0, 2.0, 0.0]),
    "distance of labels": (distance, [0, 1, 1, 0]),
    "hits as a loss": (FunctionScoring(PAIRS["hits"], greater_is_better=False), [0, 1, 1, 0]),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_that_is_used_as_a_score_is_noticed_and_the_advice_works(name: str) -> None:
    scoring, targets = LOSSES[name]
    is_function = isinstance(scoring, FunctionScoring)
    advised = FunctionScoring(PAIRS["hits"]) if is_function else FunctionScoring(scoring, greater_is_better=False)
    with pytest.warns(UserWarning, match=f"greater_is_better={advised.greater_is_better}") as caught:
        worst = GridSearchTrainer(Grid([-2, 0, 2]), scoring=scoring).fit(Network.dense([2, 1]), X, targets)
    assert [warning.filename for warning in caught] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        best = GridSearchTrainer(Grid([-2, 0, 2]), scoring=advised).fit(Network.dense([2, 1]), X, targets)
    assert best.score > worst.score if advised.greater_is_better else best.score < worst.score


def test_a_name_is_enough_where_a_function_cannot_be_tried() -> None:
    def strange_loss(y_true: FloatArray, outputs: FloatArray) -> float:
        return few_numbers(y_true, outputs)

    network = Network.dense([2, 1], activation=minigrid.Step())
    with pytest.warns(UserWarning, match="a higher score for better outputs, got one that is called strange_loss"):
        GridSearchTrainer(Grid([-1, 1]), scoring=strange_loss).fit(network, X, y)


def test_a_name_is_enough_where_other_outputs_may_score_the_same() -> None:
    def median_error(y_true: FloatArray, outputs: FloatArray) -> float:
        return float(np.median(np.abs(outputs[:, 0] - y_true)))

    X = np.random.default_rng(0).normal(size=(80, 2))
    with pytest.warns(UserWarning, match="a higher score for better outputs, got one that is called median_error"):
        GridSearchTrainer(Grid([-1, 1]), scoring=median_error).fit(Network.dense([2, 1]), X, X.sum(axis=1) > 0.0)


@pytest.mark.parametrize("n_samples", [2, 50])
def test_a_score_that_never_changes_is_noticed(n_samples: int) -> None:
    X = np.linspace(0.1, 1.0, n_samples)[:, np.newaxis]
    trainer = GridSearchTrainer(Grid([0.5, 1.0]), scoring=lambda _y_true, _outputs: 0.5)
    with pytest.warns(UserWarning, match="a score that depends on the outputs, got the same score for all outputs"):
        trainer.fit(Network.dense([1, 1]), X, X[:, 0] > 0.5)


def chance(y_true: FloatArray, outputs: FloatArray) -> FloatArray:
    """What each sample's outputs say of its own label, shape (n_samples,)."""
    return np.asarray(outputs[np.arange(len(y_true)), y_true.astype(int)])


SEVERAL: dict[str, Any] = {
    "hits": lambda y, outputs: float((outputs.argmax(axis=1) == y).mean()),
    "chance": lambda y, outputs: float(chance(y, outputs).mean()),
    "log chance": lambda y, outputs: float(np.log(chance(y, outputs) + 1e-9).mean()),
    "recall of the worst": lambda y, outputs: min(float((outputs.argmax(axis=1)[y == k] == k).mean()) for k in {*y}),
    "f1": lambda y, outputs: sklearn.metrics.f1_score(y, outputs.argmax(axis=1), average="macro"),
}
OTHERS: dict[str, Any] = {  # which use outputs for something else than a label each
    "first output": lambda y, outputs: float(np.median(np.abs(outputs[:, 0] - y))),
    "minus first output": lambda y, outputs: -float(np.abs(outputs[:, 0] - y).mean()),
    "how many": lambda y, outputs: float(((outputs > 0.5).sum(axis=1) == y).mean()),
    "correlation": lambda y, outputs: -float((outputs[:, 0] * (y - y.mean())).mean()),
    "reward": lambda y, outputs: float((outputs[:, 0] * y - outputs[:, 1]).mean()),
}
THREE = np.random.default_rng(0).normal(size=(30, 2)), np.random.default_rng(1).integers(0, 3, 30)


@pytest.mark.parametrize("scoring", SEVERAL.values(), ids=SEVERAL)
def test_scores_of_several_outputs_and_losses_are_told_apart(scoring: Any) -> None:
    trainer = GridSearchTrainer(Grid([-1, 1]), scoring=scoring)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        best = trainer.fit(Network.dense([2, 3]), *THREE).score
    own = FunctionScoring(lambda y, outputs: 3.0 - scoring(y, outputs))
    with pytest.warns(UserWarning, match=r"a higher score .* If lower is better, pass .*greater_is_better=False"):
        worst = GridSearchTrainer(Grid([-1, 1]), scoring=own).fit(Network.dense([2, 3]), *THREE).network
    assert worst.score(*THREE, scoring=scoring) < best


@pytest.mark.parametrize("is_score", [True, False])
@pytest.mark.parametrize("scoring", OTHERS.values(), ids=OTHERS)
def test_nothing_is_said_of_a_scoring_that_uses_several_outputs_in_its_own_way(scoring: Any, is_score: bool) -> None:
    trainer = GridSearchTrainer(Grid([-1, 1]), scoring=FunctionScoring(scoring, greater_is_better=is_score))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert trainer.plan(Network.dense([2, 3]), *THREE).n_candidates == 64
