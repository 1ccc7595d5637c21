"""Every scoring against a formula written down once more in plain Python, and the promises about batches and bits."""

import math
import operator
import pickle
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, final

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from typing_extensions import override

import minigrid
from minigrid import (
    Accuracy,
    BalancedAccuracy,
    FunctionScoring,
    Grid,
    GridSearchTrainer,
    Hinge,
    Identity,
    InvalidTypeError,
    InvalidValueError,
    LogLoss,
    MeanAbsoluteError,
    MeanSquaredError,
    MinigridError,
    Network,
    Scoring,
    ScoringError,
    ShapeError,
)
from minigrid._base.numerics import predicted_labels, tree_sum, weighted_mean
from minigrid._base.typing import FloatArray
from minigrid.scoring import BuiltinScoring, call_scoring

Table = Sequence[Sequence[float]]
Formula = Callable[[Sequence[float], Table, Sequence[float]], float]

quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

# The formulas once more -------------------------------------------------------------------------


def label_of(row: Sequence[float]) -> int:
    return int(row[0] > 0.5) if len(row) == 1 else list(row).index(max(row))


def weighted_average(costs: Sequence[float], weights: Sequence[float]) -> float:
    return math.fsum(c * w for c, w in zip(costs, weights, strict=True)) / math.fsum(weights)


def accuracy(y: Sequence[float], outputs: Table, weights: Sequence[float]) -> float:
    right = [w for label, row, w in zip(y, outputs, weights, strict=True) if label_of(row) == label]
    return math.fsum(right) / math.fsum(weights)


def balanced_accuracy(y: Sequence[float], outputs: Table, weights: Sequence[float]) -> float:
    shares = []
    for label in range(max(2, len(outputs[0]))):
        members = [i for i in range(len(y)) if y[i] == label and weights[i] > 0]
        if members:
            right = math.fsum(weights[i] for i in members if label_of(outputs[i]) == label)
            shares.append(right / math.fsum(weights[i] for i in members))
    return math.fsum(shares) / len(shares)


def log_loss(y: Sequence[float], outputs: Table, weights: Sequence[float], epsilon: float = 2.0**-52) -> float:
    costs = []
    for label, row in zip(y, outputs, strict=True):
        chances = [min(max(output, epsilon), 1.0 - epsilon) for output in row]
        if len(row) == 1:
            chances = [1.0 - chances[0], chances[0]]
        costs.append(-math.log(chances[int(label)] / math.fsum(chances)))
    return weighted_average(costs, weights)


def hinge(y: Sequence[float], outputs: Table, weights: Sequence[float]) -> float:
    costs = []
    for label, row in zip(y, outputs, strict=True):
        if len(row) == 1:
            margin = row[0] if label == 1 else -row[0]
        else:
            margin = row[int(label)] - max(output for k, output in enumerate(row) if k != label)
        costs.append(max(0.0, 1.0 - margin))
    return weighted_average(costs, weights)


def mean_squared_error(y: Table, outputs: Table, weights: Sequence[float]) -> float:
    costs = [
        math.fsum((o - t) ** 2 for o, t in zip(row, target, strict=True)) / len(row)
        for target, row in zip(y, outputs, strict=True)
    ]
    return weighted_average(costs, weights)


def mean_absolute_error(y: Table, outputs: Table, weights: Sequence[float]) -> float:
    costs = [
        math.fsum(abs(o - t) for o, t in zip(row, target, strict=True)) / len(row)
        for target, row in zip(y, outputs, strict=True)
    ]
    return weighted_average(costs, weights)


LABEL_FORMULAS: list[tuple[BuiltinScoring, Formula]] = [
    (Accuracy(), accuracy),
    (BalancedAccuracy(), balanced_accuracy),
    (LogLoss(), log_loss),
    (LogLoss(epsilon=0.01), partial(log_loss, epsilon=0.01)),
    (Hinge(), hinge),
]
NUMBER_FORMULAS: list[tuple[BuiltinScoring, Callable[[Table, Table, Sequence[float]], float]]] = [
    (MeanSquaredError(), mean_squared_error),
    (MeanAbsoluteError(), mean_absolute_error),
]
COUNTED = (Accuracy(), BalancedAccuracy())
BUILT_IN: list[BuiltinScoring] = [scoring for scoring, _ in [*LABEL_FORMULAS, *NUMBER_FORMULAS]]
LOSSES = [scoring for scoring in BUILT_IN if scoring not in COUNTED]

# Cases ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """Outputs of one network, with labels, real targets and weights for the same samples."""

    outputs: list[list[float]]
    labels: list[float]
    targets: list[list[float]]
    weights: list[float]

    def y_for(self, scoring: Scoring) -> Any:
        return self.targets if isinstance(scoring, MeanSquaredError | MeanAbsoluteError) else self.labels


