"""Pictures of networks, scores and searches, drawn with matplotlib, which is imported when you draw the first one.

Each display has a classmethod that computes the picture, and a method ``plot`` that draws it, on new axes or on those
that you pass as ``ax=``. As in scikit-learn's displays, ``ax_`` and ``figure_`` are the axes and the figure of the last
drawing.
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
