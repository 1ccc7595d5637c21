"""A callback that keeps what a search told, as little of it as a picture needs."""

from typing import final

from minigrid._base.typing import override
from minigrid.search.events import SearchEvent

_MOST = 2000


@final
class SearchRecorder:
    """Keeps the events of a search: all at which something changed, and of a long search this many as can be seen.

    What is kept does not grow with the hours: where there would be thousands of events, of those at which the best did
    not change every second one is let go, then every fourth, and so on.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> recorder = SearchRecorder()
        >>> trainer = GridSearchTrainer(Grid([-1, 0, 1]), callbacks=[recorder])
        >>> result = trainer.fit(Network.dense([1, 1]), [[0.0], [1.0]], [0, 1])
        >>> recorder.events[-1].kind
        'finished'
    """

    def __init__(self) -> None:
        self._recorded: list[tuple[int, SearchEvent]] = []  # with their numbers among all that said something new
        self._latest: SearchEvent | None = None
        self._count = 0
        self._step = 1
        self._improved: set[int] = set()

    @property
    def events(self) -> tuple[SearchEvent, ...]:
        """What was kept, in time, and the last of all."""
        events = [event for _, event in self._recorded]
        return tuple(events if self._latest is None or self._latest in events[-1:] else [*events, self._latest])

    @override
    def __repr__(self) -> str:
        return f"<SearchRecorder of {len(self.events)} events>"

    def __call__(self, event: SearchEvent, /) -> None:
        """Keep an event if it says something new, and is one of those to be kept."""
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
