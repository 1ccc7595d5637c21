"""Scorings: they turn outputs and targets into one number, the score. Penalties are here, too."""

from minigrid.scoring.base import Scoring as Scoring
from minigrid.scoring.base import unequal_lengths as unequal_lengths
from minigrid.scoring.builtin import BuiltinScoring as BuiltinScoring
from minigrid.scoring.constant import constant_score as constant_score
from minigrid.scoring.direction import warn_if_doubtful as warn_if_doubtful
from minigrid.scoring.function import FunctionScoring as FunctionScoring
from minigrid.scoring.function import ScoreBounds as ScoreBounds
from minigrid.scoring.function import ScoreFunction as ScoreFunction
from minigrid.scoring.function import as_scoring as as_scoring
from minigrid.scoring.guard import *  # noqa: F403  # their __all__ lists them, once for all
from minigrid.scoring.labels import *  # noqa: F403
from minigrid.scoring.losses import *  # noqa: F403
from minigrid.scoring.pairing import UNPAIRED_FIX as UNPAIRED_FIX
from minigrid.scoring.pairing import are_alike as are_alike
from minigrid.scoring.penalty import *  # noqa: F403
