"""Networks as scikit-learn estimators, for pipelines, cross-validation, and a grid search over architectures.

Needs scikit-learn 1.6 or newer: ``pip install scikit-learn``.
"""

from minigrid.sklearn.classifier import GridSearchNetworkClassifier
from minigrid.sklearn.regressor import GridSearchNetworkRegressor

__all__ = ["GridSearchNetworkClassifier", "GridSearchNetworkRegressor"]
