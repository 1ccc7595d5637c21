"""What the course says without a block that prints it."""

import numpy as np

from minigrid import Grid, GridSearchTrainer, Network
from minigrid._base.typing import FloatArray, IntArray
from minigrid.datasets import sum_threshold


def most_right_of_any_weights(X: FloatArray, y: IntArray) -> int:
    """How many samples of three positive features any three weights without a bias are right about, at most.

    A cut through the origin can be turned, without any sample's changing sides, until two samples lie on it, which may
    then be on either side. So the cuts through each sample are turned all around it: every other sample is on its right
    side for one half of the turn, and we count how many halves overlap.
    """
    most = 0
    for k in range(len(X)):
        _, _, (_, across, along) = np.linalg.svd(X[k : k + 1])  # the normals of cuts through sample k, turned around it
        others = np.delete(X, k, axis=0)
        angles = np.arctan2(others @ along, others @ across) + np.pi * (1 - np.delete(y, k))
        begins = np.sort((angles - np.pi / 2) % (2 * np.pi))
        begun = np.concatenate([begins - 2 * np.pi, begins])
        overlapping = np.searchsorted(begun, begins, side="right") - np.searchsorted(begun, begins - np.pi)
        most = max(most, 1 + int(overlapping.max()))
    return most


def test_no_three_weights_without_a_bias_are_right_about_more_than_603() -> None:
    X, y = sum_threshold(n_samples=1000, n_features=3, threshold=1.5, seed=2024)
    assert most_right_of_any_weights(X, y) == 603
    assert GridSearchTrainer(Grid.linspace(-10, 10, 100)).fit(Network.dense([3, 1]), X, y).score == 0.603


def test_the_count_of_any_weights_agrees_with_fine_grids() -> None:
    for seed in range(10):
        X, y = sum_threshold(n_samples=12, n_features=3, threshold=1.5, seed=seed)
        found = GridSearchTrainer(Grid.linspace(-10, 10, 101)).fit(Network.dense([3, 1]), X, y)
        assert most_right_of_any_weights(X, y) == round(12 * found.score)
