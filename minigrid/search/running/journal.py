"""The journal of a search: the result of each of its stages, in order, so that another process can resume it.

The journal does not store the strategy. minigrid runs the strategy again, and it asks for its stages again. The journal
answers finished stages at no cost, the unfinished stage continues where it was, and later stages are searched. This
works for every strategy, custom ones too, that asks for the same stages when it gets the same answers. If a strategy
asks for another stage than the journal holds, minigrid raises an error.

Four rules make the result of the resumed search equal to that of an uninterrupted one:

- A stage is saved between two steps, when all its counts are consistent.
- A program may be killed again and again. So each process first saves the file soon after its own work begins, and only
  then less and less often. Whenever it is killed, only a part of its work is lost.
- While the journal answers stages, no limit applies, so that a strategy does not stop before everything known.
- After a search was told to stop, the journal does not save what the strategy still does to complete its result,
  because an uninterrupted search would not have done it.
"""

import contextlib
import time
from collections.abc import Generator, Sequence
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
from minigrid.exceptions import CheckpointError, WorkerError
from minigrid.search.candidate import Improvement
from minigrid.search.engines.base import ResumableSearch, Search
from minigrid.search.pace import Pace
from minigrid.search.ranking import Best
from minigrid.search.running.stage import Stage, Tally

_CONTENT = ("finished", "seconds", "history", "done", "running")
_SCORED_AGAIN = 100  # finished stages whose best is scored again in any case; then only one that beats all before it
_ENTRY = ("stage", "engine", "reason", "n_scored", "n_processed", "best", "bound", "seconds", "search")


class CheckpointStore(Protocol):
    """The place where a journal is saved."""

    def describe(self, stage: Stage, top: int) -> dict[str, JSON]:
        """Describe a stage, so that it can be recognised: its name, and a digest of everything that it depends on."""

    def save(self, content: dict[str, JSON]) -> None:
        """Save a journal in place of the earlier one."""