OUTPUT = st.one_of(st.floats(-3.0, 3.0), st.floats(0.0, 1.0), st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, -1.0]))


@st.composite
def cases(draw: st.DrawFn, weights: st.SearchStrategy[float]) -> Case:
    """Draw one to twelve samples and one to three outputs."""
    n_outputs, n_samples = draw(st.integers(1, 3)), draw(st.integers(1, 12))

    def table(values: st.SearchStrategy[float]) -> list[list[float]]:
        row = st.lists(values, min_size=n_outputs, max_size=n_outputs)
        return draw(st.lists(row, min_size=n_samples, max_size=n_samples))

    labels = st.integers(0, max(1, n_outputs - 1)).map(float)
    return Case(
        outputs=table(OUTPUT),
        labels=draw(st.lists(labels, min_size=n_samples, max_size=n_samples)),
        targets=table(st.floats(-3.0, 3.0)),
        weights=[1.0, *draw(st.lists(weights, min_size=n_samples - 1, max_size=n_samples - 1))],
    )


DYADIC = st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.0, 3.75])  # their sums are exact
COUNTS = st.sampled_from([0.0, 1.0, 2.0, 3.0])


def bits(scores: FloatArray) -> list[str]:
    return [float(score).hex() for score in scores]


def close(score: float, expected: float) -> bool:
    return math.isclose(score, expected, rel_tol=1e-12, abs_tol=1e-13)


# The built-in ones ------------------------------------------------------------------------------


@pytest.mark.parametrize(("scoring", "formula"), LABEL_FORMULAS, ids=lambda value: repr(value))
@quick
@given(case=cases(DYADIC))
def test_label_scorings_are_their_formulas(scoring: BuiltinScoring, formula: Formula, case: Case) -> None:
    plain = scoring(case.labels, case.outputs)
    weighted = scoring(case.labels, case.outputs, sample_weight=case.weights)
    assert close(plain, formula(case.labels, case.outputs, [1.0] * len(case.labels)))
    assert close(weighted, formula(case.labels, case.outputs, case.weights))


@pytest.mark.parametrize(("scoring", "formula"), NUMBER_FORMULAS, ids=lambda value: repr(value))
@quick
@given(case=cases(DYADIC))
def test_regression_losses_are_their_formulas(
    scoring: BuiltinScoring, formula: Callable[[Table, Table, Sequence[float]], float], case: Case
) -> None:
    plain = scoring(case.targets, case.outputs)
    weighted = scoring(case.targets, case.outputs, sample_weight=case.weights)
    assert close(plain, formula(case.targets, case.outputs, [1.0] * len(case.targets)))
    assert close(weighted, formula(case.targets, case.outputs, case.weights))


@quick
@given(case=cases(DYADIC))
def test_accuracy_is_exact(case: Case) -> None:
    right = sum(label_of(row) == label for row, label in zip(case.outputs, case.labels, strict=True))
    assert Accuracy()(case.labels, case.outputs) == right / len(case.labels)
    assert Accuracy()(case.labels, case.outputs, case.weights) == accuracy(case.labels, case.outputs, case.weights)


@pytest.mark.parametrize("scoring", BUILT_IN, ids=repr)
@quick
@given(case=cases(COUNTS))
def test_a_weight_counts_like_repeated_samples_and_zero_like_none(scoring: BuiltinScoring, case: Case) -> None:
    y, counts = np.array(case.y_for(scoring)), np.array(case.weights, dtype=np.int64)
    weighted = scoring(y, case.outputs, sample_weight=case.weights)
    repeated = scoring(np.repeat(y, counts, axis=0), np.repeat(np.array(case.outputs), counts, axis=0))
    if scoring in COUNTED:
        assert weighted == repeated
    else:
        assert close(weighted, repeated)


@pytest.mark.parametrize("scoring", BUILT_IN, ids=repr)
@pytest.mark.parametrize("n_outputs", [1, 3])
def test_a_weightless_sample_does_not_count_even_where_its_output_is_no_number(
    scoring: BuiltinScoring, n_outputs: int
) -> None:
    rng = np.random.default_rng(5)
    outputs = rng.random((4, n_outputs))
    y = rng.random((4, n_outputs)) if scoring in (MeanSquaredError(), MeanAbsoluteError()) else np.array([0, 1, 1, 0])
    without = scoring(y[:3], outputs[:3])
    for extreme in (np.inf, -np.inf, np.nan):
        outputs[3, 0] = extreme
        assert close(scoring(y, outputs, sample_weight=[1.0, 1.0, 1.0, 0.0]), without)


