"""A callback that keeps what a search told, as little of it as a picture needs."""

import itertools
from typing import final

from minigrid._typing import override
from minigrid.callbacks import SearchEvent

_MOST = 2000


@final
class SearchRecorder:
    """Keeps the events of a search: all at which something changed, and of a long search so many as can be seen.

    What is kept does not grow with the hours: where there are thousands of events, every other one of those at which
    the best did not change is let go.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> recorder = SearchRecorder()
        >>> trainer = GridSearchTrainer(Grid([-1, 0, 1]), callbacks=[recorder])
        >>> result = trainer.fit(Network.dense([1, 1]), [[0.0], [1.0]], [0, 1])
        >>> recorder.events[-1].kind
        'finished'
    """

    def __init__(self) -> None:
        self._events: list[SearchEvent] = []
        self._latest: SearchEvent | None = None
        self._most = _MOST

    @property
    def events(self) -> tuple[SearchEvent, ...]:
        """What was kept, in time."""
        latest = [] if self._latest is None or self._latest in self._events[-1:] else [self._latest]
        return (*self._events, *latest)

    @override
    def __repr__(self) -> str:
        return f"<SearchRecorder of {len(self.events)} events>"

    def __call__(self, event: SearchEvent, /) -> None:
        """Keep an event if it says something new."""
        self._latest = event
        if self._events and _standing(event) == _standing(self._events[-1]):
            return
        self._events.append(event)
        if len(self._events) > self._most:
            self._thin()

    def _thin(self) -> None:
        """Let every other event go at which the best has not changed."""
        kept, is_kept = [self._events[0]], True
        for before, event in itertools.pairwise(self._events):
            is_kept = not is_kept
            if is_kept or event.incumbent != before.incumbent:
                kept.append(event)
        self._events = kept
        self._most = max(_MOST, 2 * len(kept))


def _standing(event: SearchEvent) -> tuple[object, ...]:
    return (event.kind, event.stage, event.incumbent, event.bound, None if event.best is None else event.best.score)
