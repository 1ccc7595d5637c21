"""Importing the package loads only NumPy, typing-extensions and the standard library, and prints nothing."""

import json
import subprocess
import sys

import pytest

_REPORT = """
import json, sys
{before}
before = set(sys.modules)
{statement}
print(json.dumps(sorted({{name.partition(".")[0] for name in set(sys.modules) - before}})))
"""


def run(code: str, *options: str) -> str:
    """Run code in an interpreter of its own, every warning an error."""
    done = subprocess.run([sys.executable, "-W", "error", *options, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def loaded_by(statement: str, before: str = "") -> set[str]:
    """Name the top-level modules that a statement loads from outside the standard library."""
    names = json.loads(run(_REPORT.format(before=before, statement=statement)))
    return {name for name in names if name not in sys.stdlib_module_names}


def test_the_report_sees_what_is_loaded() -> None:
    assert "numpy" in loaded_by("import numpy")
    assert "hypothesis" in loaded_by("import hypothesis")
    assert loaded_by("import json, decimal") == set()


def test_importing_loads_numpy_and_typing_extensions_only() -> None:
    assert loaded_by("import minigrid") - {"typing_extensions"} == loaded_by("import numpy") | {"minigrid"}


def test_naming_everything_loads_no_more() -> None:
    everything = "import minigrid\nfor name in minigrid.__all__: getattr(minigrid, name)"
    assert loaded_by(everything) - {"typing_extensions"} == loaded_by("import numpy") | {"minigrid"}


def test_a_whole_search_loads_no_more() -> None:
    search = """
from minigrid import Grid, GridSearchTrainer, Network
from minigrid.datasets import sum_threshold
from minigrid.names import STRATEGIES
for strategy in STRATEGIES.built_in:
    trainer = GridSearchTrainer(Grid([-1.0, 0.0, 1.0]), strategy=strategy)
    result = trainer.fit(Network.dense([2, 2, 1]), *sum_threshold(20, 2, 1.0))
    str(result), str(trainer.plan(Network.dense([2, 1]), *sum_threshold(20, 2, 1.0)))
"""
    assert loaded_by(search) - {"typing_extensions"} == loaded_by("import numpy.random") | {"minigrid"}


@pytest.mark.parametrize(
    "state",
    [
        "np.geterr()",
        "np.get_printoptions()",
        "np.random.get_state()[1].tolist()",
        "random.getstate()",
        "warnings.filters",
        "threading.enumerate()",
        "sys.get_int_max_str_digits()",
    ],
)
def test_importing_changes_nothing_outside(state: str) -> None:
    code = f"""
import random, sys, threading, warnings
import numpy as np
before = repr({state})
import minigrid
minigrid.GridSearchTrainer
assert repr({state}) == before
"""
    assert run(code) == ""


def test_importing_prints_nothing_and_needs_no_asserts_nor_docstrings() -> None:
    assert run("import minigrid") == ""
    assert run("import minigrid; assert minigrid.Network.__doc__ is None", "-OO") == ""


def test_the_subprocess_would_report_a_warning() -> None:

    with pytest.raises(AssertionError, match="UserWarning: oh"):
        run("import warnings; warnings.warn('oh')")
