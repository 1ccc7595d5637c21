"""One stage of a search: its candidates scored chunk by chunk, or proven, the best kept, events told.

The best is chosen by score and then by lowest index, and chunks are taken into account in the order of
their candidates: neither the size of a chunk nor who scores it, nor when, can change it (`backend.py`).
"""

import contextlib
from collections import deque
from collections.abc import Sequence
from typing import Literal, final

import numpy as np

from minigrid._base.codec import damaged
from minigrid._base.text import DAY, format_seconds, message
from minigrid._base.typing import JSON
from minigrid.exceptions import CheckpointError, NoScoreError, WorkerError
from minigrid.scoring import BuiltinScoring
from minigrid.search.candidate import Candidate
from minigrid.search.engines.base import EngineChoice, Search, seconds_ahead
from minigrid.search.events import SearchEvent
from minigrid.search.parallel.backend import ScoringJob
from minigrid.search.parallel.chunk_scores import ChunkScores
from minigrid.search.parallel.chunks import Chunks
from minigrid.search.problem import Problem
from minigrid.search.running.account import Account, Found, Role
from minigrid.search.running.fallback import Fallback
from minigrid.search.running.journal import Record

_JUDGED_AFTER = (5.0, 60.0)  # seconds, when it is seen whether a search will end
_LOOK_EVERY = 0.5  # seconds, when it is estimated how long a proof still takes
_LOOK_SHARE = 0.02  # of the time, at the most, that these estimates cost
_LOOKS = 5  # estimates whose median is told: each is rough, and now and then one is a thousand times too large


