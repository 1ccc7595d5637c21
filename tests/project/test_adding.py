"""The files that CONTRIBUTING.md lists are enough: the tests add one thing of each kind to a copy, in these files only.

If you write another list there, add an `Adding` here: what is written into which file, a script that uses
what is new, and which of the tests have to know it.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = ("minigrid", "tests", "docs/conf.py", "docs/choosing_a_strategy.md", "pyproject.toml", "CHANGELOG.md")


@dataclass(frozen=True)
class Adding:
    """One more of a kind.

    Attributes:
        kind: as a heading of CONTRIBUTING.md has it.
        edits: by file, strings that occur there once, and what is written behind each; behind "", at the end, or into a
            new file.
        script: uses what is new, and fails if that is not possible.
        tests: what pytest runs in the copy.
        named: what the names of those that have to know it have in common; "" for all.
        after: what is added before.
    """

    kind: str
    edits: dict[str, dict[str, str]]
    script: str
    tests: tuple[str, ...]
    named: str = ""
    after: "Adding | None" = None


ACTIVATION = Adding(
    "An activation",
    {
        "minigrid/activations/builtin.py": {
            "__all__ = [\n": '    "SignedRoot",\n',
            '    "sine",\n': '    "signed_root",\n',
            "": '''

@final
class SignedRoot(BuiltinActivation):
    """The square root of the size of z, with the sign of z.

    Example:
        >>> SignedRoot()(np.array([-4.0, 0.0, 1.0])).round(4)
        array([-2.,  0.,  1.])
    """

    __slots__ = ()
    monotonic = True

    @override
    def _outputs(self, z: FloatArray) -> FloatArray:
        return np.copysign(np.sqrt(np.abs(z)), z)
''',
        },
        "minigrid/__init__.py": {
            "from minigrid.activations import (\n": "    SignedRoot,\n",
            "__all__ = [\n": '    "SignedRoot",\n',
        },
        "tests/activations/formulas.py": {
            "from minigrid import (\n": "    SignedRoot,\n",
            "    Row(Sine(), math.sin, 1e-15, (np.nan, np.nan)),\n": (
                "    Row(SignedRoot(), lambda z: math.copysign(math.sqrt(abs(z)), z), 0.0, (-np.inf, np.inf)),\n"
            ),
        },
        "CHANGELOG.md": {"With it, you can:\n": "\n- Use `SignedRoot`.\n"},
    },
    """
import runpy
from minigrid import SignedRoot, Grid, GridSearchTrainer, InvalidValueError, Network, named_activation
from minigrid.onnx import to_model
from minigrid.sklearn import GridSearchNetworkClassifier
from minigrid.testing import check_activation

check_activation(SignedRoot())
assert named_activation("signed_root") == SignedRoot()
network = Network.dense([2, 2, 1], activation=SignedRoot())
X, y = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1]
results = [GridSearchTrainer(Grid([-1.0, 0.5, 2.0]), engine=one).fit(network, X, y) for one in ("reference", "exact")]
assert len({(result.index, result.score) for result in results}) == 1
results[0].network.save("net.json")
assert Network.load("net.json") == results[0].network
GridSearchNetworkClassifier(hidden=(), activation="signed_root", grid=Grid([-1.0, 0.5, 2.0])).fit(X, y)
try:
    to_model(network)
except InvalidValueError as error:
    assert "got SignedRoot(). Pass a function that writes it: nodes={SignedRoot: function}" in str(error), error
assert "minigrid.SignedRoot" in runpy.run_path("docs/conf.py")["entries"]("activations")
""",
    ("tests/activations", "tests/onnx", "tests/test_names.py", "minigrid/activations/builtin.py"),
    "SignedRoot or formula_here or every_built_in_activation or type_checkers or named_by_its or can_be_exported",
)

SCORING = Adding(
    "A scoring",
    {
        "minigrid/scoring/losses.py": {
            "__all__ = [": '"HuberLoss", ',
            '"mean_absolute_error", ': '"huber_loss", ',
            "        return np.abs(errors)\n": '''

@final
class HuberLoss(_RegressionLoss):
    """Half the square of small errors, and the size of large ones less one half (Huber 1964).

    Example:
        >>> HuberLoss()(np.array([0.0, 1.0]), np.array([[0.5], [4.0]]))
        1.3125
    """

    __slots__ = ()

    @override
    def cost(self, errors: FloatArray, /) -> FloatArray:
        size = np.abs(errors)
        return np.where(size <= 1.0, 0.5 * errors * errors, size - 0.5)
''',
        },
        "minigrid/__init__.py": {
            "    from minigrid.scoring import (\n": "        HuberLoss,\n",
            "__all__ = [\n": '    "HuberLoss",\n',
        },
        "tests/scoring/formulas.py": {
            "from minigrid import (\n": "    HuberLoss,\n",
            "NUMBER_FORMULAS: list[tuple[BuiltinScoring, Callable[[Table, Table, Sequence[float]], float]]] = [\n": (
                "    (HuberLoss(), huber_loss),\n"
            ),
            "Formula = Callable[[Sequence[float], Table, Sequence[float]], float]\n": """

