"""Find a risk score: whole-number points that separate malignant tumours from benign ones.

Each feature is 1 if it is above its median. The search chooses points from -5 to 5 for at most five features, and
proves that no other choice has a lower log loss. For comparison, the script rounds a logistic regression with five
features.

Run it with: python examples/risk_score.py
It takes about ten seconds, and needs scikit-learn: pip install scikit-learn
"""

from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression

from minigrid import L0, Grid, GridSearchTrainer, LogLoss, Network


def main() -> None:
    """Search, print the scorecard, and compare it with a rounded logistic regression."""
    cancer: Any = load_breast_cancer()
    above = (cancer.data > np.median(cancer.data, axis=0)).astype(float)
    malignant = 1 - cancer.target

    neuron = Network.dense([above.shape[1], 1], bias=True)
    trainer = GridSearchTrainer(
        Grid(range(-5, 6)),
        bias_grid=Grid(range(-20, 21)),
        scoring="log_loss",
        penalty=L0(at_most=5),
    )
    result = trainer.fit(neuron, above, malignant)
    print(result.scorecard(feature_names=[f"{name} above its median" for name in cancer.feature_names]))
    accuracy = np.mean(result.network.predict(above) == malignant)
    print(f"\nlog loss {result.score:.4f}, accuracy {accuracy:.3f}, proven best: {result.optimal}")

    # What is often done by hand: fit, take the five largest weights, fit again, and round.
    first = LogisticRegression(max_iter=10_000).fit(above, malignant)
    chosen = np.sort(np.argsort(-np.abs(first.coef_[0]))[:5])
    again = LogisticRegression(max_iter=10_000).fit(above[:, chosen], malignant)
    weights = np.append(again.coef_[0], again.intercept_)
    rounded = np.zeros(neuron.n_parameters)
    rounded[[*chosen, -1]] = np.round(weights * min(1.0, 5.0 / np.abs(weights[:-1]).max()))
    loss = LogLoss()(malignant, neuron.with_parameters(rounded)(above))
    print(f"a logistic regression's five largest weights, fitted again and rounded: log loss {loss:.4f}")


if __name__ == "__main__":
    main()