@final
class Entry:
    """One stage in the journal: its progress, and everything needed to resume it.

    What it has depends on how far the stage is:

    - No engine has begun: `engine` is None. If descents found something, it is in `tally` and `found`.
    - All candidates are being scored: `engine` and `reason` are set, and `tally` tells which of them are done.
    - A proof is under way: this process has noted its search, and asks it for its state to save it.
    - An earlier process began a proof: `state` holds it until this process has made a search of it.
    - It is finished: `tally` has processed all.

    Attributes:
        stage: the stage.
        top: how many of the best to keep.
        is_known: whether an earlier process began it.
        engine: the name of the engine that works on it; None if none has begun.
        reason: why it is this engine.
        tally: the progress of the stage.
        found: candidates, as (objective, index), that something other than the engine found.
        state: the state of an earlier process's search, to resume; None if there is none.
        begun_here: when this process began to work on it, after it had read all that an earlier one found.
    """

    def __init__(self, stage: Stage, top: int, identity: JSON, spent: float = 0.0, *, is_known: bool = False) -> None:
        self.stage: Stage = stage
        self.top: int = top
        self.is_known: bool = is_known
        self.engine: str | None = None
        self.reason: str = ""
        self.tally: Tally = Tally()
        self.found: Best = ()
        self.state: JSON = None
        self.begun_here: float = time.perf_counter()
        self._identity = identity
        self._began = time.perf_counter() - spent
        self._search: Search | None = None
        self._is_between_steps = True
        self._earlier = Tally()  # what an earlier process had, which its state belongs to
        self._is_makeshift = False

    @property
    def is_finished(self) -> bool:
        """Whether every candidate of the stage is processed."""
        return self.tally.n_processed == self.stage.n_candidates

    @property
    def still_possible(self) -> float:
        """The best objective that is still possible."""
        if self.is_finished and self.tally.best:  # a proof that was left for scoring leaves a bound that is weaker
            return self.tally.best[0][0]
        return self.stage.problem.scoring.best_possible if self.tally.bound is None else self.tally.bound

    @property
    def seconds(self) -> float:
        """How long the stage has taken so far, in all processes that took part in it."""
        return max(time.perf_counter() - self._began, 0.0)  # some clocks jump back

    def note_engine(self, engine: str, reason: str, search: Search | None = None) -> None:
        """Note which engine works on the stage from now on.

        Args:
            engine: the name of the engine.
            reason: why it is this engine.
            search: the search that it advances; None if it scores candidates.
        """
        self.engine, self.reason, self.state, self._search = engine, reason, None, search
        self.begun_here = time.perf_counter()

    def note(self, tally: Tally) -> None:
        """Note the progress of the stage."""
        self.tally = tally.with_best(self.found, self.top, self.stage.problem.sign)

    def make_do(self, best: Best) -> None:
        """Count one candidate, if there is a best, for the result of a stage that was stopped before it scored any.

        The file does not count it, so that a resumed stage begins with its first candidate.
        """
        self.note(Tally(1, max(self.tally.n_processed, 1), best, self.tally.bound))
        self._is_makeshift = True

    def follow(self, tallies: Generator[Tally, None, None]) -> Generator[Tally, None, None]:
        """Pass tallies on, and note each. Between two tallies, the stage cannot be saved."""
        with contextlib.closing(tallies):
            try:
                self._is_between_steps = False
                for tally in tallies:
                    self.note(tally)
                    self._is_between_steps = True
                    yield tally
                    self._is_between_steps = False
            except WorkerError:  # what was found until then stands
                self._is_between_steps = True
                raise
        self._is_between_steps = True

    def write(self) -> JSON:
        """Return the progress of the stage as data; None in the middle of a step of a search."""
        tally, state, engine, reason = self.tally, self.state, self.engine, self.reason
        if state is not None:  # no engine has taken it over
            tally = self._earlier
        elif self._search is not None and not self.is_finished:
            if not self._is_between_steps:
                return None
            if isinstance(self._search, ResumableSearch):
                # What was under way elsewhere may have been taken back by now, and some of it processed.
                tally, state = Tally.of(self._search, tally.bound), self._search.state()
            else:  # it can only be begun again
                tally, engine, reason = Tally(), None, ""
        elif self._is_makeshift and not self.is_finished:
            tally = Tally(best=tally.best, bound=tally.bound)
        return {
            "stage": self._identity,
            "engine": engine,
            "reason": reason,
            "n_scored": write_int(tally.n_scored),
            "n_processed": write_int(tally.n_processed),
            "best": write_best(tally.best),
            "bound": None if tally.bound is None else write_float(tally.bound),
            "seconds": write_float(self.seconds),
            "search": state,
        }

    @classmethod
    def read(cls, fields: Fields, stage: Stage, top: int, best_before: float | None = None) -> "Entry":
        """Read what `write` wrote, for a stage that a strategy asks for again.

        Args:
            fields: the data.
            stage: the stage.
            top: how many of the best to keep.
            best_before: the best of the stages before it, which a finished stage must beat to be scored once more.
                Default None: it is scored in any case.

        Raises:
            CheckpointError: the entry is damaged, or its best candidate has another objective now.
        """
        problem, most = stage.problem, stage.n_candidates
        where = fields.where("best")
        best = tuple(read_best(fields["best"], where, size=problem.space.size, top=top, sign=problem.sign))
        counts = fields.integer("n_scored", most), fields.integer("n_processed", most)
        is_checked = best and (best_before is None or counts[1] < most or problem.better(best[0][0], best_before))
        if is_checked and problem.objective(problem.space[best[0][1]]) != best[0][0]:
            fix = "Resume it on the computer, with the versions and the code that wrote the file, or use a new file."
            expected = f"the score {best[0][0]!r} for candidate {best[0][1]}"
            raise CheckpointError(message(f"stage {stage.name}", expected, "another score now", fix))
        bound = None if fields["bound"] is None else read_float(fields["bound"], fields.where("bound"))
        if best and bound is not None and problem.better(best[0][0], bound):
            raise damaged(f"bound of stage {stage.name}", f"one that {best[0][0]!r} is not beyond", bound)
        seconds = _read_seconds(fields)
        entry = cls(stage, top, _as_json(fields["stage"], fields.where("stage")), seconds, is_known=True)
        entry.engine = None if fields["engine"] is None else fields.text("engine")
        entry.reason = fields.text("reason")
        entry.tally = entry._earlier = Tally(*counts, best, bound)
        if entry.engine is None:  # descents found it
            entry.found = best[:1]
        entry.state = _as_json(fields["search"], fields.where("search"))
        # More candidates than were scored may be the best: a proof comes across some, and one that gave way left them.
        if not best and not entry.tally.n_scored and entry.is_finished:
            raise damaged(where, "a candidate, or some that were scored, in a stage that is finished", [])
        return entry