@pytest.mark.parametrize("scoring", BUILT_IN, ids=repr)
@pytest.mark.parametrize("weight", [1e308, 1e-300, 5e-324])
def test_equal_weights_of_any_magnitude_change_nothing_or_are_refused(scoring: BuiltinScoring, weight: float) -> None:
    y, outputs = [0.0, 1.0, 1.0], [[0.25], [0.75], [0.125]]
    try:
        score = scoring(y, outputs, sample_weight=[weight] * 3)
    except MinigridError:
        return
    assert close(score, scoring(y, outputs))


@pytest.mark.parametrize("scoring", COUNTED, ids=repr)
@quick
@given(weights=st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=60), n_classes=st.integers(1, 4))
def test_perfect_weighted_accuracy_is_exactly_one(
    scoring: BuiltinScoring, weights: list[float], n_classes: int
) -> None:
    labels = np.arange(len(weights)) % max(2, n_classes)
    outputs = labels[:, np.newaxis].astype(float) if n_classes == 1 else np.eye(max(2, n_classes))[labels]
    assert scoring(labels, outputs, sample_weight=weights) == 1.0


def test_balanced_accuracy_leaves_out_a_class_without_samples() -> None:
    scores = [[0.1, 0.8, 0.1], [0.7, 0.2, 0.1], [0.1, 0.2, 0.7], [0.9, 0.1, 0.0]]
    assert BalancedAccuracy()([0, 0, 0], [[0.2], [0.1], [0.9]]) == 2 / 3
    assert BalancedAccuracy()([1, 0, 1, 0], scores) == (1 / 2 + 2 / 2) / 2  # label 2 is missing
    assert BalancedAccuracy()([1, 0, 2, 0], scores, [1.0, 1.0, 0.0, 1.0]) == 1.0  # label 2 weighs nothing
    assert BalancedAccuracy()([1, 0, 0, 0], scores) == (1 / 1 + 2 / 3) / 2  # unlike accuracy's 3 / 4


@pytest.mark.parametrize("scoring", COUNTED, ids=repr)
def test_an_output_of_exactly_one_half_is_label_zero(scoring: BuiltinScoring) -> None:
    half = [[0.5], [0.5]]
    assert scoring([0, 0], half) == 1.0
    assert scoring([1, 1], half) == 0.0
    assert scoring([1, 1], [[np.nextafter(0.5, 1.0)], [1.0]]) == 1.0
    assert scoring([0, 0], [[np.nextafter(0.5, 0.0)], [-0.0]]) == 1.0


def test_the_first_of_equal_largest_outputs_is_the_label() -> None:
    outputs = np.array([[0.3, 0.3, 0.3], [0.1, 0.4, 0.4], [0.0, -0.0, -1.0]])
    assert predicted_labels(outputs).tolist() == [0, 1, 0]
    assert Accuracy()([0, 1, 0], outputs) == 1.0
    assert Accuracy()([2, 2, 1], outputs) == 0.0


@pytest.mark.parametrize("scoring", BUILT_IN, ids=repr)
@pytest.mark.parametrize("n_outputs", [1, 2, 3])
@pytest.mark.parametrize("weights", [None, [1.0, 2.0, 0.5]], ids=["unweighted", "weighted"])
def test_nan_outputs_give_nan(scoring: BuiltinScoring, n_outputs: int, weights: list[float] | None) -> None:
    y: Any = np.zeros((3, n_outputs)) if scoring in (MeanSquaredError(), MeanAbsoluteError()) else [0, 1, 1]
    for sample in range(3):
        for k in range(n_outputs):
            outputs = np.full((3, n_outputs), 0.25)
            assert not np.isnan(scoring(y, outputs, sample_weight=weights))
            outputs[sample, k] = np.nan
            assert np.isnan(scoring(y, outputs, sample_weight=weights))


def test_infinite_outputs_are_very_sure_or_very_wrong() -> None:
    outputs = [[np.inf], [-np.inf]]
    assert Accuracy()([1, 0], outputs) == 1.0
    assert BalancedAccuracy()([0, 1], outputs) == 0.0
    assert MeanSquaredError()([1.0, 0.0], outputs) == np.inf
    assert MeanAbsoluteError()([1.0, 0.0], outputs) == np.inf
    assert Hinge()([1, 0], outputs) == 0.0
    assert Hinge()([0, 0], outputs) == np.inf
    assert Hinge()([0, 1], [[np.inf, 0.0], [-np.inf, 0.0]]) == 0.0
    assert Hinge()([1, 1], [[np.inf, 0.0], [-np.inf, 0.0]]) == np.inf
    assert close(LogLoss()([1, 0], outputs), 0.0)
    assert close(LogLoss()([0, 1], outputs), 52 * math.log(2.0))


