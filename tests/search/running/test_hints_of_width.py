"""A hint about a hidden layer with too few neurons for many labels: given where it helps, and it helps."""

import re
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris, make_classification, make_regression

from minigrid import Coordinate, Grid, GridSearchTrainer, Network, SearchResult
from minigrid.search.running.hints_of_data import hint_of_width
from minigrid.sklearn import GridSearchNetworkClassifier, GridSearchNetworkRegressor

FIVE: tuple[Any, Any] = make_classification(
    160, 6, n_informative=5, n_redundant=0, n_classes=5, n_clusters_per_class=1, class_sep=1.5, random_state=5
)
GIVEN = "5 labels are hard to tell apart with 2 hidden neurons: try 5, "


def searched(network: Network, scoring: Any = "log_loss") -> SearchResult:
    strategy = Coordinate(block="parameter", restarts=3 if scoring == "accuracy" else 1)
    trainer = GridSearchTrainer(Grid.linspace(-3, 3, 7), strategy=strategy, scoring=scoring)
    return trainer.fit(network, *FIVE)


@pytest.mark.parametrize("scoring", ["log_loss", "accuracy"])
def test_a_network_that_is_too_narrow_is_told_how_wide_to_be_and_that_is_better(scoring: Any) -> None:
    narrow = searched(Network.dense([6, 2, 5], bias=True), scoring)
    (hint,) = [hint for hint in narrow.hints if hint.startswith(GIVEN)]
    code = re.search(r"as in (Network\.dense\(.*?\)), or", hint)
    assert code is not None
    wide = searched(eval(code.group(1), {"Network": Network}), scoring)
    assert wide.network.score(*FIVE) > narrow.network.score(*FIVE) + 0.05
    assert not [hint for hint in wide.hints if "labels are hard" in hint]


def test_a_classifier_warns_of_it_and_is_better_with_what_the_warning_names() -> None:
    with pytest.warns(UserWarning, match=f"^{re.escape(GIVEN)}") as caught:
        narrow = GridSearchNetworkClassifier().fit(*FIVE)
    assert caught[0].filename == __file__
    assert narrow.result_.hints[0].startswith(GIVEN)
    named = re.search(r": try 5, with hidden=(\(.*?\))$", str(caught[0].message))
    assert named is not None
    wide = GridSearchNetworkClassifier(hidden=eval(named.group(1))).fit(*FIVE)
    assert wide.score(*FIVE) > narrow.score(*FIVE) + 0.05


def test_nobody_is_told_where_two_neurons_are_enough() -> None:
    X, y = load_iris(return_X_y=True)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    assert not [hint for hint in GridSearchNetworkClassifier().fit(X, y).result_.hints if "labels" in hint]
    easy = 9.0 * np.eye(4).repeat(20, axis=0) + np.random.default_rng(0).normal(size=(80, 4))
    found = GridSearchNetworkClassifier().fit(easy, np.arange(4).repeat(20))
    assert found.score(easy, np.arange(4).repeat(20)) == 1.0
    X, y = make_regression(60, 4, n_targets=5, noise=90.0, random_state=0)
    assert not [hint for hint in GridSearchNetworkRegressor().fit(X, y).result_.hints if "labels" in hint]


@pytest.mark.parametrize(
    ("sizes", "wider"),
    [
        ([4, 1], None),
        ([4, 10], None),
        ([4, 1, 1], None),
        ([4, 1, 2], None),
        ([4, 2, 3], None),
        ([4, 1, 3], ([4, 3, 3], "(3,)")),
        ([4, 7, 2, 6], ([4, 7, 6, 6], "(7, 6)")),
    ],
)
def test_the_narrow_layers_are_made_wider(sizes: list[int], wider: tuple[list[int], str] | None) -> None:
    hint = hint_of_width(Network.dense(sizes))
    if wider is None:
        assert hint is None
    else:
        assert hint is not None
        assert f"Network.dense({wider[0]}, bias=True), or hidden={wider[1]} of" in hint
