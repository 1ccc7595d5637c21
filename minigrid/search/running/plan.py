"""What a search will cost, told before it runs: candidates, engine, seconds, memory."""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from minigrid._base.text import format_count, format_seconds
from minigrid._base.typing import override
from minigrid.exceptions import NoScoreError
from minigrid.search.engines.base import Engine, EngineChoice, seconds_ahead
from minigrid.search.events import SearchEvent
from minigrid.search.limits import Limits
from minigrid.search.problem import Problem
from minigrid.search.running.fallback import Fallback
from minigrid.search.running.runner import Runner

_CALIBRATION_SECONDS = 0.2
_PROOF_SECONDS = 1.0  # a proof is often over by then, and how long one takes is hard to tell before


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Stage:
    """A part of a search: so many candidates of one problem.

    Attributes:
        name: as in events.
        problem: a problem whose candidates cost the same.
        n_candidates: how many will be scored; the most, if it depends on what is found.
        n_least: the fewest, if it does; else None.
        indices: which candidates, or as many of them as it takes to time them; None: all of the problem,
            perhaps several times over.

    Example:
        >>> from minigrid import Accuracy, Grid, Joint, Network, Problem, SearchSpace
        >>> network = Network.dense([1, 1])
        >>> space = SearchSpace(network, Grid([-1, 1]))
        >>> problem = Problem.create(network, space, [[1.0], [-1.0]], [1, 0], Accuracy())
        >>> [(stage.name, stage.n_candidates) for stage in Joint().stages(problem)]
        [('joint', 2)]
    """

    name: str
    problem: Problem
    n_candidates: int
    n_least: int | None = None
    indices: Sequence[int] | None = None


@final
@dataclass(frozen=True, slots=True)
class SearchPlan:
    """What a search will cost.

    Attributes:
        strategy: which strategy, as its repr.
        engine: the name of the engine that will score.
        engine_reason: why it is that one.
        n_candidates: the size of the search space.
        n_to_score: how many candidates will be scored or pruned; the most, if it depends on what is found.
        seconds: expected, from a short timing of the real work, for `n_to_score`; a limit may
            end the search sooner.
        least_seconds: expected if as little has to be scored as possible; most often the same.
        memory: bytes at the peak, at the most, beyond the data and what is loaded already.
        stages: the parts of the search, each with its candidates and seconds.
        is_rough: whether a proof is in it that was not over in a second: `seconds` is then a guess from random looks
            ahead, which may be wrong tenfold and more, and differs from call to call.
        time_limit: seconds after which the search will be ended; None: it will not.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> X, y = [[0.0, 1.0], [1.0, 0.0]], [0, 1]
        >>> plan = GridSearchTrainer(Grid([-1, 0, 1])).plan(Network.dense([2, 1]), X, y)
        >>> plan.n_candidates, plan.engine
        (9, 'batched')
    """

    strategy: str
    engine: str
    engine_reason: str
    n_candidates: int
    n_to_score: int
    seconds: float
    least_seconds: float
    memory: int
    stages: tuple[tuple[str, int, float], ...]
    is_rough: bool = False
    time_limit: float | None = None

    @override
    def __str__(self) -> str:
        is_known = self.least_seconds == self.seconds and not self.is_rough
        time = format_seconds(float(f"{self.seconds:.1g}") if self.is_rough else self.seconds)
        if self.least_seconds != self.seconds:
            time = f"from {format_seconds(self.least_seconds)} to {time}, as it turns out"
        if self.is_rough:
            time = f"very roughly {time} (how long a proof takes shows only on the way)"
        if self.time_limit is not None and self.time_limit < self.seconds:
            time += f", if the time limit of {format_seconds(self.time_limit)} did not end it"
        lines = [
            ("candidates", format_count(self.n_candidates)),
            ("to score", f"{'' if is_known else 'at most '}{format_count(self.n_to_score)}"),
            ("strategy", self.strategy),
            ("engine", f"{self.engine}: {self.engine_reason}"),
            ("expected", f"{time}, at most {self.memory / 2**20:.0f} MiB"),
        ]
        if len(self.stages) > 1:
            for name, count, seconds in self.stages:
                lines.append((f"  {name}", f"{format_count(count)} in {format_seconds(seconds)}"))
        width = max(len(label) for label, _ in lines)
        return "\n".join(f"{label.ljust(width)}  {text}" for label, text in lines)


