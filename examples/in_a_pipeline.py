"""Networks in scikit-learn: how many neurons does it take to tell two half moons apart?

Cross-validation answers. Each candidate topology, with each activation, is searched on a part of the data and judged
on the rest; the best is then searched on all of them. Needs scikit-learn: `pip install ".[sklearn]"`.

Run it with `python examples/in_a_pipeline.py`.
"""

import numpy as np
from sklearn.datasets import make_moons
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from minigrid.sklearn import GridSearchNetworkClassifier

TOPOLOGIES = [(), (1,), (2,), (3,), (4,)]
ACTIVATIONS = ["sigmoid", "tanh", "relu"]


def main() -> None:
    X, positions = make_moons(n_samples=200, noise=0.2, random_state=2024)
    y = np.array(["upper", "lower"])[positions]
    model = make_pipeline(StandardScaler(), GridSearchNetworkClassifier())
    choices = {
        "gridsearchnetworkclassifier__hidden": TOPOLOGIES,
        "gridsearchnetworkclassifier__activation": ACTIVATIONS,
    }
    search = GridSearchCV(model, choices, cv=4).fit(X, y)

    print("Two half moons, 200 samples: mean accuracy on the quarter that a network has not seen\n")
    print("  hidden neurons  " + "".join(f"{name:>9}" for name in ACTIVATIONS))
    scores = search.cv_results_["mean_test_score"].reshape(len(ACTIVATIONS), len(TOPOLOGIES))
    for hidden, row in zip(TOPOLOGIES, scores.T, strict=True):
        print(f"  {sum(hidden):<14}  " + "".join(f"{score:9.2f}" for score in row))

    best = search.best_estimator_[-1]
    print(f"\nThe best: {best.hidden[0] if best.hidden else 'no'} hidden neurons, {best.activation}")
    print(best.network_.summary())
    print(f"\nIts accuracy on all samples: {search.score(X, y):.2f}")
    shares = zip(best.classes_, search.predict_proba([[0.5, 0.25]])[0], strict=True)
    print(f"Between the moons, at 0.5, 0.25: {', '.join(f'{name} {share:.2f}' for name, share in shares)}")


if __name__ == "__main__":
    main()