def test_squares_beyond_the_largest_float_are_infinite_without_a_warning() -> None:
    assert MeanSquaredError()([0.0, 0.0], [[1e200], [-1e200]]) == np.inf
    assert MeanAbsoluteError()([1e308, 0.0], [[-1e308], [0.0]]) == np.inf
    assert MeanSquaredError()([0.0], [[1e-200]]) == 0.0


def test_log_loss_cuts_chances_off_at_epsilon() -> None:
    assert close(LogLoss(epsilon=0.1)([1, 0], [[0.0], [1.0]]), -math.log(0.1))
    assert close(LogLoss(epsilon=0.1)([1, 0], [[1.0], [0.0]]), -math.log(0.9))
    assert LogLoss(epsilon=0.1)([1], [[7.0]]) == LogLoss(epsilon=0.1)([1], [[0.9]])
    assert LogLoss(epsilon=0.1)([1], [[-7.0]]) == LogLoss(epsilon=0.1)([1], [[0.1]])
    assert close(LogLoss()([1], [[0.0]]), 52 * math.log(2.0))


@pytest.mark.parametrize("epsilon", [0.4, 1e-3, 1e-15, 1e-16, 1e-20, 1e-300, 5e-324])
def test_log_loss_costs_at_most_minus_log_epsilon_for_either_label(epsilon: float) -> None:
    scoring = LogLoss(epsilon=epsilon)
    assert math.isclose(scoring([1], [[0.0]]), -math.log(epsilon), rel_tol=1e-2)
    assert math.isclose(scoring([0], [[1.0]]), -math.log(epsilon), rel_tol=1e-2)


def test_log_loss_of_several_outputs_divides_by_their_sum() -> None:
    assert close(LogLoss()([0, 1], [[0.2, 0.6], [0.2, 0.6]]), -(math.log(0.25) + math.log(0.75)) / 2)
    assert close(LogLoss()([2], [[0.5, 0.5, 0.5]]), math.log(3.0))
    assert close(LogLoss(epsilon=0.1)([0], [[-1.0, 5.0]]), -math.log(0.1))


@pytest.mark.parametrize("epsilon", [0.0, 0.5, -1e-9, np.nan, np.inf])
def test_log_loss_refuses_an_epsilon_that_is_none(epsilon: float) -> None:
    with pytest.raises(InvalidValueError, match="epsilon: expected"):
        LogLoss(epsilon=epsilon)


def test_hinge_is_the_missing_margin() -> None:
    assert Hinge()([1, 1, 0, 0], [[2.0], [0.25], [-1.0], [0.5]]) == (0.0 + 0.75 + 0.0 + 1.5) / 4
    assert Hinge()([0, 1, 2], [[3.0, 1.0, 0.0], [0.5, 0.75, -1.0], [1.0, 0.0, 0.0]]) == (0.0 + 0.75 + 2.0) / 3


@pytest.mark.parametrize("scoring", LOSSES, ids=repr)
@quick
@given(case=cases(DYADIC))
def test_a_loss_is_never_below_its_best(scoring: BuiltinScoring, case: Case) -> None:
    assert scoring(case.y_for(scoring), case.outputs) >= scoring.best_possible == 0.0


@pytest.mark.parametrize(
    ("scoring", "greater_is_better", "best_possible"),
    [
        (Accuracy(), True, 1.0),
        (BalancedAccuracy(), True, 1.0),
        (MeanSquaredError(), False, 0.0),
        (MeanAbsoluteError(), False, 0.0),
        (LogLoss(), False, 0.0),
        (Hinge(), False, 0.0),
        (FunctionScoring(operator.eq), True, np.inf),
        (FunctionScoring(operator.eq, greater_is_better=False), False, -np.inf),
    ],
    ids=repr,
)
def test_which_way_is_better_and_the_best_possible(
    scoring: Scoring, greater_is_better: bool, best_possible: float
) -> None:
    assert scoring.greater_is_better is greater_is_better
    assert scoring.best_possible == best_possible


@pytest.mark.parametrize("scoring", BUILT_IN, ids=repr)
def test_built_in_scorings_are_values(scoring: BuiltinScoring) -> None:
    twin = pickle.loads(pickle.dumps(scoring))
    assert twin == scoring
    assert hash(twin) == hash(scoring)
    assert eval(repr(scoring)) == scoring
    assert len({scoring, twin}) == 1
    assert scoring.takes_weights


def test_different_scorings_are_different() -> None:
    assert len({*BUILT_IN}) == len(BUILT_IN)
    assert LogLoss() != LogLoss(epsilon=0.1)


# Batches ----------------------------------------------------------------------------------------


