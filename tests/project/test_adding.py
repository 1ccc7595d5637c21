"""The files that CONTRIBUTING.md lists are enough: one more of each kind is added to a copy, in these files alone.

Whoever writes another list there adds an `Adding` here: what is written into which file, a script that uses
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
COPIED = ("minigrid", "tests", "docs/conf.py", "pyproject.toml", "CHANGELOG.md")


@dataclass(frozen=True)
class Adding:
    """One more of a kind.

    Attributes:
        kind: as CONTRIBUTING.md has it in bold.
        edits: by file, texts that occur there once, and what is written behind each; behind "", at the end.
        script: uses what is new, and fails if that is not possible.
        tests: what pytest runs in the copy.
        named: what their names have in common.
    """

    kind: str
    edits: dict[str, dict[str, str]]
    script: str
    tests: tuple[str, ...]
    named: str


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
        "CHANGELOG.md": {"The first version.\n": "\n- `SignedRoot`.\n"},
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
        "CHANGELOG.md": {"The first version.\n": "\n- `HuberLoss`.\n"},
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
    ("tests/scoring", "tests/test_names.py", "minigrid/scoring/losses.py"),
    "HuberLoss or a_name_and_a_formula or type_checkers or named_by_its or several_outputs_need",
)

ADDINGS = [ACTIVATION, SCORING]


def files_listed(kind: str) -> set[str]:
    """The files that the paragraph of CONTRIBUTING.md about a kind tells to edit."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    paragraph = text.partition(f"**{kind}**")[2].partition("\n**")[0]
    steps = re.findall(r"^\d+\. (?:.*\n)(?: .*\n)*", paragraph, flags=re.MULTILINE)
    return {path for step in steps for path in re.findall(r"`([\w/]+\.\w+)`", step)}


def run(folder: Path, *arguments: str) -> str:
    """Run Python in a copy, and return what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("adding", ADDINGS, ids=lambda adding: adding.kind)
def test_the_files_that_are_listed_are_enough(adding: Adding, tmp_path: Path) -> None:
    assert set(adding.edits) <= files_listed(adding.kind)
    assert len(adding.edits) <= 4
    for name in COPIED:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    for name, edits in adding.edits.items():
        text = (tmp_path / name).read_text(encoding="utf-8")
        for place, new in edits.items():
            assert not place or text.count(place) == 1, place
            text = text.replace(place, place + new) if place else text + new
        (tmp_path / name).write_text(text, encoding="utf-8")
    run(tmp_path, "-W", "error", "-c", adding.script)
    tests = run(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", *adding.tests, "-k", adding.named)
    assert "passed" in tests
