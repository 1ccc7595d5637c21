"""Choose the number of hidden neurons by cross-validation, in a pipeline of scikit-learn.

How many neurons do you need to separate two half moons? scikit-learn trains each architecture, with each activation, on
a part of the data and scores it on the rest. Then it trains the best one on all data. Needs scikit-learn:
`pip install ".[sklearn]"`.

Run it with `python examples/in_a_pipeline.py`.
"""

import numpy as np
from sklearn.datasets import make_moons
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from minigrid.sklearn import GridSearchNetworkClassifier

ARCHITECTURES = [(), (1,), (2,), (3,), (4,)]
ACTIVATIONS = ["sigmoid", "tanh", "relu"]


def main() -> None:
    X, positions = make_moons(n_samples=200, noise=0.2, random_state=2024)
    y = np.array(["upper", "lower"])[positions]
    model = make_pipeline(StandardScaler(), GridSearchNetworkClassifier())
    choices = {
        "gridsearchnetworkclassifier__hidden": ARCHITECTURES,
        "gridsearchnetworkclassifier__activation": ACTIVATIONS,
    }
    search = GridSearchCV(model, choices, cv=4).fit(X, y)

    print("Two half moons, 200 samples: mean accuracy on the quarter that was not used for training\n")
    print("  hidden neurons  " + "".join(f"{name:>9}" for name in ACTIVATIONS))
    scores = search.cv_results_["mean_test_score"].reshape(len(ACTIVATIONS), len(ARCHITECTURES))
    for hidden, row in zip(ARCHITECTURES, scores.T, strict=True):
        print(f"  {sum(hidden):<14}  " + "".join(f"{score:9.2f}" for score in row))

    best = search.best_estimator_[-1]
    print(f"\nThe best: {best.hidden[0] if best.hidden else 'no'} hidden neurons, {best.activation}")
    print(best.network_.summary())
    print(f"\nIts accuracy on all samples: {search.score(X, y):.2f}")
    fractions = zip(best.classes_, search.predict_proba([[0.5, 0.25]])[0], strict=True)
    print(f"Between the moons, at 0.5, 0.25: {', '.join(f'{name} {fraction:.2f}' for name, fraction in fractions)}")


if __name__ == "__main__":
    main()