def median_error(y_true: FloatArray, outputs: FloatArray) -> float:
    return float(np.median(np.abs(outputs[:, 0] - y_true.ravel()[: len(outputs)])))


@st.composite
def batches(draw: st.DrawFn) -> tuple[FloatArray, int]:
    """Draw the outputs of several networks, tame or wild, and a seed for the rest."""
    seed = draw(st.integers(0, 2**32 - 1))
    shape = (draw(st.integers(1, 9)), draw(st.integers(1, 70)), draw(st.integers(1, 3)))
    rng = np.random.default_rng(seed)
    outputs: FloatArray = rng.normal(0.5, 1.0, shape)
    if draw(st.booleans()):
        wild = rng.choice([0.5, 0.0, -0.0, 1e300, -1e300, 5e-324, np.inf, -np.inf, np.nan], shape)
        outputs = np.where(rng.random(shape) < 0.02, wild, outputs)
    return outputs, seed


@pytest.mark.parametrize("scoring", [*BUILT_IN, FunctionScoring(median_error)], ids=repr)
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(batch=batches(), weighted=st.booleans(), size=st.integers(1, 9))
def test_a_batch_of_any_size_scores_what_single_calls_do_to_the_bit(
    scoring: Scoring, batch: tuple[FloatArray, int], weighted: bool, size: int
) -> None:
    outputs, seed = batch
    n_candidates, n_samples, n_outputs = outputs.shape
    rng = np.random.default_rng(seed)
    numbers = isinstance(scoring, MeanSquaredError | MeanAbsoluteError)
    y: Any = rng.normal(size=(n_samples, n_outputs)) if numbers else rng.integers(0, max(2, n_outputs), n_samples)
    targets = scoring.check_targets(y, n_outputs)
    weights: FloatArray | None = rng.random((n_samples,)) if weighted and scoring.takes_weights else None

    def single(k: int) -> float:
        if weights is None:
            return scoring(targets, outputs[k].copy())
        return scoring(targets, outputs[k].copy(), sample_weight=weights)

    one_by_one = bits(np.array([single(k) for k in range(n_candidates)]))
    parts = [scoring.batch(targets, outputs[k : k + size], weights) for k in range(0, n_candidates, size)]
    assert bits(np.concatenate(parts)) == one_by_one
    assert bits(scoring.batch(targets, np.asfortranarray(outputs), weights)) == one_by_one
    assert bits(scoring.batch(targets, np.repeat(outputs, 2, axis=0)[::2], weights)) == one_by_one


@pytest.mark.parametrize("scoring", BUILT_IN, ids=repr)
def test_scoring_changes_nothing_it_is_given(scoring: BuiltinScoring) -> None:
    rng = np.random.default_rng(7)
    outputs, weights = rng.random((6, 2)), rng.random(6)
    y = rng.random((6, 2)) if scoring in (MeanSquaredError(), MeanAbsoluteError()) else rng.integers(0, 2, 6)
    before = (y.tobytes(), outputs.tobytes(), weights.tobytes())
    scoring(y, outputs, sample_weight=weights)
    scoring.batch(scoring.check_targets(y, 2), outputs[np.newaxis], weights)
    assert (y.tobytes(), outputs.tobytes(), weights.tobytes()) == before
    assert outputs.flags.writeable


@pytest.mark.parametrize("scoring", BUILT_IN, ids=repr)
def test_lists_integers_and_columns_are_taken_like_arrays(scoring: BuiltinScoring) -> None:
    arrays = scoring(np.array([0.0, 1.0, 1.0]), np.array([[0.0], [1.0], [2.0]]))
    assert scoring([0, 1, 1], [[0], [1], [2]]) == arrays
    assert scoring([[False], [True], [True]], np.array([[0], [1], [2]], dtype=np.int8)) == arrays


@pytest.mark.parametrize("scoring", BUILT_IN, ids=repr)
def test_arguments_that_do_not_fit_are_named(scoring: BuiltinScoring) -> None:
    outputs = [[0.1], [0.9]]
    with pytest.raises(ShapeError, match="y: expected 2 targets, one for each row of outputs, got 3"):
        scoring([0, 1, 1], outputs)
    with pytest.raises(ShapeError, match="outputs: expected"):
        scoring([0, 1], [0.1, 0.9])
    with pytest.raises(InvalidTypeError, match="outputs: expected"):
        scoring([0, 1], [["a"], ["b"]])
    with pytest.raises(InvalidTypeError, match="y: expected"):
        scoring(["a", "b"], outputs)
    with pytest.raises(InvalidValueError, match="y: expected"):
        scoring([0.0, np.nan], outputs)
    with pytest.raises(ShapeError, match="y: expected"):
        scoring([], outputs)
    with pytest.raises(ShapeError, match="sample_weight: expected"):
        scoring([0, 1], outputs, sample_weight=[1.0])
    for weights in ([1.0, -1.0], [0.0, 0.0], [1.0, np.inf]):
        with pytest.raises(InvalidValueError, match="sample_weight: expected"):
            scoring([0, 1], outputs, sample_weight=weights)


