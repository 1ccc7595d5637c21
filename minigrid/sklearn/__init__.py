"""Networks as scikit-learn's estimators: in pipelines, in cross-validation, in a grid search over topologies.

Needs scikit-learn 1.6 or newer: ``pip install "minigrid-nn[sklearn]"``.
"""

from minigrid.sklearn.classifier import GridSearchNetworkClassifier
from minigrid.sklearn.regressor import GridSearchNetworkRegressor

__all__ = ["GridSearchNetworkClassifier", "GridSearchNetworkRegressor"]
