"""The tables of docs/comparison.md: minigrid and other methods find the weights of two small networks.

Run it with `python -m tests.benchmarks.comparison`. It needs scikit-learn and SciPy. It also measures Optuna and CP-SAT
where they are installed (`pip install optuna ortools`).
"""

import importlib.util
import os
import statistics
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from scipy.optimize import Bounds, LinearConstraint, brute, milp
from sklearn.datasets import make_moons
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier

from minigrid import Grid, GridSearchTrainer, Network
from minigrid._base.typing import FloatArray, IntArray
from minigrid.datasets import flip_labels, sum_threshold
from minigrid.scoring.names import ScoringName
from minigrid.strategies.names import StrategyName
from tests.benchmarks.markdown import duration, table

RUNS = 5
LIMIT = 60.0
"""Seconds after which a solver is stopped."""


class Found(NamedTuple):
    """What a method found.

    Attributes:
        training: the accuracy on the training data.
        test: the accuracy on the test data.
        note: what to know about the method.
    """

    training: float
    test: float
    note: str


Method = Callable[[], Found]


# A network with a hidden layer: 2-2-1 with biases, eleven values for each of nine parameters.

VALUES = np.linspace(-5, 5, 11)
NETWORK = Network.dense([2, 2, 1], bias=True)


def moons(n_samples: int, seed: int) -> tuple[FloatArray, IntArray]:
    """Two half moons with noise, scaled by the mean and the deviation of the training data."""
    X, y = make_moons(n_samples, noise=0.25, random_state=seed)
    train, _ = make_moons(200, noise=0.25, random_state=0)
    return (X - train.mean(axis=0)) / train.std(axis=0), y


X, Y = moons(200, seed=0)
TEST_X, TEST_Y = moons(10_000, seed=1)


def accuracy(parameters: Any, X: FloatArray = X, y: IntArray = Y) -> float:
    """The accuracy of the network with these nine parameters, by NumPy."""
    w = np.asarray(parameters, dtype=float)
    hidden = 1.0 / (1.0 + np.exp(-(X @ w[[[0, 3], [1, 4]]] + w[[2, 5]])))
    return float(np.mean((hidden @ w[6:8] + w[8] > 0.0) == y))


def on_the_grid(parameters: Any, note: str) -> Found:
    """Return the accuracies of parameters from the grid."""
    return Found(accuracy(parameters), accuracy(parameters, TEST_X, TEST_Y), note)


def by_minigrid(strategy: StrategyName) -> Found:
    """The whole grid with a proof, or a part of it."""
    result = GridSearchTrainer(Grid(VALUES), strategy=strategy).fit(NETWORK, X, Y)
    note = "proven best of 2.4 * 10^9 candidates" if result.optimal else "a heuristic on the same grid"
    return on_the_grid(result.parameters, note)


def by_gradients(n_starts: int) -> Found:
    """Gradient descent on real weights: the best of several starts on the training data."""
    models = []
    for seed in range(n_starts):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = MLPClassifier((2,), activation="logistic", solver="lbfgs", max_iter=2000, random_state=seed)
            models.append(model.fit(X, Y))
    best = max(models, key=lambda model: float(model.score(X, Y)))
    starts = "one start" if n_starts == 1 else f"{n_starts} starts"
    return Found(best.score(X, Y), best.score(TEST_X, TEST_Y), f"{starts}, weights of any value")


def by_grid_search_cv() -> Found:
    """A search of hyperparameters around gradient descent, which answers another question."""
    grid = {"alpha": [1e-4, 1e-2, 1.0], "random_state": list(range(5))}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = MLPClassifier((2,), activation="logistic", solver="lbfgs", max_iter=2000)
        search = GridSearchCV(model, grid, cv=5).fit(X, Y)
    return Found(search.score(X, Y), search.score(TEST_X, TEST_Y), "15 settings of MLPClassifier, 5 folds each")


def by_brute() -> Found:
    """SciPy's loop over a grid, here of 3 values per weight: with 11 it would take many hours."""
    found = brute(lambda w: -accuracy(w), [slice(-5.0, 5.1, 5.0)] * 9, finish=None)
    return on_the_grid(found, "only 3 values per weight: 19,683 candidates")