@pytest.mark.parametrize("scoring", [scoring for scoring, _ in LABEL_FORMULAS], ids=repr)
def test_labels_that_are_none_are_refused(scoring: BuiltinScoring) -> None:
    with pytest.raises(InvalidValueError, match=r"y: expected the labels 0 and 1, got 0, 2\."):
        scoring([0, 2], [[0.1], [0.9]])
    with pytest.raises(InvalidValueError, match="0 to 2, one for each output neuron"):
        scoring([0, 3], [[0.1, 0.2, 0.3], [0.1, 0.2, 0.3]])
    with pytest.raises(InvalidValueError, match="y: expected the labels"):
        scoring([0, 0.5], [[0.1], [0.9]])


@pytest.mark.parametrize(("scoring", "_formula"), NUMBER_FORMULAS, ids=repr)
def test_several_outputs_need_a_target_each(scoring: BuiltinScoring, _formula: object) -> None:
    with pytest.raises(ShapeError, match=r"\(n_samples, 2\)"):
        scoring([0.0, 1.0], [[0.1, 0.2], [0.9, 0.8]])
    with pytest.raises(ShapeError, match=r"\(n_samples,\) or \(n_samples, 1\)"):
        scoring([[0.0, 1.0], [1.0, 0.0]], [[0.1], [0.9]])


# Functions and classes of a user's own ----------------------------------------------------------


def worst_error(y_true: FloatArray, outputs: FloatArray) -> float:
    return float(np.max(np.abs(outputs[:, 0] - y_true)))


def weighted_bias(y_true: FloatArray, outputs: FloatArray, sample_weight: FloatArray | None = None) -> float:
    errors = outputs[:, 0] - y_true
    return float(errors.sum() if sample_weight is None else (errors * sample_weight).sum())


def anything(*arrays: FloatArray, **options: FloatArray) -> float:
    return float(len(arrays) + 10 * len(options))


