"""Pictures of networks, scores and searches, by matplotlib (the extra ``plot``), which is loaded when one is drawn.

Each display has a classmethod that computes what is to be seen, and ``plot``, which draws it: on new axes, or on
those given as ``ax=``. What was drawn on is kept as ``ax_`` and ``figure_``, as scikit-learn's displays do.
"""

from minigrid.plotting.activations import ActivationsDisplay
from minigrid.plotting.boundary import DecisionBoundaryDisplay
from minigrid.plotting.curve import ScoreCurveDisplay
from minigrid.plotting.drawing import Display
from minigrid.plotting.history import SearchHistoryDisplay
from minigrid.plotting.landscape import ScoreLandscapeDisplay
from minigrid.plotting.near_best import NearBestDisplay
from minigrid.plotting.recorder import SearchRecorder
from minigrid.plotting.strategies import StrategiesDisplay

__all__ = [
    "ActivationsDisplay",
    "DecisionBoundaryDisplay",
    "Display",
    "NearBestDisplay",
    "ScoreCurveDisplay",
    "ScoreLandscapeDisplay",
    "SearchHistoryDisplay",
    "SearchRecorder",
    "StrategiesDisplay",
]