@final
class Journal:
    """The results of the finished stages of a search, and the progress of the current one."""

    def __init__(
        self,
        store: CheckpointStore | None = None,
        content: object = None,
        size: int | None = None,
        *,
        pace: Pace | None = None,
    ) -> None:
        """Start a journal, or continue that of an earlier process.

        Args:
            store: the place to save it; None: it is not saved.
            content: the content that the search to resume has saved; None for a new search.
            size: the size of the whole space.
            pace: how often to save it.

        Raises:
            CheckpointError: the content is damaged.
        """
        self._store = store
        self._pace = Pace() if pace is None else pace
        self._done: list[JSON] = []
        self._left: list[object] = []  # of an earlier process, not asked for yet
        self._running: Entry | None = None
        self._n_finished = 0
        self._best_known: float | None = None  # of the stages that were read
        self._began: float | None = None  # when the work of this process began
        self._next = 0.0
        self.finished: bool = False
        self.seconds: float = 0.0
        self.history: list[Improvement] = []
        if content is not None:
            self._read(content, size)
        self._known, self._spent = list(self.history), self.seconds

    def _read(self, content: object, size: int | None) -> None:
        fields = Fields(content, "journal").only(_CONTENT)
        self.finished = fields.flag("finished")
        self.seconds = _read_seconds(fields)
        self.history = [_read_improvement(item, fields.where("history"), size) for item in fields.items("history")]
        self._left = fields.items("done")
        if fields["running"] is not None:
            if self.finished:
                raise damaged(fields.where("running"), "nothing under way in a search that is finished", "a stage")
            self._left = [*self._left, fields["running"]]
        self._n_finished = len(fields.items("done"))

    @property
    def is_replaying(self) -> bool:
        """Whether the strategy has not yet asked for everything in the journal, so that nothing may stop it."""
        return bool(self._left) or self.finished

    def open(self, stage: Stage, top: int) -> Entry:
        """Return the entry of a stage: as an earlier process left it, or a new one.

        Args:
            stage: the stage.
            top: how many of the best to keep.

        Raises:
            CheckpointError: an earlier process had another stage here, or its entry is damaged.
        """
        if self._store is None:
            return Entry(stage, top, None)
        identity = self._store.describe(stage, top)
        if not self._left:
            if self.finished:
                raise _other_stage("no further stage, as the search is finished", stage.name)
            return Entry(stage, top, identity)
        fields = Fields(self._left[0], f"stage {stage.name}").only(_ENTRY)
        kept = Fields(fields["stage"], fields.where("stage")).only(["name", "digest"])
        if kept.text("digest") != identity["digest"]:  # a name says nothing: other versions call some stages otherwise
            earlier = kept.text("name")
            same = earlier == stage.name
            raise _other_stage(earlier, f"{stage.name} on other data or grids" if same else stage.name)
        entry = Entry.read(fields, stage, top, None if len(self._done) < _SCORED_AGAIN else self._best_known)
        best = entry.tally.best
        if best and (self._best_known is None or stage.problem.better(best[0][0], self._best_known)):
            self._best_known = best[0][0]
        if len(self._done) < self._n_finished and not entry.is_finished:
            raise damaged(
                fields.where("n_processed"), "all candidates of a stage that is finished", entry.tally.n_processed
            )
        self._left = self._left[1:]
        if entry.is_finished:
            self._done.append(entry.write())
        return entry

    def begin(self, entry: Entry) -> None:
        """Note that a stage has begun."""
        if self._store is not None:
            self._running = entry

    def note(self, history: Sequence[Improvement], seconds: float) -> None:
        """Note that a step is done, and save the journal if it is time.

        Args:
            history: each improvement so far.
            seconds: the time since the search began, in all processes together.
        """
        if self._running is None:
            return
        self._known, self._spent = list(history), seconds
        if self._began is None:
            self._began = self._running.begun_here
            self._next = self._began + self._pace.save_first
        if time.perf_counter() >= self._next:
            self._save(finished=False)

    def end(self, entry: Entry) -> None:
        """Note that a stage has ended, finished or not."""
        if self._running is entry and entry.is_finished:
            self._done.append(entry.write())
            self._running = None

    def close(self, history: Sequence[Improvement], seconds: float, *, finished: bool) -> None:
        """Save the journal at the end of a search.

        Args:
            history: each improvement.
            seconds: the time since the search began, in all processes together.
            finished: whether the search completed.

        Raises:
            CheckpointError: the strategy did not ask for everything that an earlier process found for it.
        """
        if self._store is None:
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
        """Save the journal when an error ends the search, if its counts are consistent."""
        if self._store is not None and not self.is_replaying and (self._done or self._running):
            self._save(finished=False)

    def _save(self, *, finished: bool) -> None:
        began = time.perf_counter()
        running = None if self._running is None else self._running.write()
        if self._running is not None and running is None:
            return
        assert self._store is not None
        self._store.save(
            {
                "finished": finished,
                "seconds": write_float(self._spent),
                "history": [_write_improvement(improvement) for improvement in self._known],
                "done": list(self._done),
                "running": running,
            }
        )
        ended, pace = time.perf_counter(), self._pace
        cost, searched = ended - began, ended - (ended if self._began is None else self._began)
        early = max(pace.save_growth * searched, cost / pace.save_share_early)
        self._next = ended + min(early, max(pace.save_every, cost / pace.save_share))


def _read_seconds(fields: Fields) -> float:
    seconds = fields.number("seconds")
    if not 0.0 <= seconds < float("inf"):
        raise damaged(fields.where("seconds"), "a time that may have gone by", seconds)
    return seconds


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
    """Accept a parsed value as JSON, because a search checks each field of its state itself."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise damaged(where, "a state or nothing", value)
    return value


def _other_stage(kept: str, asked: str) -> CheckpointError:
    fix = (
        "A strategy must ask for the same stages each time: no clock, no random numbers without a seed. "
        "If its code was changed, use another file."
    )
    return CheckpointError(message("strategy", f"to come to {kept}, as when the checkpoint was written", asked, fix))
