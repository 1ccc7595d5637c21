"""Trainers that check their clock, checkpoint or log very often, so that tests take only a moment."""

import math
from dataclasses import replace
from typing import Any

from minigrid import Grid, GridSearchTrainer
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.pace import Pace

HASTY = Pace(save_first=0.0, save_every=0.0, save_share=1e9)
"""Writes a checkpoint after every step."""

SMALL_CHUNKS = Pace(most_growth=4.0, event_every=math.inf)
"""Lets chunks grow slowly, and sends no events within a step, so that a search stops at the end of one."""

AT_ONCE = Pace(alone=0.0, wait_first=math.inf, wait=math.inf)
"""Hands out searches of a moment, too, and waits for workers however long they take."""

IN_PIECES = replace(AT_ONCE, sent=0.0, sent_of_little=0.0, most_chunks=2, first_units=50, least_units=3)
"""The same, in many small pieces."""


def paced(trainer: GridSearchTrainer, pace: Pace | None = None, **changes: Any) -> GridSearchTrainer:
    """Give a trainer another pace, or the usual one with some changes."""
    trainer._pace = replace(Pace() if pace is None else pace, **changes)
    return trainer


def small_steps(grid: Grid, *, engine: Any = "auto", pace: Pace = SMALL_CHUNKS, **arguments: Any) -> GridSearchTrainer:
    """Make a trainer whose chunks stay small and whose proofs take small steps: there are many places to stop."""
    engines: dict[str, Any] = {
        "exact": ExactEngine(smallest_batch=2),
        "auto": ExactEngine(eager=False, smallest_batch=2),
    }
    made = engines.get(engine, engine) if isinstance(engine, str) else engine
    return paced(GridSearchTrainer(grid, engine=made, **arguments), pace)
