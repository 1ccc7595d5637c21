"""Every built-in scoring against its formula in plain Python, and the promises about batches and bits."""

import math
import operator
import pickle
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrid
from minigrid import (
    Accuracy,
    BalancedAccuracy,
    FunctionScoring,
    Hinge,
    InvalidTypeError,
    InvalidValueError,
    LogLoss,
    MeanAbsoluteError,
    MeanSquaredError,
    MinigridError,
    Scoring,
    ShapeError,
)
from minigrid._base.numerics import predicted_labels
from minigrid._base.typing import FloatArray
from minigrid.names import SCORINGS
from minigrid.scoring import BuiltinScoring
from tests.profile import examples
from tests.scoring.cases import COUNTS, DYADIC, Case, bits, cases, close, median_error, quick
from tests.scoring.formulas import (
    BUILT_IN,
    COUNTED,
    LABEL_FORMULAS,
    LOSSES,
    NUMBER_FORMULAS,
    OF_NUMBERS,
    Formula,
    Table,
    accuracy,
    label_of,
)

# The built-in ones ------------------------------------------------------------------------------


def test_every_built_in_scoring_has_a_name_and_a_formula() -> None:
    kinds = {type(SCORINGS.make(name)) for name in SCORINGS.built_in}
    assert kinds == {type(scoring) for scoring in BUILT_IN}
    exported = [getattr(minigrid, name) for name in minigrid.__all__]
    scorings = {thing for thing in exported if isinstance(thing, type) and issubclass(thing, Scoring)}
    assert scorings - {Scoring, FunctionScoring} == kinds


@pytest.mark.parametrize(("scoring", "formula"), LABEL_FORMULAS, ids=[repr(scoring) for scoring, _ in LABEL_FORMULAS])
@quick
@given(case=cases(DYADIC))
def test_label_scorings_are_their_formulas(scoring: BuiltinScoring, formula: Formula, case: Case) -> None:
    plain = scoring(case.labels, case.outputs)
    weighted = scoring(case.labels, case.outputs, sample_weight=case.weights)
    assert close(plain, formula(case.labels, case.outputs, [1.0] * len(case.labels)))
    assert close(weighted, formula(case.labels, case.outputs, case.weights))


@pytest.mark.parametrize(("scoring", "formula"), NUMBER_FORMULAS, ids=map(repr, OF_NUMBERS))
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
    y = rng.random((4, n_outputs)) if scoring in OF_NUMBERS else np.array([0, 1, 1, 0])
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
    y: Any = np.zeros((3, n_outputs)) if scoring in OF_NUMBERS else [0, 1, 1]
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
    copied = pickle.loads(pickle.dumps(scoring))
    assert copied == scoring
    assert hash(copied) == hash(scoring)
    assert eval(repr(scoring), {name: getattr(minigrid, name) for name in minigrid.__all__}) == scoring
    assert len({scoring, copied}) == 1
    assert scoring.takes_weights


def test_different_scorings_are_different() -> None:
    assert len({*BUILT_IN}) == len(BUILT_IN)
    assert LogLoss() != LogLoss(epsilon=0.1)


# Batches ----------------------------------------------------------------------------------------


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
@examples(50)
@given(batch=batches(), weighted=st.booleans(), size=st.integers(1, 9))
def test_a_batch_of_any_size_scores_what_single_calls_do_to_the_bit(
    scoring: Scoring, batch: tuple[FloatArray, int], weighted: bool, size: int
) -> None:
    outputs, seed = batch
    n_candidates, n_samples, n_outputs = outputs.shape
    rng = np.random.default_rng(seed)
    numbers = scoring in OF_NUMBERS
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
    y = rng.random((6, 2)) if scoring in OF_NUMBERS else rng.integers(0, 2, 6)
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


@pytest.mark.parametrize("scoring", OF_NUMBERS, ids=repr)
def test_several_outputs_need_a_target_each(scoring: BuiltinScoring) -> None:
    with pytest.raises(ShapeError, match=r"\(n_samples, 2\)"):
        scoring([0.0, 1.0], [[0.1, 0.2], [0.9, 0.8]])
    with pytest.raises(ShapeError, match=r"\(n_samples,\) or \(n_samples, 1\)"):
        scoring([[0.0, 1.0], [1.0, 0.0]], [[0.1], [0.9]])
