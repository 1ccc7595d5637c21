"""Claims of the course that no block on its pages proves."""

import re
from pathlib import Path

import numpy as np

from minigrid import Grid, GridSearchTrainer, Network
from minigrid._base.typing import FloatArray, IntArray
from minigrid.datasets import sum_threshold

ROOT = Path(__file__).parents[2]
COURSE = ROOT / "docs" / "course"


def most_correct_of_any_weights(X: FloatArray, y: IntArray) -> int:
    """Count the most correct predictions that any three weights without a bias can make on positive features.

    You can turn a boundary through the origin, without moving a sample to its other side, until two samples lie on it.
    These two may then be on either side. So we turn the boundaries through each sample all the way around it: every
    other sample is on its correct side for one half of the turn, and we count how many of these halves overlap.
    """
    most = 0
    for k in range(len(X)):
        _, _, (_, across, along) = np.linalg.svd(X[k : k + 1])  # the normals of all boundaries through sample k
        others = np.delete(X, k, axis=0)
        angles = np.arctan2(others @ along, others @ across) + np.pi * (1 - np.delete(y, k))
        begins = np.sort((angles - np.pi / 2) % (2 * np.pi))
        begun = np.concatenate([begins - 2 * np.pi, begins])
        overlapping = np.searchsorted(begun, begins, side="right") - np.searchsorted(begun, begins - np.pi)
        most = max(most, 1 + int(overlapping.max()))
    return most


def test_no_three_weights_without_a_bias_are_correct_for_more_than_603() -> None:
    X, y = sum_threshold(n_samples=1000, n_features=3, threshold=1.5, seed=2024)
    assert most_correct_of_any_weights(X, y) == 603
    assert GridSearchTrainer(Grid.linspace(-10, 10, 100)).fit(Network.dense([3, 1]), X, y).score == 0.603


def test_the_count_for_any_weights_agrees_with_fine_grids() -> None:
    for seed in range(10):
        X, y = sum_threshold(n_samples=12, n_features=3, threshold=1.5, seed=seed)
        found = GridSearchTrainer(Grid.linspace(-10, 10, 101)).fit(Network.dense([3, 1]), X, y)
        assert most_correct_of_any_weights(X, y) == round(12 * found.score)


def test_the_table_of_exercises_names_scripts_that_exist() -> None:
    scripts = re.findall(r"`(\w+\.py)`", (COURSE / "index.md").read_text(encoding="utf-8"))
    assert len(scripts) == 10
    assert all((ROOT / "examples" / script).is_file() for script in scripts)


def test_beginners_see_no_types() -> None:
    for page in COURSE.glob("0*.md"):
        for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            assert "strict=True" not in block
            assert not re.search(r"def \w+\([^)]*:|\) ->", block), f"{page.name}: {block}"