def huber_loss(y: Table, outputs: Table, weights: Sequence[float]) -> float:
    def cost(error: float) -> float:
        return error**2 / 2.0 if abs(error) <= 1.0 else abs(error) - 0.5

    costs = [
        math.fsum(cost(o - t) for o, t in zip(row, target, strict=True)) / len(row)
        for target, row in zip(y, outputs, strict=True)
    ]
    return weighted_average(costs, weights)
""",
        },
        "CHANGELOG.md": {"With it, you can:\n": "\n- Use `HuberLoss`.\n"},
    },
    """
import runpy
import numpy as np
from minigrid import Grid, GridSearchTrainer, HuberLoss, Identity, Network
from minigrid.testing import check_scoring

check_scoring(HuberLoss(), np.linspace(-2.0, 2.0, 24))
network = Network.dense([2, 1], activation=Identity(), bias=True)
X, y = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.3, 1.2, -4.0]
grid = Grid.linspace(-2.0, 2.0, 9)
found = [GridSearchTrainer(grid, scoring="huber_loss", engine=one).fit(network, X, y) for one in ("reference", "exact")]
assert len({(result.index, result.score) for result in found}) == 1
assert found[1].optimal and found[1].n_scored < found[1].n_candidates
assert "minigrid.HuberLoss" in runpy.run_path("docs/conf.py")["entries"]("scorings")
""",
    (
        "tests/scoring",
        "--ignore=tests/scoring/test_slow.py",  # which times custom ones
        "tests/test_names.py",
        "minigrid/scoring/losses.py",
    ),
)

PENALTY = Adding(
    "A penalty",
    {
        "minigrid/scoring/penalty.py": {
            '"L2", ': '"L3", ',
            "        return magnitudes * magnitudes\n": '''

@final
@dataclass(frozen=True, slots=True)
class L3(_OfMagnitudes):
    """Adds up the cubes of the weights' magnitudes; biases do not count.

    Example:
        >>> L3(0.5)(np.array([3.0, -2.0, 9.0]), np.array([True, True, False]))
        17.5
    """

    @override
    def cost(self, magnitudes: FloatArray, /) -> FloatArray:
        return magnitudes * magnitudes * magnitudes
''',
        },
        "minigrid/__init__.py": {"        L2,\n": "        L3,\n", '    "L2",\n': '    "L3",\n'},
        "tests/scoring/test_penalties.py": {
            "    L2,\n": "    L3,\n",
            "    L2(0.02),\n": "    L3(0.02),\n",
        },
        "CHANGELOG.md": {"With it, you can:\n": "\n- Use `L3`.\n"},
    },
    """
import runpy
from minigrid import L3, Grid, GridSearchTrainer, Network
from minigrid.testing import check_penalty

check_penalty(L3(0.1))
X, y = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1]
network, grid = Network.dense([2, 1], bias=True), Grid.linspace(-2.0, 2.0, 21)
arguments = {"scoring": "log_loss", "penalty": L3(0.01)}
found = [GridSearchTrainer(grid, engine=one, **arguments).fit(network, X, y) for one in ("reference", "exact")]
assert len({(result.index, result.objective) for result in found}) == 1
assert found[1].optimal and found[1].n_scored < found[1].n_candidates
assert "minigrid.L3" in runpy.run_path("docs/conf.py")["entries"]("penalties")
""",
    ("tests/scoring/test_penalties.py", "tests/test_names.py", "minigrid/scoring/penalty.py"),
    "L3 or type_checkers",
)

STRATEGY = Adding(
    "A strategy",
    {
        "minigrid/strategies/first_ones.py": {
            "": '''"""FirstOnes: the first n candidates."""

from dataclasses import dataclass
from typing import final

from minigrid._base.typing import override
from minigrid.search.problem import Problem
from minigrid.search.running.runner import Runner
from minigrid.search.running.stage import Outcome, PlannedStage, Stage
from minigrid.strategies.base import Strategy


@final
@dataclass(frozen=True, slots=True, repr=False)
class FirstOnes(Strategy):
    """Score the first candidates.

    Attributes:
        n: how many.
    """

    n: int = 100

    @override
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        return (PlannedStage(self._first(problem)),)

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        return Outcome(runner.run(self._first(problem)).best, optimal=False)

    def _first(self, problem: Problem) -> Stage:
        return Stage("first ones", problem, range(min(self.n, problem.space.size)))
''',
        },
        "minigrid/strategies/names.py": {
            "from minigrid.strategies.coordinate import Coordinate\n": (
                "from minigrid.strategies.first_ones import FirstOnes\n"
            ),
            'StrategyName: TypeAlias = Literal["joint", ': '"first_ones", ',
            '{"joint": Joint, ': '"first_ones": FirstOnes, ',
        },
        "minigrid/__init__.py": {
            "    from minigrid.strategies.names import StrategyName, register_strategy\n": (
                "    from minigrid.strategies.first_ones import FirstOnes\n"
            ),
            "__all__ = [\n": '    "FirstOnes",\n',
        },
        "docs/choosing_a_strategy.md": {
            "or you need a baseline |\n": '| `"first_ones"` | scores the first candidates | you test minigrid |\n'
        },
        "CHANGELOG.md": {"With it, you can:\n": "\n- Use `FirstOnes`.\n"},
    },
    """
