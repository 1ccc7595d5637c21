"""The table of docs/comparison.md: other ways to train the same small network, in one sitting.

Run it with `python -m tests.benchmarks.comparison`. It needs scikit-learn and SciPy, and measures Optuna if it can.
"""

import importlib.util
import os
import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from scipy.optimize import brute
from sklearn.datasets import make_moons
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier

from minigrid import Grid, GridSearchTrainer, Network

RUNS = 3
VALUES = np.linspace(-5, 5, 11)
X, Y = make_moons(200, noise=0.25, random_state=0)
X = (X - X.mean(axis=0)) / X.std(axis=0)
NETWORK = Network.dense([2, 2, 1], bias=True)


def accuracy(parameters: Any) -> float:
    """The accuracy of the network with these nine parameters, by NumPy."""
    w = np.asarray(parameters, dtype=float)
    hidden = 1.0 / (1.0 + np.exp(-(X @ w[[[0, 3], [1, 4]]] + w[[2, 5]])))
    return float(np.mean((hidden @ w[6:8] + w[8] > 0.0) == Y))


def by_minigrid() -> tuple[float, str]:
    """The whole grid, with a proof."""
    result = GridSearchTrainer(Grid(VALUES)).fit(NETWORK, X, Y)
    return result.score, "proven best of 2.4 * 10^9" if result.optimal else "not proven"


def by_coordinate() -> tuple[float, str]:
    """Coordinate descent on the same grid."""
    result = GridSearchTrainer(Grid(VALUES), strategy="coordinate").fit(NETWORK, X, Y)
    return result.score, f"{result.n_scored + result.n_pruned:,} candidates"


def by_gradients(n_starts: int) -> tuple[float, str]:
    """Gradient descent on real weights, the best of several starts."""
    best = 0.0
    for seed in range(n_starts):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = MLPClassifier((2,), activation="logistic", solver="lbfgs", max_iter=2000, random_state=seed)
            best = max(best, model.fit(X, Y).score(X, Y))
    return best, f"{n_starts} starts, weights of any value"


def by_grid_search_cv() -> tuple[float, str]:
    """A search of hyperparameters, with gradients inside: another question."""
    grid = {"alpha": [1e-4, 1e-2, 1.0], "hidden_layer_sizes": [(2,)], "random_state": list(range(5))}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        search = GridSearchCV(MLPClassifier(activation="logistic", solver="lbfgs", max_iter=2000), grid, cv=5)
        search.fit(X, Y)
    return float(search.score(X, Y)), "15 settings of MLPClassifier, 5 folds"


def by_brute() -> tuple[float, str]:
    """SciPy's loop over a grid, here of 3 values per weight: 11 would take days."""
    found = brute(lambda w: -accuracy(w), [slice(-5.0, 5.1, 5.0)] * 9, finish=None)
    return accuracy(found), "3 values per weight: 19,683 candidates"


def by_optuna() -> tuple[float, str]:
    """Optuna's sampler on the same grid."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))
    choices = VALUES.tolist()
    study.optimize(lambda t: accuracy([t.suggest_categorical(f"w{k}", choices) for k in range(9)]), n_trials=1000)
    return float(study.best_value), "1,000 trials"


METHODS: dict[str, Callable[[], tuple[float, str]]] = {
    'minigrid, `strategy="joint"`': by_minigrid,
    'minigrid, `strategy="coordinate"`': by_coordinate,
    "scikit-learn, MLPClassifier": lambda: by_gradients(1),
    "scikit-learn, MLPClassifier, best of 20": lambda: by_gradients(20),
    "scikit-learn, GridSearchCV": by_grid_search_cv,
    "`scipy.optimize.brute`": by_brute,
    "Optuna": by_optuna,
}


def main() -> None:
    """Print the table."""
    print("| method | time | accuracy | note |\n| --- | ---: | ---: | --- |")
    for name, method in METHODS.items():
        if method is by_optuna and importlib.util.find_spec("optuna") is None:
            continue
        method()  # once before, as compiled code is loaded then
        times = []
        for _ in range(RUNS):
            began = time.perf_counter()
            score, note = method()
            times.append(time.perf_counter() - began)
        print(f"| {name} | {statistics.median(times):.2f} s | {score:.3f} | {note} |")


if __name__ == "__main__":
    main()
