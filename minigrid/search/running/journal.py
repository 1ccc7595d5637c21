"""The journal of a search: what each of its stages found, in order, so that another process can go on with it.

A strategy is not written down. It is run again, and asks for its stages again: those that were finished are answered
from the journal, at no cost; the one that was under way goes on where it was; what comes then is searched. That
serves every strategy that asks for the same stages when it is given the same answers, a user's own too. One that
asks for another stage than the journal holds is refused.

What makes the resumed search give what an uninterrupted one gives:

- A stage is written down between two pieces of work, when all that it counts belongs together.
- While stages are answered no limit is heeded, so that a strategy is not told to stop before all that is known.
- Once a search was told to stop, what the strategy still does to round off its result is not written down: it
  would not have done it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, final

from minigrid._base.codec import (
    damaged,
    read_best,
    read_float,
    read_int,
    write_best,
    write_float,
    write_int,
)
from minigrid._base.fields import Fields
from minigrid._base.text import message
from minigrid._base.typing import JSON
from minigrid.exceptions import CheckpointError
from minigrid.search.candidate import Improvement
from minigrid.search.problem import Problem

_EVERY_SECONDS = 5.0
_SHARE = 0.02  # of the time, at the most, that writing costs
_CONTENT = ("finished", "seconds", "history", "done", "running")
_RECORD = ("stage", "engine", "reason", "n_scored", "n_settled", "best", "bound", "seconds", "search")


class CheckpointStore(Protocol):
    """Where a journal is kept."""

    def of_stage(
        self, problem: Problem, stage: str, role: str, top: int, indices: range | Sequence[int] | None
    ) -> dict[str, JSON]:
        """Describe a stage, so that it is known again: its name and a digest of all that it depends on."""

    def save(self, content: dict[str, JSON]) -> None:
        """Write a journal down, in place of the one from before."""


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Asked:
    """A stage that a strategy asks for; see `Runner.run`.

    Attributes:
        problem: what is searched.
        name: what it is called.
        role: what its candidates are.
        top: how many of the best to keep.
        indices: which candidates; None: all.
        n_candidates: how many they are.
    """

    problem: Problem
    name: str
    role: str
    top: int
    indices: range | Sequence[int] | None
    n_candidates: int


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Record:
    """How far a stage is.

    Attributes:
        engine: which one scores; None: it did not come to that.
        reason: why that one.
        n_scored: how many candidates were scored: the first so many, unless there is a search.
        n_settled: how many were scored or proven to be no better.
        best: the best candidates so far as (score, index), best first.
        bound: the best score still possible, if anything was proven.
        seconds: how long the stage took so far.
        search: the state of a search that proves, if it is under way.
    """

    engine: str | None
    reason: str
    n_scored: int
    n_settled: int
    best: tuple[tuple[float, int], ...]
    bound: float | None
    seconds: float
    search: JSON

    @property
    def n_pruned(self) -> int:
        """How many candidates were proven to be no better, as far as is known."""
        return max(self.n_settled - self.n_scored, 0)

    def write(self, stage: JSON) -> JSON:
        """Write it down, with what tells its stage from others."""
        return {
            "stage": stage,
            "engine": self.engine,
            "reason": self.reason,
            "n_scored": write_int(self.n_scored),
            "n_settled": write_int(self.n_settled),
            "best": write_best(self.best),
            "bound": None if self.bound is None else write_float(self.bound),
            "seconds": write_float(self.seconds),
            "search": self.search,
        }

    @classmethod
    def read(cls, fields: Fields, asked: Asked) -> "Record":
        """Read what `write` wrote, of a stage that a strategy asks for again.

        Raises:
            CheckpointError: no such record, or its best candidate has another score now.
        """
        problem, most = asked.problem, asked.n_candidates
        more, where = problem.scoring.greater_is_better, fields.where("best")
        best = read_best(fields["best"], where, size=problem.space.size, top=asked.top, greater_is_better=more)
        if best and problem.score(problem.space[best[0][1]]) != best[0][0]:
            mend = "Go on on the machine, with the versions and with the code that it was written with."
            expected = f"the score {best[0][0]!r} for candidate {best[0][1]} of {asked.name}"
            raise CheckpointError(message("checkpoint", expected, "another one now", mend))
        bound = fields["bound"]
        record = cls(
            engine=None if fields["engine"] is None else fields.text("engine"),
            reason=fields.text("reason"),
            n_scored=fields.integer("n_scored", most),
            n_settled=fields.integer("n_settled", most),
            best=tuple(best),
            bound=None if bound is None else read_float(bound, fields.where("bound")),
            seconds=fields.number("seconds"),
            search=_as_json(fields["search"], fields.where("search")),
        )
        if not 0.0 <= record.seconds < float("inf"):
            raise damaged(fields.where("seconds"), "a time that may have gone by", record.seconds)
        # More candidates than were scored may be the best: a proof comes across some, and one that gave way left them.
        if not best and not record.n_scored and record.n_settled == most:
            raise damaged(where, "a candidate, or some that were scored, in a stage that is finished", best)
        return record


@final
class Journal:
    """What the stages of one search found, as far as they are finished, and how far the present one is."""

    def __init__(self, keeper: CheckpointStore | None = None, content: object = None, size: int | None = None) -> None:
        """Begin.

        Args:
            keeper: where it is kept; None: nowhere, so that nothing is noted.
            content: what `CheckpointStore.save` was given by the search that is to be gone on with; None: a new one.
            size: of the whole space.

        Raises:
            CheckpointError: no such content.
        """
        self._keeper = keeper
        self._done: list[JSON] = []
        self._left: list[object] = []  # of an earlier process, not asked for yet
        self._running: Callable[[], Record | None] | None = None
        self._asked: JSON = None  # what tells the stage that was asked for last from others
        self._stage: JSON = None  # and the one that is under way
        self._n_finished = 0
        self._next = time.perf_counter() + _EVERY_SECONDS
        self.finished: bool = False
        self.seconds: float = 0.0
        self.history: list[Improvement] = []
        if content is not None:
            self._read(content, size)
        self._known, self._spent = list(self.history), self.seconds

    def _read(self, content: object, size: int | None) -> None:
        fields = Fields(content, "journal", _CONTENT)
        self.finished = fields.flag("finished")
        self.seconds = fields.number("seconds")
        if not 0.0 <= self.seconds < float("inf"):
            raise damaged(fields.where("seconds"), "a time that may have gone by", self.seconds)
        self.history = [_read_improvement(item, fields.where("history"), size) for item in fields.items("history")]
        self._left = fields.items("done")
        if fields["running"] is not None:
            if self.finished:
                raise damaged(fields.where("running"), "nothing under way in a search that is finished", "a stage")
            self._left = [*self._left, fields["running"]]
        self._n_finished = len(fields.items("done"))

    @property
    def is_replaying(self) -> bool:
        """Whether a strategy has yet to ask for what was found already; so nothing may stop it."""
        return bool(self._left) or self.finished

    def recall(self, asked: Asked) -> Record | None:
        """Return what is known of a stage; None: nothing, it is new.

        Raises:
            CheckpointError: an earlier process came to another stage here, or its record is damaged.
        """
        if self._keeper is None:
            return None
        stage = self._keeper.of_stage(asked.problem, asked.name, asked.role, asked.top, asked.indices)
        self._asked = stage
        if not self._left:
            if self.finished:
                raise _other_stage("no further stage, as the search is finished", asked.name)
            return None
        fields = Fields(self._left[0], f"stage {asked.name}", _RECORD)
        if fields["stage"] != stage:
            kept = Fields(fields["stage"], fields.where("stage"), ("name", "digest"))
            same = kept.text("name") == asked.name
            raise _other_stage(kept.text("name"), f"{asked.name} on other data or grids" if same else asked.name)
        record = Record.read(fields, asked)
        if len(self._done) < self._n_finished and record.n_settled != asked.n_candidates:
            raise damaged(fields.where("n_settled"), "all candidates of a stage that is finished", record.n_settled)
        self._left = self._left[1:]
        if record.n_settled == asked.n_candidates:
            self._done.append(record.write(stage))
        return record

    def begin(self, record: Callable[[], Record | None]) -> None:
        """Note that the stage that was asked for last is under way.

        Args:
            record: tells at any time how far it is; None: just then its counts do not belong together.
        """
        if self._keeper is not None:
            self._running, self._stage = record, self._asked

    def settled(self, history: Sequence[Improvement], seconds: float) -> None:
        """Note that a piece of work is done, and write all down if it is time.

        Args:
            history: each improvement so far.
            seconds: since the search began, in all processes together.
        """
        if self._running is None:
            return
        self._known, self._spent = list(history), seconds
        if time.perf_counter() >= self._next:
            self._save(finished=False)

    def end(self, asked: Asked) -> None:
        """Note that the stage under way has ended, finished or not."""
        record = None if self._running is None else self._running()
        if record is not None and record.n_settled == asked.n_candidates:
            self._done.append(record.write(self._stage))
            self._running = None

    def close(self, history: Sequence[Improvement], seconds: float, *, finished: bool) -> None:
        """Write all down at the end of a search.

        Args:
            history: each improvement.
            seconds: since the search began, in all processes together.
            finished: whether it came to its own end.

        Raises:
            CheckpointError: the strategy did not ask for all that an earlier process found for it.
        """
        if self._keeper is None:
            return
        if self._left:
            raise _other_stage("a further stage", "the end of the search")
        if self.finished:
            return
        if finished:
            self._known, self._running = list(history), None
        self._spent = seconds
        self._save(finished=finished)

    def rescue(self) -> None:
        """Write down what there is as an error ends the search, if its counts belong together."""
        if self._keeper is not None and not self.is_replaying and (self._done or self._running):
            self._save(finished=False)

    def _save(self, *, finished: bool) -> None:
        began = time.perf_counter()
        running: JSON = None
        if self._running is not None:
            record = self._running()
            if record is None:
                return
            running = record.write(self._stage)
        assert self._keeper is not None
        self._keeper.save(
            {
                "finished": finished,
                "seconds": write_float(self._spent),
                "history": [_write_improvement(improvement) for improvement in self._known],
                "done": list(self._done),
                "running": running,
            }
        )
        ended = time.perf_counter()
        self._next = ended + max(_EVERY_SECONDS, (ended - began) / _SHARE)


def _write_improvement(improvement: Improvement) -> JSON:
    index = None if improvement.index is None else write_int(improvement.index)
    return [write_float(improvement.seconds), write_int(improvement.n_scored), write_float(improvement.score), index]


def _read_improvement(value: object, where: str, size: int | None) -> Improvement:
    if not isinstance(value, list) or len(value) != 4:
        raise damaged(where, "seconds, count, score and index", value)
    seconds, n_scored, score, index = value
    most = None if size is None else size - 1
    return Improvement(
        read_float(seconds, where),
        read_int(n_scored, where),
        read_float(score, where),
        None if index is None else read_int(index, where, most),
    )


def _as_json(value: object, where: str) -> JSON:
    """Take what a parser made as JSON: a search looks at each field of its state itself."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise damaged(where, "a state or nothing", value)
    return value


def _other_stage(kept: str, asked: str) -> CheckpointError:
    mend = (
        "A strategy must ask for the same stages each time: no clock, no random numbers without a seed. "
        "If its code was changed, use another file."
    )
    return CheckpointError(message("strategy", f"to come to {kept}, as when the checkpoint was written", asked, mend))
