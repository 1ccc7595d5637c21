"""The Pythons that are said to be supported are those that are tested."""

import re
import tomllib
from typing import Any

from tests.docs.pages import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PYTHON = "Programming Language :: Python :: "
SUPPORTED = [
    name.removeprefix(PYTHON) for name in PROJECT["project"]["classifiers"] if re.fullmatch(rf"{PYTHON}3\.\d+", name)
]


def test_the_oldest_python_is_the_one_required() -> None:
    assert PROJECT["project"]["requires-python"] == f">={SUPPORTED[0]}"
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{SUPPORTED[0].replace('.', '')}"


def test_each_supported_python_is_run_by_tox_and_by_the_hosted_workflow() -> None:
    by_tox = [name for name in PROJECT["tool"]["tox"]["env_list"] if name.startswith("py")]
    assert by_tox == [f"py{version.replace('.', '')}" for version in SUPPORTED]
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    (hosted,) = re.findall(r"python-version: \[(.*)\]", workflow)
    assert re.findall(r"3\.\d+", hosted) == SUPPORTED


def test_the_readme_installs_every_extra_but_the_large_one() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    taken, waiting = set[str](), {"test"}
    while waiting:
        taken |= waiting
        required = [line for extra in waiting for line in extras[extra]]
        found = [re.fullmatch(r"minigrid-nn\[(.*)\]", line) for line in required]
        waiting = {extra for match in found if match for extra in match[1].split(",")} - taken
    assert taken == {*extras} - {"test-torch"}
