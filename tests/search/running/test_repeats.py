"""The time that the starts of a search have taken tells how long the others take."""

import re
from pathlib import Path

from minigrid import Callback, Coordinate, Grid, GridSearchTrainer, Network, SearchEvent
from minigrid.datasets import xor
from minigrid.search.running.repeats import Repeats

XOR = xor(40)
NETWORK = Network.dense([2, 2, 1])


class Clock:
    """A clock that is set by hand, in a process that may still take over what another one did."""

    def __init__(self) -> None:
        self.now = 0.0
        self.is_replaying = False
        self.repeats = Repeats(lambda: self.now, is_replaying=lambda: self.is_replaying)


def test_the_others_take_as_long_as_those_that_ended() -> None:
    clock, left = Clock(), list[float | None]()
    for seconds in clock.repeats.over([2.0, 4.0, 30.0]):
        left.append(clock.repeats.seconds_left)
        clock.now += 1.0
        left.append(clock.repeats.seconds_left)
        clock.now += seconds - 1.0
    assert left == [None, None, 4.0, 3.0, 3.0, 2.0]
    assert clock.repeats.seconds_left is None


def test_a_start_that_takes_longer_does_not_end_at_once() -> None:
    clock = Clock()
    starts = clock.repeats.over("abc")
    next(starts)
    clock.now = 2.0
    next(starts)
    clock.now = 22.0
    assert clock.repeats.seconds_left == 5.0 + 2.0
    clock.now = 1.0  # some clocks jump back
    assert clock.repeats.seconds_left == 2.0 + 2.0


def test_what_an_earlier_process_did_tells_nothing() -> None:
    clock = Clock()
    starts = clock.repeats.over("abcd")
    clock.is_replaying = True
    next(starts)
    clock.now = 0.1
    next(starts)
    clock.now, clock.is_replaying = 3.0, False  # in the middle of the second
    next(starts)
    assert clock.repeats.seconds_left is None
    clock.now = 8.0
    next(starts)
    assert clock.repeats.seconds_left == 5.0


def test_parts_that_were_broken_off_tell_nothing_of_others() -> None:
    clock = Clock()
    for _ in clock.repeats.over("abc"):
        clock.now += 2.0
        if clock.repeats.seconds_left is not None:
            break
    next(clock.repeats.over("de"))
    assert clock.repeats.seconds_left is None


def estimates(events: list[SearchEvent], stage: str) -> set[bool]:
    """Tell whether the events of some stages have an estimate."""
    own = [event for event in events if re.match(stage, event.stage)]
    return {event.estimated_seconds_left_in_all is not None for event in own}


def test_a_coordinate_search_estimates_from_its_second_start_on() -> None:
    events: list[SearchEvent] = []
    strategy = Coordinate(block="parameter", restarts=3)
    GridSearchTrainer(Grid.linspace(-2, 2, 5), strategy=strategy, callbacks=[events.append]).fit(NETWORK, *XOR)
    assert estimates(events, "start 1 of 3") == {False}
    assert estimates(events, "start [23] of 3") == {True}
    assert estimates(events, "start at the best") <= {False}
    assert any(str(event).endswith("s left in all") for event in events)


def test_it_estimates_nothing_before_its_last_blocks() -> None:
    events: list[SearchEvent] = []
    strategy = Coordinate(restarts=3)
    GridSearchTrainer(Grid.linspace(-2, 2, 5), strategy=strategy, callbacks=[events.append]).fit(NETWORK, *XOR)
    assert estimates(events, r"start \d of 3, parameter") == {False}
    assert estimates(events, r"start 3 of 3, layer") == {True}


def test_a_search_that_is_resumed_estimates_from_a_start_of_its_own(tmp_path: Path) -> None:
    events: list[SearchEvent] = []

    def fit(*callbacks: Callback) -> str:
        strategy = Coordinate(block="parameter", restarts=4)
        trainer = GridSearchTrainer(Grid.linspace(-2, 2, 5), strategy=strategy, callbacks=[*callbacks, events.append])
        return trainer.fit(NETWORK, *XOR, checkpoint=tmp_path / "search.json").stop_reason

    assert fit(lambda event: event.stage.startswith("start 2 of 4, ")) == "callback"
    events.clear()
    assert fit() == "completed"
    assert estimates(events, r"start [1-3] of 4") == {False}
    assert estimates(events, r"start 4 of 4") == {True}