import runpy
from minigrid import FirstOnes, Grid, GridSearchTrainer, Network

trainer = GridSearchTrainer(Grid([-1.0, 0.5, 2.0]), strategy="first_ones")
X, y, network = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1], Network.dense([2, 2, 1])
assert trainer.plan(network, X, y).n_to_score == 100
result = trainer.fit(network, X, y, checkpoint="search.json")
assert (result.n_scored, result.strategy, result.optimal) == (100, "FirstOnes()", False)
assert trainer.fit(network, X, y, checkpoint="search.json").index == result.index
assert "minigrid.FirstOnes" in runpy.run_path("docs/conf.py")["entries"]("strategies")
""",
    (
        "tests/strategies/test_strategies.py",
        "tests/search/test_limits.py",
        "tests/search/running/test_checkpoint.py",
        "tests/test_names.py",
    ),
    "FirstOnes or first_ones or a_row_for_each or type_checkers",
)

CURVE = Adding(
    "A convex loss",
    {
        "minigrid/search/engines/exact/curves.py": {
            "from minigrid.scoring import Hinge, ": "HuberLoss, ",
            "            return Distance(targets)\n": """        case Identity(), HuberLoss():
            return Rounded(targets)
""",
            "": '''

@final
class Rounded(Curve):
    """Half the square of small errors, and the size of large ones less one half: smooth, so each tangent is a line."""

    def __init__(self, targets: FloatArray) -> None:
        self.slack: float = MEAN_ROUNDING * (1.0 + float(np.abs(targets).max()))
        self.capped_at: float = np.inf
        self.forms: tuple[float, ...] = (1.0,)
        self.finer: tuple[float, ...] = ()
        self._targets = targets

    @override
    def lines(self, sums: FloatArray, form: FloatArray | float) -> Lines:
        errors = sums - self._targets
        slope = np.clip(errors, -1.0, 1.0)
        value = slope * (errors - 0.5 * slope)
        return Lines(value, slope, value, 1.0 / np.maximum(1.0, np.abs(errors)) ** 3)

    @override
    def sound_form(self, least: FloatArray, most: FloatArray, worth: FloatArray) -> None:
        return None
''',
        },
        "tests/problems.py": {
            "    (minigrid.Identity(), minigrid.Hinge()),\n": "    (minigrid.Identity(), minigrid.HuberLoss()),\n"
        },
        "CHANGELOG.md": {"With it, you can:\n": "\n- Prove the best `HuberLoss` of many weights.\n"},
    },
    """
import numpy as np
from minigrid import Grid, GridSearchTrainer, Identity, Network

X = np.random.default_rng(0).normal(size=(100, 6))
network = Network.dense([6, 1], activation=Identity(), bias=True)
found = GridSearchTrainer(Grid.linspace(-2, 2, 11), scoring="huber_loss").fit(network, X, X.sum(axis=1) + X[:, 0])
assert found.optimal and found.n_scored < 1000
""",
    ("tests/search/engines/test_convex.py", "tests/search/engines/test_hidden_losses.py"),
    after=SCORING,
)

ENGINE = Adding(
    "An engine",
    {
        "minigrid/search/engines/one_by_one.py": {
            "": '''"""Scores one candidate after the other by the problem itself, as the plain loop does."""

from typing import final

import numpy as np

from minigrid._base.typing import FloatArray, IntArray, override
from minigrid.search.engines.base import Scorer
from minigrid.search.problem import Problem


@final
class OneByOneEngine(Scorer):
    """Asks the problem for each score."""

    name = "one_by_one"

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        return np.array([problem.score(parameters) for parameters in problem.space.values_at(digits)])
''',
        },
        "minigrid/search/engines/names.py": {
            "from minigrid.search.engines.reference import ReferenceEngine\n": (
                "from minigrid.search.engines.one_by_one import OneByOneEngine\n"
            ),
            'EngineName: TypeAlias = Literal["auto", "reference", ': '"one_by_one", ',
            '        "reference": ReferenceEngine,\n': '        "one_by_one": OneByOneEngine,\n',
        },
        "CHANGELOG.md": {"With it, you can:\n": "\n- Use the engine `one_by_one`.\n"},
    },
    """
