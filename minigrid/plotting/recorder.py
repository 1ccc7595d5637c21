"""A callback that records the events of a search, only as many as a picture needs."""

from typing import final

from minigrid._base.typing import override
from minigrid.search.events import SearchEvent

_MOST = 2000


@final
class SearchRecorder:
    """Records the events of a search at which something changed.

    Its memory stays bounded however long the search takes. When there are thousands of events, it keeps every second
    of those at which the best did not change, later every fourth, and so on.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> recorder = SearchRecorder()
        >>> trainer = GridSearchTrainer(Grid([-1, 0, 1]), callbacks=[recorder])
        >>> result = trainer.fit(Network.dense([1, 1]), [[0.0], [1.0]], [0, 1])
        >>> recorder.events[-1].kind
        'finished'
    """

    def __init__(self) -> None:
        self._recorded: list[tuple[int, SearchEvent]] = []  # each with its number among all events with news
        self._latest: SearchEvent | None = None
        self._count = 0
        self._step = 1
        self._improved: set[int] = set()

    @property
    def events(self) -> tuple[SearchEvent, ...]:
        """The recorded events in order, and the latest one."""
        events = [event for _, event in self._recorded]
        return tuple(events if self._latest is None or self._latest in events[-1:] else [*events, self._latest])

    @override
    def __repr__(self) -> str:
        return f"<SearchRecorder of {len(self.events)} events>"

    def __call__(self, event: SearchEvent, /) -> None:
        """Record an event if it has news, and is not one of those to thin out."""
        before, self._latest = self._latest, event
        if before is not None and _standing(event) == _standing(before):
            return
        number, self._count = self._count, self._count + 1
        if before is None or event.incumbent != before.incumbent:
            self._improved.add(number)
        if not self._is_recorded(number):
            return
        self._recorded.append((number, event))
        while len(self._recorded) > max(_MOST, 2 * len(self._improved)):
            self._step *= 2
            self._recorded = [pair for pair in self._recorded if self._is_recorded(pair[0])]

    def _is_recorded(self, number: int) -> bool:
        return number % self._step == 0 or number in self._improved


def _standing(event: SearchEvent) -> tuple[object, ...]:
    return (event.kind, event.stage, event.incumbent, event.bound, None if event.best is None else event.best.score)