@final
@dataclass(frozen=True)
class Misses(Scoring):
    """A user's own loss: how many samples beyond a margin are on the wrong side."""

    greater_is_better = False
    margin: float = 0.5

    @override
    def __call__(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> float:
        wrong = (outputs[:, 0] > self.margin) != (y_true == 1.0)
        return float(np.count_nonzero(wrong) if sample_weight is None else sample_weight[wrong].sum())


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
        (raised, r"^bound of scoring .*: expected 0\.\d+ or better, which outputs in the box score, got 0\.\d+"),
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
    twin = pickle.loads(pickle.dumps(scoring))
    assert twin == scoring
    assert twin.greater_is_better is greater_is_better
    assert twin(np.zeros(2), np.ones((2, 1))) == 2.0


def test_a_function_scoring_is_immutable() -> None:
    scoring = FunctionScoring(worst_error, greater_is_better=False)
    with pytest.raises(AttributeError, match="immutable"):
        scoring.greater_is_better = True
    with pytest.raises(AttributeError):
        setattr(scoring, "other", 1)  # noqa: B010  # that it has no such attribute is the point
    with pytest.raises(AttributeError):
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
    ids=repr,
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


@pytest.mark.parametrize("number", [1.5, 1, True, np.float32(1.5), np.int8(3), np.bool_(True), np.array(2.5)], ids=repr)
def test_any_kind_of_number_is_a_score(number: Any) -> None:
    score = call_scoring(FunctionScoring(lambda y, o: number), np.zeros(2), np.zeros((2, 1)), None)
    assert type(score) is float
    assert score == float(number)


@pytest.mark.parametrize("wrong", [None, "1", 1j, np.zeros(2), [1.0], np.array("a")], ids=repr)
def test_what_is_no_number_is_no_score(wrong: Any) -> None:
    scoring = FunctionScoring(lambda y, o: wrong)
    with pytest.raises(ScoringError, match=r"scoring FunctionScoring\(<lambda>\): expected one number"):
        call_scoring(scoring, np.zeros(2), np.zeros((2, 1)), None)


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
    """A score that takes what this network puts out, and not whatever one could make up."""
    if not set(outputs.ravel().tolist()) <= {0.0, 1.0}:
        raise ValueError("classification metrics cannot handle continuous targets")
    return float((outputs[:, 0] == y_true).mean())


PAIRS: dict[str, Any] = {
    "hits": lambda y_true, outputs: np.mean((outputs[:, 0] > 0.5) == y_true),
    "hits at 0": lambda y_true, outputs: np.mean((outputs[:, 0] > 0.0) == y_true),
    "logarithms": lambda y_true, outputs: np.mean(y_true * np.log(outputs[:, 0])),
    "constant": lambda _y_true, _outputs: 0.5,
    "of few numbers": lambda y_true, outputs: few_numbers(y_true, outputs),
    "far out": lambda y_true, outputs: np.mean((outputs[:, 0] > 50.0) == y_true),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_search_warns_of_a_score_that_shuffled_outputs_do_not_change(name: str) -> None:
    trainer = GridSearchTrainer(Grid([0.5, 1.0]), scoring=TABLES[name])
    with pytest.warns(UserWarning, match=r"shuffled outputs do not change. With one neuron compare") as caught:
        trainer.fit(Network.dense([1, 1]), [[0.2], [0.9], [0.4]], [0, 1, 1])
    assert [warning.filename for warning in caught] == [__file__]
    with pytest.warns(UserWarning, match="shuffled") as caught:
        trainer.plan(Network.dense([1, 1]), [[0.2], [0.9], [0.4]], [0, 1, 1])
    assert [warning.filename for warning in caught] == [__file__]


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


# What a class of a user's own may get wrong -----------------------------------------------------

STEPS = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]


class Batched(Scoring):
    """A user's score whose batch is what a test puts there."""

    def __init__(self, batch: Callable[[FloatArray], Any]) -> None:
        self._batch = batch

    @override
    def __call__(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> float:
        return float(outputs[0, 0])

    @override
    def batch(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> FloatArray:
        return self._batch(outputs)  # type: ignore[no-any-return]  # whatever it is


def fit_steps(scoring: Scoring, engine: Any = "auto") -> float:
    trainer = GridSearchTrainer(Grid([-1.0, 0.25, 1.0]), scoring=scoring, engine=engine)
    return trainer.fit(Network.dense([2, 1], activation=Identity()), STEPS, [0, 1, 1]).score


WRONG_BATCHES: dict[str, tuple[Callable[[FloatArray], Any], str]] = {
    "another score": (lambda outputs: outputs[:, 1, 0], "to the bit what calling it gives"),
    "another last bit": (lambda outputs: np.nextafter(outputs[:, 0, 0], np.inf), "to the bit what calling it gives"),
    "a column": (lambda outputs: outputs[:, 0], r"float64 array of shape \(4,\).* got an array of shape \(4, 1\)"),
    "float32": (lambda outputs: outputs[:, 0, 0].astype(np.float32), "got an array .* dtype float32"),
    "one number": (lambda outputs: float(outputs.max()), "expected a float64 array"),
    "a list": (lambda outputs: outputs[:, 0, 0].tolist(), "got a list of length 4"),
    "nothing": (lambda outputs: None, "got None"),
    "an error": (lambda outputs: outputs[:, 5, 0], "IndexError"),
    "its own argument": (lambda outputs: outputs.sort(axis=0), "read-only"),
}


@pytest.mark.parametrize("engine", ["reference", "batched", "auto"])
@pytest.mark.parametrize("name", WRONG_BATCHES)
def test_a_batch_that_is_not_what_calls_give_is_named(name: str, engine: str) -> None:
    batch, pattern = WRONG_BATCHES[name]
    with pytest.raises(ScoringError, match=f"(?s)^batch of scoring .*{pattern}"):
        fit_steps(Batched(batch), engine)


def test_a_batch_that_goes_wrong_later_is_named() -> None:
    calls: list[int] = []

    def batch(outputs: FloatArray) -> Any:
        calls.append(len(outputs))
        return outputs[:, 0, 0] if len(calls) == 1 else outputs[:1, 0, 0]

    # The first candidate is scored alone, to see how long one takes.
    with pytest.raises(ScoringError, match=r"^batch of scoring .*expected a float64 array of shape \(8,\)"):
        fit_steps(Batched(batch), "batched")


def test_a_batch_may_give_nan_where_calls_do() -> None:
    class Half(Batched):
        @override
        def __call__(
            self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None
        ) -> float:
            return float(outputs[0, 0]) if outputs[0, 0] > 0.5 else np.nan

    assert fit_steps(Half(lambda outputs: np.where(outputs[:, 0, 0] > 0.5, outputs[:, 0, 0], np.nan))) == 1.0


@pytest.mark.parametrize(
    ("targets", "got"),
    [
        (lambda y: list(y), "a list of length 3"),
        (lambda y: np.array(y), "dtype int64"),
        (lambda y: None, "got None"),
        (lambda y: np.zeros((3, 1, 1)), r"shape \(3, 1, 1\)"),
        (lambda y: y["label"], "got TypeError"),
    ],
)
def test_targets_that_are_no_float64_array_are_named(targets: Callable[[Any], Any], got: str) -> None:
    class Own(Misses):  # type: ignore[misc]  # it is final
        @override
        def check_targets(self, y: Any, n_outputs: int, /) -> FloatArray:
            return targets(y)  # type: ignore[no-any-return]  # whatever it is

    with pytest.raises(ScoringError, match=f"^check_targets of scoring .*: expected a float64 array .*{got}"):
        fit_steps(Own())


def test_targets_of_a_users_own_are_copied() -> None:
    y = np.array([0.0, 1.0, 1.0])

    class Kept(Scoring):
        @override
        def check_targets(self, y: Any, n_outputs: int, /) -> FloatArray:
            return np.asarray(y)

        @override
        def __call__(
            self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None
        ) -> float:
            y_true[0] = 5.0
            return 1.0

    trainer = GridSearchTrainer(Grid([0.0, 1.0]), scoring=Kept())
    with pytest.raises(ScoringError, match="read-only"):
        trainer.fit(Network.dense([2, 1]), STEPS, y)
    assert y.tolist() == [0.0, 1.0, 1.0]
    assert y.flags.writeable


def test_a_subclass_of_a_final_scoring_is_refused() -> None:
    class Pen(Accuracy):  # type: ignore[misc]  # it is final
        @override
        def __call__(self, y_true: Any, outputs: Any, /, sample_weight: Any = None) -> float:
            return 1.0 - super().__call__(y_true, outputs, sample_weight)

    for engine in ("reference", "batched", "auto", "exact"):
        with pytest.raises(ScoringError, match=r"expected a built-in scoring as it is, got a subclass.* Accuracy in"):
            fit_steps(Pen(), engine)


@pytest.mark.parametrize("wrong", ["maximize", None, 1])
def test_which_way_is_better_is_true_or_false(wrong: Any) -> None:
    class Own(Scoring):
        greater_is_better = wrong

        @override
        def __call__(
            self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None
        ) -> float:
            return 1.0

    with pytest.raises(InvalidTypeError, match=r"^greater_is_better of scoring .*Own.*: expected True or False"):
        fit_steps(Own())
    with pytest.raises(InvalidTypeError, match=r"^greater_is_better: expected True or False"):
        FunctionScoring(worst_error, greater_is_better=wrong)


# The sum under all of them ----------------------------------------------------------------------

LENGTHS = [*range(1, 71), 1000, 100_001]


@pytest.mark.parametrize("length", LENGTHS)
def test_the_tree_sum_is_close_to_the_exact_sum(length: int) -> None:
    rng = np.random.default_rng(length)
    terms = rng.normal(size=length) * 10.0 ** rng.integers(-8, 8, length)
    before = terms.copy()
    error = abs(float(tree_sum(terms)) - math.fsum(terms))
    assert error <= 2.0**-52 * (1.0 + math.log2(length)) * math.fsum(np.abs(terms))
    assert np.array_equal(terms, before)


@pytest.mark.parametrize("length", LENGTHS)
def test_the_tree_sum_of_a_row_has_the_same_bits_in_any_batch(length: int) -> None:
    rng = np.random.default_rng(length)
    terms = rng.normal(size=(6, length)) * 10.0 ** rng.integers(-8, 8, (6, length))
    alone = bits(np.array([tree_sum(row.copy()) for row in terms]))
    assert bits(tree_sum(terms)) == alone
    assert bits(tree_sum(terms[2:5])) == alone[2:5]
    assert bits(tree_sum(terms.reshape(2, 3, length)).ravel()) == alone
    assert bits(tree_sum(np.asfortranarray(terms))) == alone
    assert bits(tree_sum(np.repeat(terms, 2, axis=1)[:, ::2])) == alone


def test_the_tree_sum_of_whole_numbers_is_exact() -> None:
    for length in LENGTHS:
        assert tree_sum(np.arange(1.0, length + 1.0)) == length * (length + 1) // 2


@quick
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.data())
@example([1e16, 1.0, -1e16], None)
def test_the_weighted_mean_is_the_plain_one(terms: list[float], data: st.DataObject | None) -> None:
    array = np.array(terms)
    scale = 1e-13 * max(1.0, max(map(abs, terms)))
    assert math.isclose(weighted_mean(array, None), math.fsum(terms) / len(terms), rel_tol=1e-12, abs_tol=scale)
    if data is not None:
        weights = data.draw(st.lists(st.floats(0.01, 10.0), min_size=len(terms), max_size=len(terms)))
        mean = weighted_average(terms, weights)
        assert math.isclose(weighted_mean(array, np.array(weights)), mean, rel_tol=1e-12, abs_tol=10 * scale)
