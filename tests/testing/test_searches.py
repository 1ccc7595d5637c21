"""What a search itself refuses, and where the checks can be called from."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import minigrid
from minigrid import (
    Activation,
    ActivationError,
    FloatArray,
    ScoringError,
)
from tests.testing.users import Hill, Lying, Unprintable, UnprintableScoring, Unsure, of, rising

# What a search itself refuses -------------------------------------------------------------------


def searching(
    activation: Activation, scoring: Any = "accuracy", other: Activation | None = None
) -> minigrid.SearchResult:
    layers = [minigrid.Layer([minigrid.Neuron([1.0], activation=kind) for kind in (activation, other or activation)])]
    network = minigrid.Network([*layers, minigrid.Layer([minigrid.Neuron([1.0, 1.0])])])
    X, y = [[0.0], [1.0], [2.0]], [0, 1, 1]
    return minigrid.GridSearchTrainer(minigrid.Grid([-1.0, 0.5, 1.0]), scoring=scoring).fit(network, X, y)


def noisy(y_true: FloatArray, outputs: FloatArray) -> float:
    return float(np.random.default_rng().normal())


@pytest.mark.parametrize("engine", ["reference", "batched", "auto"])
def test_a_search_refuses_a_random_scoring(engine: Any) -> None:
    trainer = minigrid.GridSearchTrainer(minigrid.Grid([-1.0, 1.0]), scoring=noisy, engine=engine)
    with pytest.raises(ScoringError, match=r"^scoring FunctionScoring\(noisy\): expected the same score for the same"):
        trainer.fit(minigrid.Network.dense([1, 1]), [[0.0], [1.0]], [0, 1])


def test_a_scoring_that_is_always_nan_for_some_is_not_random() -> None:
    result = searching(minigrid.Tanh(), lambda y_true, outputs: float(np.log(outputs[0, 0] - 0.5)))
    assert result.n_scored == result.n_candidates
    assert not np.isnan(result.score)


@pytest.mark.parametrize(
    ("wrong", "other", "pattern"),
    [
        (Lying(1.0), Lying(2.0), r"activation Lying\(slope=2\.0\): .*equal to Lying\(slope=1\.0\), with outputs"),
        (of(np.cos, **rising), None, r"never fall .*got 1\.0 for z = .*, and less, -0\.99\d+, for z = "),
        (of(np.abs, bounds=lambda lower, upper: (0.0 * lower, 0.0 * upper)), None, r"^bounds of .* a range that holds"),
        (Unprintable(), None, r"class Unprintable: .*repr can be asked for, got KeyError: 'slope'"),
        (Unsure(), None, r"class Unsure: .*monotonic can be asked for, got RuntimeError: not yet known"),
    ],
    ids=["equality", "falls", "bounds", "repr", "monotonic"],
)
def test_a_search_refuses_what_lies_about_itself(wrong: Activation, other: Activation | None, pattern: str) -> None:
    with pytest.raises(ActivationError, match=pattern):
        searching(wrong, other=other)


def test_equal_activations_of_the_same_outputs_are_right() -> None:
    for one, other in ((Hill(2.0), Hill(2.0)), (minigrid.LeakyReLU(0.1), minigrid.LeakyReLU(0.2))):
        result = searching(one, other=other)
        assert result.optimal
        assert [neuron.activation for neuron in result.network.layers[0]] == [one, other]


def test_a_scoring_that_cannot_be_asked_is_refused() -> None:
    with pytest.raises(
        ScoringError, match=r"class UnprintableScoring: .*repr can be asked for, got RuntimeError: none"
    ):
        searching(minigrid.Tanh(), UnprintableScoring())


# Where they can be called from ------------------------------------------------------------------

SCRIPT = """
import sys
sys.modules["pytest"] = None  # an import of it fails
from dataclasses import dataclass
import numpy as np
from minigrid import Activation, Grid, GridSearchTrainer, Network, activation
from minigrid.testing import check_activation, check_scoring

@dataclass(frozen=True)
class Ramp(Activation):
    width: float = 1.0
    monotonic = True
    def __call__(self, z, /):
        return np.clip(np.clip(z, -1e6, 1e6) / self.width, 0.0, 1.0)

@activation(monotonic=True)
def arctan(z):
    return np.arctan(z)

def hits(y_true, outputs):
    return float(np.mean((outputs[:, 0] > 0.5) == y_true))

check_activation(Ramp(2.0))
check_activation(arctan)
check_scoring(hits)
network = Network.dense([2, 2, 1], activation=arctan, output_activation=Ramp(2.0))
print(network.summary())
result = GridSearchTrainer(Grid([-1.0, 0.5, 1.0]), scoring=hits).fit(network, [[0.0, 1.0], [1.0, 0.0]], [0, 1])
print(result.score)
"""


def test_a_script_can_define_and_check_its_own_without_pytest() -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert "FunctionActivation(arctan, monotonic=True)" in done.stdout
    assert "Ramp(width=2.0)" in done.stdout
    assert done.stdout.endswith("1.0\n")