from minigrid import Grid, GridSearchTrainer, Network

X, y, network = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1], Network.dense([2, 2, 1])
found = [GridSearchTrainer(Grid([-1.0, 0.5, 2.0]), engine=one).fit(network, X, y) for one in ("one_by_one", "exact")]
assert (found[0].index, found[0].score) == (found[1].index, found[1].score)
assert found[0].engine == "one_by_one"
""",
    ("tests/search/engines/test_engines.py", "tests/test_names.py"),
    "one_by_one or type_checkers or all_scores_are_the_same",
)

EXECUTOR = Adding(
    "An executor",
    {
        "minigrid/search/parallel/executors.py": {'    "distributed",\n': '    "flock",\n'},
        "tests/workers.py": {
            '    elif kind == "processes":\n        yield {"workers": 2}\n': (
                '    elif kind == "flock":\n        yield {"executor": RandomOrder(7)}\n'
            ),
            'KINDS = ["serial", ': '"flock", ',
        },
        "CHANGELOG.md": {"With it, you can:\n": "\n- Search on a flock.\n"},
    },
    """
import sys
from concurrent.futures import Future
from types import ModuleType
import cloudpickle
from minigrid import Grid, GridSearchTrainer, Network, activation
from tests.pacing import paced

flock = sys.modules["flock"] = ModuleType("flock")
exec('''
import cloudpickle
from concurrent.futures import Future
class Herd:
    def submit(self, function, /, *arguments):
        future = Future()
        function, arguments = cloudpickle.loads(cloudpickle.dumps((function, arguments)))
        future.set_result(function(*arguments))
        return future
''', vars(flock))


@activation
def square(z):  # of this script, which no other process can import
    return z * z


X, y, network = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1], Network.dense([2, 2, 1], activation=square)
spread = paced(GridSearchTrainer(Grid.linspace(-2, 2, 5), executor=flock.Herd(), engine="batched"), alone=0.0)
assert spread.fit(network, X, y).index == GridSearchTrainer(Grid.linspace(-2, 2, 5)).fit(network, X, y).index
""",
    ("tests/search/parallel/test_executors.py",),
    "flock",
)

ADDINGS = [ACTIVATION, SCORING, PENALTY, STRATEGY, ENGINE, CURVE, EXECUTOR]


def files_listed(kind: str) -> set[str]:
    """The files that the section of CONTRIBUTING.md about a kind lists."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition(f"\n### {kind}")[2].partition("\n### ")[0]
    steps = re.findall(r"^\d+\. (?:.*\n)(?: .*\n)*", section, flags=re.MULTILINE)
    return {path for step in steps for path in re.findall(r"`([\w/]+\.\w+)`", step)}


def write_into(folder: Path, edits: dict[str, dict[str, str]]) -> None:
    """Write edits into the files of a copy, see `Adding.edits`."""
    for name, places in edits.items():
        path = folder / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        for place, new in places.items():
            assert not place or text.count(place) == 1, place
            text = text.replace(place, place + new) if place else text + new
        path.write_text(text, encoding="utf-8")


def run(folder: Path, *arguments: str) -> str:
    """Run Python in a copy, and return what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("adding", ADDINGS, ids=lambda adding: adding.kind)
def test_the_files_that_are_listed_are_enough(adding: Adding, tmp_path: Path) -> None:
    assert {re.sub(r"(first_ones|one_by_one)\.py", "your_own.py", name) for name in adding.edits} <= files_listed(
        adding.kind
    )
    assert len(adding.edits) <= (5 if adding is STRATEGY else 4)
    for name in COPIED:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    if adding.after is not None:
        write_into(tmp_path, adding.after.edits)
    write_into(tmp_path, adding.edits)
    run(tmp_path, "-c", "from importlinter.cli import lint_imports_command as main; main(['--no-cache'])")
    run(tmp_path, "-W", "error", "-c", adding.script)
    tests = run(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", *adding.tests, "-k", adding.named)
    assert "passed" in tests