def make_plan(
    *, strategy: str, engine: Engine, n_candidates: int, stages: Sequence[Stage], limits: Limits, threads: int
) -> SearchPlan:
    """Time a little of each stage and add up what all of it will take."""
    costs = [_cost(engine, stage, limits, threads) for stage in stages]
    choices = {cost.choice.name: cost.choice.reason for cost in costs}
    return SearchPlan(
        strategy=strategy,
        engine=" and ".join(choices),
        engine_reason="; ".join(choices.values()),
        n_candidates=n_candidates,
        n_to_score=sum(cost.n_to_score for cost in costs),
        seconds=sum(cost.seconds for cost in costs),
        least_seconds=sum(_least(stage, cost.seconds) for stage, cost in zip(stages, costs, strict=True)),
        memory=max(cost.memory for cost in costs),
        stages=tuple((stage.name, cost.n_to_score, cost.seconds) for stage, cost in zip(stages, costs, strict=True)),
        is_rough=any(cost.is_rough for cost in costs),
        time_limit=limits.seconds,
    )


@dataclass(frozen=True, slots=True)
class _Cost:
    """What one stage costs."""

    choice: EngineChoice
    n_to_score: int
    seconds: float
    memory: int
    is_rough: bool = False


def _least(stage: Stage, seconds: float) -> float:
    return seconds if stage.n_least is None else seconds * (stage.n_least / stage.n_candidates)


def _cost(engine: Engine, stage: Stage, limits: Limits, threads: int) -> _Cost:
    choice = engine.choose(stage.problem, whole=stage.indices is None)
    memory = engine.memory(stage.problem, min(engine.chunk_size(stage.problem), stage.n_candidates))
    if choice.search is None or limits.max_candidates is not None:
        return _Cost(choice, stage.n_candidates, _seconds_of_scoring(engine, stage), memory * threads)
    repeats = stage.n_candidates / stage.problem.space.size
    search, began = choice.search(1), time.perf_counter()
    while not search.finished and time.perf_counter() - began < _PROOF_SECONDS:
        search.advance()
    seconds = time.perf_counter() - began
    if search.finished:
        return _Cost(choice, search.n_scored * round(repeats), seconds * repeats, memory + search.memory)
    seconds += seconds_ahead(search, seconds)
    planned = Fallback(engine, stage.problem).planned(seconds) if choice.falls_back else seconds
    if planned < seconds:
        reason = f"scoring all is sooner than a proof, which would take very roughly {format_seconds(seconds)}"
        choice = EngineChoice("batched", reason)
        return _Cost(choice, stage.n_candidates, planned * repeats, memory + search.memory)
    return _Cost(choice, stage.n_candidates, seconds * repeats, memory + search.memory, is_rough=True)


def _seconds_of_scoring(engine: Engine, stage: Stage) -> float:
    """Run the stage itself for a moment; its rate when the chunks have found their size is the rate of all."""
    moments = [(0.0, 0)]

    def listen(event: SearchEvent) -> None:
        if event.kind == "progressed":
            moments.append((event.seconds, event.n_settled))

    size = min(stage.n_candidates, stage.problem.space.size if stage.indices is None else len(stage.indices))
    runner = Runner(engine, limits=Limits(seconds=_CALIBRATION_SECONDS), callbacks=[listen])
    with contextlib.suppress(NoScoreError):  # the first candidates may all be NaN; that is the search's to judge
        runner.run(stage.problem, stage=stage.name, indices=stage.indices, top=1, prove=False)
    seconds, settled = moments[-1]
    if settled >= size:
        return seconds * (stage.n_candidates / size)
    middle = max(1, len(moments) // 2) if len(moments) > 2 else 0
    begun, before = moments[middle]
    per_candidate = (seconds - begun) / (settled - before)
    try:
        return seconds + per_candidate * (stage.n_candidates - settled)
    except OverflowError:
        return float("inf")