@final
class StageRun:
    """One run over the candidates of one problem."""

    def __init__(self, runner: Account, problem: Problem, name: str, n_candidates: int, top: int, role: Role) -> None:
        self._runner = runner
        self._problem = problem
        self.name = name
        self._n_candidates = n_candidates
        self.top = top
        self._role = role
        self._n_scored = 0
        self._n_pruned = 0
        self._n_settled = 0
        self._bound: float | None = None
        self._began = runner.seconds
        self._best: list[tuple[float, int]] = []  # score and index, best first
        self._shown: Candidate | None = None  # the best, as events have it
        self._is_proof = False
        self._choice: EngineChoice | None = None
        self._search: Search | None = None
        self._kept: JSON = None  # the state of a search that is to be gone on with
        self.fell_back: bool = False
        self._is_steady = True  # whether all counts belong together
        self._ends: deque[float] = deque(maxlen=_LOOKS)  # when a proof will end, as estimated of late
        self._next_look = self._began + _LOOK_EVERY

    def restore(self, record: Record) -> None:
        """Take over how far an earlier process came with this stage."""
        runner = self._runner
        self._n_scored, self._n_pruned, self._n_settled = record.n_scored, record.n_pruned, record.n_settled
        self._best, self._bound, self._kept = list(record.best), record.bound, record.search
        self._began = runner.seconds - record.seconds
        if self._best and self._bound is not None and self._problem.better(self._best[0][0], self._bound):
            raise damaged(f"bound of stage {self.name}", f"one that {self._best[0][0]!r} is not beyond", self._bound)
        runner.settle(record.n_scored, record.n_pruned)
        if record.engine is not None:
            self._choice = EngineChoice(record.engine, record.reason)
            runner.choices[record.engine] = record.reason
        if self._best and self._role == "space":
            runner.note_improvement(self._problem, *self._best[0])
        if self._best and self._role != "neuron":
            runner.heed_target(self._problem, self._best[0][0])
        if runner.best_score is not None:
            runner.heed_target(self._problem, runner.best_score)

    def begin(self, choice: EngineChoice, *, prove: bool) -> Search | None:
        """Begin, or go on, as an engine has chosen; return the search to follow, or None if all is to be scored.

        Raises:
            CheckpointError: an earlier process began this stage in the other way.
        """
        if self._choice is not None and self._kept is None and choice.falls_back:  # as it had before
            choice = self._choice
        earlier, self._choice = self._choice, choice
        make = choice.search if prove else None
        if earlier is not None and (make is not None) != (self._kept is not None):
            expected = f"to go on as the {earlier.name} engine began ({earlier.reason})"
            mend = "Set or leave out max_candidates as then, or use another file."
            raise CheckpointError(message(f"stage {self.name}", expected, f"{choice.name} ({choice.reason})", mend))
        if make is None and self._n_settled != self._n_scored:
            raise damaged(f"stage {self.name}", "as many settled as scored", self._n_settled)
        if make is None:
            return None
        if self._kept is None or choice.resume is None:
            self._search = make(self.top)
        else:
            search = choice.resume(self.top, self._kept)
            if (search.best, search.n_scored, search.n_settled) != (self._best, self._n_scored, self._n_settled):
                raise damaged(f"stage {self.name}", "a search that came as far as its stage", "another")
            self._search, self._kept = search, None
        return self._search

    def record(self) -> Record | None:
        """Tell how far this stage is, for another process to go on; None between the parts of a step."""
        if not self._is_steady:
            return None
        seconds, choice = self._runner.seconds - self._began, self._choice
        if choice is None:
            return Record(None, "", self._n_scored, self._n_settled, tuple(self._best), self._bound, seconds, None)
        state = self._kept
        if self._search is not None and not self._search.finished:
            self.adopt(self._search)  # what was under way elsewhere was taken back, and some of it settled
            if choice.resume is None:  # it can only be begun again
                return Record(None, "", 0, 0, (), None, seconds, None)
            state = self._search.state()
        counts = self._n_scored, self._n_settled
        return Record(choice.name, choice.reason, *counts, tuple(self._best), self._bound, seconds, state)

    def score_all(self, indices: range | Sequence[int], allowed: int) -> None:
        """Score the first `allowed` candidates, chunk by chunk.

        What is not built in, or is slow, is begun with a single candidate, as that may take any time.
        """
        engine, problem, runner = self._runner.engine, self._problem, self._runner
        if self._n_scored >= allowed:  # in an earlier process
            return
        first, step = 64 if engine.threads and problem.is_builtin else 1, len(problem.space.grids[-1])
        chunks = Chunks(engine.chunk_size(problem), step, allowed, first, start=self._n_scored)
        target = None if self._role == "neuron" else runner.target_score
        stretch = ScoringJob(engine, problem, indices, self.top, target, self.name)
        # In order, so that what was found when a search is stopped does not depend on who scores.
        with contextlib.closing(runner.backend.scores(stretch, chunks, runner.stopped)) as all_scored:
            for scored in all_scored:
                self._merge(chunks, scored)
                if runner.stopped():
                    return

    def follow(self, search: Search) -> None:
        """Advance a search of the whole space until it ends or is stopped."""
        self._is_proof = True
        self._search = search
        runner = self._runner
        falls_back = self._choice is not None and self._choice.falls_back
        rival = Fallback(runner.engine, self._problem) if falls_back else None
        judgements = [seconds for seconds in _JUDGED_AFTER if runner.refusal is not None]
        while not search.finished and (not search.n_scored or not runner.stopped()):
            self._is_steady = False
            lost: WorkerError | None = None
            try:
                search.advance()
            except WorkerError as error:  # what was found until then stands
                lost = error
            self.adopt(search)
            self._is_steady = True
            if lost is not None:
                raise lost
            runner.journal.settled(runner.history, runner.seconds)
            spent = runner.seconds - self._began
            if judgements and spent > judgements[0]:
                judgements.pop(0)
                expected = self._at_least(search, spent)
                if expected > DAY and runner.refusal is not None:
                    raise runner.refusal(expected)
            if runner.has_listeners:
                self._look_ahead(search)
            self.tell("progressed")
            if rival is not None and rival.is_due(spent):
                ahead = seconds_ahead(search, spent)
                if rival.is_sooner(spent, ahead):
                    self._fall_back(ahead)
                    return

    def _at_least(self, search: Search, spent: float) -> float:
        """Estimate how long a proof takes in all: the least of some estimates, as any may be far too large."""
        least = float("inf")
        for _ in range(_LOOKS):
            least = min(least, spent + seconds_ahead(search, spent))
            if least <= DAY:
                break
        return least

    def _fall_back(self, ahead: float) -> None:
        """Begin again, scoring all; what was found stays the best, and what was proven stays proven."""
        runner = self._runner
        self.fell_back, self._is_proof, self._search = True, False, None
        runner.settle(-self._n_scored, -self._n_pruned)
        self._n_scored = self._n_pruned = self._n_settled = 0
        assert self._choice is not None
        runner.choices.pop(self._choice.name, None)
        reason = f"scoring all is sooner than a proof, which would take {format_seconds(ahead)} more"
        self._choice = EngineChoice("batched", reason)
        runner.choices["batched"] = reason

    def adopt(self, search: Search) -> None:
        """Count what a search has settled, and take over its best."""
        runner, better = self._runner, self._problem.better
        pruned = max(search.n_settled - search.n_scored, 0)
        runner.settle(search.n_scored - self._n_scored, pruned - self._n_pruned)
        before = self._best[0] if self._best else None
        self._n_scored, self._n_pruned, self._n_settled = search.n_scored, pruned, search.n_settled
        self._best = list(search.best)
        if self._bound is None or better(self._bound, search.bound):  # what was proven once stays proven
            self._bound = search.bound
        if self._best and self._best[0] != before:
            if self._role == "space":
                runner.note_improvement(self._problem, *self._best[0])
            if self._role != "neuron":
                runner.heed_target(self._problem, self._best[0][0])

    def _merge(self, chunks: Chunks, scored: ChunkScores) -> None:
        chunks.learn(scored.n_candidates, scored.seconds)
        self._n_scored += scored.n_candidates
        self._n_settled += scored.n_candidates
        before = self._best[0] if self._best else None
        sign = -1.0 if self._problem.scoring.greater_is_better else 1.0
        merged = sorted({*self._best, *scored.best}, key=lambda pair: (sign * pair[0], pair[1]))
        self._best = merged[: self.top]
        self._runner.settle(scored.n_candidates)
        if scored.reached:
            self._runner.stop("target_score")
        if self._role == "space" and self._best and self._best[0] != before:
            self._runner.note_improvement(self._problem, *self._best[0])
        self._runner.journal.settled(self._runner.history, self._runner.seconds)
        self.tell("progressed")

    def _look_ahead(self, search: Search) -> None:
        """Estimate now and then when a proof ends: the share that it has settled grows by leaps, and tells little."""
        now = self._runner.seconds
        if now < self._next_look or search.finished:
            return
        self._ends.append(now + seconds_ahead(search, now - self._began))
        spent = self._runner.seconds - now
        self._next_look = now + max(_LOOK_EVERY, spent / _LOOK_SHARE)

    def tell(self, kind: Literal["started", "progressed", "finished"]) -> None:
        """Tell the callbacks how far this stage is."""
        runner = self._runner
        if not runner.has_listeners:
            return
        seconds = runner.seconds
        rate = _ratio(self._n_settled, max(seconds - self._began, 1e-9))
        best = self._best_shown()
        runner.tell(
            SearchEvent(
                kind=kind,
                stage=self.name,
                n_candidates=self._n_candidates,
                n_settled=self._n_settled,
                best=best,
                bound=self._still_possible(),
                incumbent=self._incumbent(),
                seconds=seconds,
                rate=rate,
                estimated_seconds_left=self._seconds_left(seconds, rate),
            )
        )

    def _best_shown(self) -> Candidate | None:
        if self._best and (self._shown is None or (self._shown.score, self._shown.index) != self._best[0]):
            self._shown = self._candidate(*self._best[0])
        return self._shown

    def _incumbent(self) -> float | None:
        known = self._runner.best_score
        if self._role == "neuron" or not self._best:
            return known
        own = self._best[0][0]
        return own if known is None or self._problem.better(own, known) else known

    def _seconds_left(self, seconds: float, rate: float) -> float:
        left = self._n_candidates - self._n_settled
        if self._is_proof and left:
            return max(float(np.median(self._ends)) - seconds, 0.0) if self._ends else float("inf")
        return float("inf") if rate == 0.0 else _ratio(left, rate)

    def _still_possible(self) -> float:
        if self._n_settled == self._n_candidates and self._best:  # a proof that gave way left a bound that is weaker
            return self._best[0][0]
        return self._problem.scoring.best_possible if self._bound is None else self._bound

    def _candidate(self, score: float, index: int) -> Candidate:
        return Candidate(index, self._problem.space[index], score)

    def _blame(self) -> str:
        if isinstance(self._problem.scoring, BuiltinScoring):
            return "The weighted sums overflow: use smaller grid values or scale X."
        return "Mend the scoring; or the weighted sums overflow: use smaller grid values or scale X."

    def found(self) -> Found:
        """The best of this stage."""
        if not self._best and self._n_scored:
            raise NoScoreError(
                f"scoring {self._problem.scoring!r}: expected a number for at least one candidate, got NaN for all "
                f"{self._n_scored:,} that were scored ({self.name}). {self._blame()}"
            )
        best = tuple(self._candidate(*pair) for pair in self._best)
        return Found(best, self._n_scored, self._n_settled == self._n_candidates, self._still_possible())


def _ratio(count: int, rate: float) -> float:
    try:
        return count / rate
    except OverflowError:
        return float("inf")
