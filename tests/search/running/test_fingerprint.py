"""A thing is the same in every process, whatever order its sets have there and however NumPy prints arrays."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typing_extensions import override

from minigrid.search.running.fingerprint import readable

SCRIPT = """
import sys
from dataclasses import dataclass

import numpy as np

from minigrid import Activation, FloatArray, Grid, GridSearchTrainer, Network, Scoring


@dataclass(frozen=True)
class Named(Scoring):
    names: object

    @property
    def greater_is_better(self) -> bool:
        return True

    def __call__(self, y_true, outputs, /, sample_weight=None):
        return float(np.mean((outputs[:, 0] > 0.5) == y_true))


@dataclass(frozen=True)
class Bent(Activation):
    kinds: frozenset

    def __call__(self, z, /):
        return np.tanh(z)


class Table(Scoring):  # with a repr that NumPy's print options change
    def __init__(self):
        self.values = np.arange(2000) / 7

    def __repr__(self):
        return f"Table({self.values!r}, {set('abcdefg')!r})"

    greater_is_better = True

    def __call__(self, y_true, outputs, /, sample_weight=None):
        return float(np.mean((outputs[:, 0] > 0.5) == y_true))


names = frozenset({"red", "green", "blue", "yellow", "black", "white"})
scorings = {
    "set": Named(names),
    "tuple": Named((1, names)),
    "dict": Named({"a": names, "b": frozenset({frozenset({"x", "y", "z"}), names})}),
    "table": Table(),
}
folder, precision = sys.argv[1:]
np.set_printoptions(precision=int(precision), threshold=int(precision))
network = Network.dense([2, 1], activation=Bent(names))
X = [[0.0, 1.0], [1.0, 0.0], [1.0, 2.0]]
for kind, scoring in scorings.items():
    trainer = GridSearchTrainer(Grid([-1, 0, 1]), scoring=scoring, max_candidates=5)
    print(kind, trainer.fit(network, X, [0, 1, 1], checkpoint=f"{folder}/{kind}.json").n_scored)
"""


def test_a_checkpoint_is_resumed_by_the_script_that_wrote_it(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    for seed in ("1", "2", "3"):
        command = [sys.executable, str(script), str(tmp_path), seed]
        environment = os.environ | {"PYTHONHASHSEED": seed}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
        assert (done.returncode, done.stdout.strip()) == (0, "set 5\ntuple 5\ndict 5\ntable 5"), done.stderr


@dataclass(frozen=True)
class Holder:
    held: Any


class Odd:
    def __init__(self, shown: str) -> None:
        self._shown = shown

    @override
    def __repr__(self) -> str:
        return self._shown


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("Odd({'a', 'b'})", "Odd({'b', 'a'})"),
        ("{1, {2, 3}, 4}", "{4, {3, 2}, 1}"),
        ("frozenset({(1, {'x', 'y'}), 'z'})", "frozenset({'z', (1, {'y', 'x'})})"),
        ("<Odd at 0x7f12>", "<Odd at 0x8a34>"),
    ],
)
def test_order_and_addresses_do_not_count(one: str, same: str) -> None:
    assert readable(Odd(one)) == readable(Odd(same))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Holder(frozenset({1, 2})), Holder(frozenset({1, 3}))),
        (Holder((1, 2)), Holder((2, 1))),
        (Holder({"a": 1}), Holder({"a": 2})),
        (Holder(np.arange(5000)), Holder(np.where(np.arange(5000) == 2500, -1, np.arange(5000)))),
        (Holder(np.array([1.0])), Holder(np.array([1.0 + 2**-52]))),
        (Odd("a } b { c"), Odd("a } b")),
    ],
)
def test_what_differs_stays_different(one: object, other: object) -> None:
    assert readable(one) != readable(other)