def by_optuna() -> Found:
    """Optuna's default sampler on the same grid."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))
    choices = VALUES.tolist()
    study.optimize(lambda t: accuracy([t.suggest_categorical(f"w{k}", choices) for k in range(9)]), n_trials=1000)
    return on_the_grid([study.best_params[f"w{k}"] for k in range(9)], "1,000 trials on the same grid")


HIDDEN: Mapping[str, Method] = {
    'minigrid, `strategy="joint"`': lambda: by_minigrid("joint"),
    'minigrid, `strategy="coordinate"`': lambda: by_minigrid("coordinate"),
    "MLPClassifier": lambda: by_gradients(1),
    "MLPClassifier, best of 20": lambda: by_gradients(20),
    "GridSearchCV": by_grid_search_cv,
    "`scipy.optimize.brute`": by_brute,
    "Optuna": by_optuna,
}


# One neuron: whole weights from -10 to 10, so that solvers of whole numbers can take part.

SPAN, STEPS, N_SAMPLES = 10, 64, 100


def one_neuron_data() -> tuple[FloatArray, IntArray]:
    """Three features in steps of a 64th, which floats hold exactly, and labels of which a tenth is flipped.

    The first samples are for training, the others for a test.
    """
    X, y = sum_threshold(n_samples=N_SAMPLES + 10_000, n_features=3, threshold=1.5, seed=0)
    return np.rint(X * STEPS) / STEPS, flip_labels(y, fraction=0.1)


NEURON_X, NEURON_Y = one_neuron_data()
ROWS = np.hstack([np.rint(NEURON_X[:N_SAMPLES] * STEPS), np.full((N_SAMPLES, 1), float(STEPS))])
LABELS = NEURON_Y[:N_SAMPLES]


def of_the_neuron(parameters: Any, note: str) -> Found:
    """Return the accuracies of three weights and a bias."""
    right = (NEURON_X @ np.asarray(parameters[:3]) + parameters[3] > 0.0) == NEURON_Y
    return Found(float(right[:N_SAMPLES].mean()), float(right[N_SAMPLES:].mean()), note)


def neuron_by_minigrid(scoring: ScoringName) -> Found:
    """All 21^4 candidates, with a proof."""
    trainer = GridSearchTrainer(Grid.linspace(-SPAN, SPAN, 2 * SPAN + 1), scoring=scoring)
    result = trainer.fit(Network.dense([3, 1], bias=True), NEURON_X[:N_SAMPLES], LABELS)
    return of_the_neuron(result.parameters, "proven best" if result.optimal else "not proven best")


def neuron_by_brute() -> Found:
    """All of them, one after the other."""
    found = brute(lambda w: -float(((ROWS @ w > 0.0) == LABELS).mean()), [slice(-SPAN, SPAN + 1, 1)] * 4, finish=None)
    return of_the_neuron(found, "proven best: it tries all 194,481 candidates")


def neuron_by_highs() -> Found:
    """A program of whole numbers: four parameters, and for each sample whether it is wrong."""
    signs = np.where(LABELS == 1, 1.0, -1.0)
    escape = np.abs(ROWS).sum(axis=1) * SPAN + 1.0  # enough to make up for the worst sum
    found = milp(
        np.hstack([np.zeros(4), np.ones(N_SAMPLES)]),
        integrality=np.ones(4 + N_SAMPLES),
        bounds=Bounds([-SPAN] * 4 + [0] * N_SAMPLES, [SPAN] * 4 + [1] * N_SAMPLES),
        constraints=LinearConstraint(np.hstack([signs[:, np.newaxis] * ROWS, np.diag(escape)]), LABELS),
        options={"time_limit": LIMIT, "mip_rel_gap": 0.0},
    )
    if found.x is None:
        return Found(float("nan"), float("nan"), "found nothing")
    bound = 1.0 - np.ceil(found.mip_dual_bound - 1e-6) / N_SAMPLES
    note = "proven best" if found.status == 0 else f"stopped; it proved that none is above {bound:.2f}"
    return of_the_neuron(np.rint(found.x[:4]), note)


def neuron_by_cp_sat() -> Found:
    """The same program, with a condition for each sample instead of a large number."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    parameters = [model.new_int_var(-SPAN, SPAN, f"w{k}") for k in range(4)]
    rights = [model.new_bool_var(f"right{k}") for k in range(N_SAMPLES)]
    for row, label, right in zip(ROWS.astype(int).tolist(), LABELS.tolist(), rights, strict=True):
        total = sum(x * w for x, w in zip(row, parameters, strict=True))
        model.add(total >= 1 if label else total <= 0).only_enforce_if(right)
    model.maximize(sum(rights))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = LIMIT
    solver.parameters.num_workers = os.cpu_count() or 1
    status = solver.solve(model)
    bound = solver.best_objective_bound / N_SAMPLES
    note = "proven best" if status == cp_model.OPTIMAL else f"stopped; it proved that none is above {bound:.2f}"
    return of_the_neuron([solver.value(w) for w in parameters], note)


def neuron_by_regression() -> Found:
    """Logistic regression, with weights of any value."""
    model = LogisticRegression().fit(NEURON_X[:N_SAMPLES], LABELS)
    return of_the_neuron([*model.coef_[0], model.intercept_[0]], "weights of any value")


ONE_NEURON: Mapping[str, Method] = {
    "minigrid": lambda: neuron_by_minigrid("accuracy"),
    'minigrid, `scoring="log_loss"`': lambda: neuron_by_minigrid("log_loss"),
    "`scipy.optimize.brute`": neuron_by_brute,
    "HiGHS (`scipy.optimize.milp`)": neuron_by_highs,
    "CP-SAT": neuron_by_cp_sat,
    "LogisticRegression": neuron_by_regression,
}

NEEDS: Mapping[str, str] = {"Optuna": "optuna", "CP-SAT": "ortools"}


def measured(name: str, method: Method) -> list[str]:
    """Run a method once to warm up, and then several times; return the row of the table."""
    method()
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        found = method()
        times.append(time.perf_counter() - began)
    least, greatest = duration(min(times)), duration(max(times))
    return [
        name,
        found.note,
        duration(statistics.median(times)),
        f"{least} to {greatest}",
        f"{found.training:.3f}",
        f"{found.test:.3f}",
    ]


def main() -> None:
    """Print the tables."""
    header = ["method", "note", "time", "from, to", "training accuracy", "test accuracy"]
    for methods in (HIDDEN, ONE_NEURON):
        installed = [name for name in methods if name not in NEEDS or importlib.util.find_spec(NEEDS[name])]
        print(table(header, [measured(name, methods[name]) for name in installed]), flush=True)
        print()


if __name__ == "__main__":
    main()
