"""Two bounds of the scores of a box: no outputs in between are beyond them, bit for bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrid import LogLoss
from minigrid.names import SCORINGS
from minigrid.scoring import BuiltinScoring, LabelScoring
from minigrid.scoring.losses import _RegressionLoss
from tests.profile import examples
from tests.scoring.formulas import BUILT_IN, OF_NUMBERS

ALL = [*(SCORINGS.make(name) for name in SCORINGS.built_in), LogLoss(epsilon=0.1)]


@examples(400)
@given(st.integers(0, 2**32 - 1), st.sampled_from(ALL), st.integers(1, 3), st.booleans())
def test_no_outputs_in_a_box_are_beyond_its_bounds(
    seed: int, scoring: BuiltinScoring, n_outputs: int, weighted: bool
) -> None:
    generator = np.random.default_rng(seed)
    n_samples = int(generator.integers(1, 9))
    # Few different numbers, so that outputs are equal and at one half again and again; or any.
    few = np.array([-1.0, 0.0, 0.25, 0.5, 0.75, 1.0])
    shape = (2, 1, n_samples, n_outputs)
    ends = generator.choice(few, shape) if seed % 2 else generator.normal(size=shape)
    lower, upper = ends.min(axis=0), ends.max(axis=0)
    between = lower + generator.choice([0.0, 0.0, 1.0, 1.0, 0.3], (200, n_samples, n_outputs)) * (upper - lower)
    between = np.clip(between, lower, upper)
    y = generator.integers(0, max(n_outputs, 2), n_samples).astype(np.float64)
    if scoring in OF_NUMBERS:
        y = generator.choice(few, (n_samples, n_outputs))
    weights = generator.choice([0.0, 0.1, 2.0], n_samples) + (np.arange(n_samples) == 0) if weighted else None
    scores = scoring.batch(y, between, weights)
    pessimistic, best = (bound(y, lower, upper, weights)[0] for bound in (scoring.pessimistic_bound, scoring.bound))
    sign = 1.0 if scoring.greater_is_better else -1.0
    assert (sign * pessimistic <= sign * scores).all()
    assert (sign * scores <= sign * best).all()
    point = scoring.pessimistic_bound(y, between[:1], between[:1], weights)[0]
    # Of equal outputs the first has the label, which bounds do not tell.
    assert point == pytest.approx(scores[0], abs=1e-9) or isinstance(scoring, LabelScoring)


@pytest.mark.parametrize("scoring", [one for one in BUILT_IN if isinstance(one, _RegressionLoss)], ids=repr)
@examples(100)
@given(st.lists(st.floats(allow_nan=False), min_size=2, max_size=60))
def test_the_cost_of_an_error_has_no_sign_and_never_falls(scoring: _RegressionLoss, errors: list[float]) -> None:
    sizes = np.abs(errors)
    with np.errstate(all="ignore"):
        near = np.sort(np.concatenate([sizes, np.nextafter(sizes, np.inf)]))
        costs = scoring.cost(near)
        assert (costs == scoring.cost(-near)).all()
    assert (costs[:-1] <= costs[1:]).all()
