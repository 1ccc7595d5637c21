"""An engine of a user's own, with what it returns looked at: each thing that is of another kind is an error by name.

Scores themselves are looked at where they are used (`chunk_scores.py`), for every engine.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import cast, final

import numpy as np

from minigrid._base.text import describe, message, shown
from minigrid._base.typing import JSON, FloatArray, IntArray, override
from minigrid.exceptions import EngineError
from minigrid.search.engines.base import Engine, EngineChoice, Search
from minigrid.search.problem import Problem


@final
class CheckedEngine(Engine):
    """Passes everything on to an engine, and looks at what comes back.

    Args:
        engine: a user's own.

    Raises:
        EngineError: its `name` is no text, or its `threads` neither True nor False.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        name, threads = cast(object, engine.name), cast(object, engine.threads)
        if not isinstance(name, str) or not name:
            raise self._wrong("name", "a name as text", name, "Set name = 'my_engine' in the class.")
        if not isinstance(threads, bool | np.bool_):
            mend = "Set threads = True only where score may be called on several threads at once."
            raise self._wrong("threads", "True or False", threads, mend)
        self.name: str = name
        self.threads: bool = bool(threads)

    @override
    def __repr__(self) -> str:
        return shown(self._engine)

    @override
    def choose(self, problem: Problem, *, whole: bool = True) -> EngineChoice:
        choice: object = self._engine.choose(problem, whole=whole)
        mend = "Return EngineChoice(self.name, 'why') or, with a search, EngineChoice(self.name, 'why', search)."
        if not isinstance(choice, EngineChoice):
            raise self._wrong("choose", "an EngineChoice", choice, mend)
        for part, text in (("name", choice.name), ("reason", choice.reason)):
            if not isinstance(cast(object, text), str):
                raise self._wrong(f"choose(...).{part}", "text", text, mend)
        begin = choice.search
        if begin is None:
            return choice
        if not callable(begin):
            raise self._wrong("choose(...).search", "a function of top that returns a Search, or None", begin, mend)
        resume = choice.resume
        if not (resume is None or callable(resume)):
            raise self._wrong("choose(...).resume", "a function of top and a state, or None", resume, mend)
        members = _MEMBERS if resume is None else (*_MEMBERS, "state")
        return dataclasses.replace(
            choice,
            search=lambda top: self._checked(begin(top), problem, members),
            resume=None if resume is None else lambda top, state: self._checked(resume(top, state), problem, members),
        )

    def _checked(self, search: object, problem: Problem, members: Sequence[str]) -> Search:
        missing = [name for name in members if not hasattr(search, name)]
        if missing:
            mend = f"Define {', '.join(missing)}, see minigrid/search/engines/base.py."
            raise self._wrong("choose(...).search", "a Search, with all its members", search, mend)
        return CheckedSearch(cast(Search, search), self._wrong, problem)

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        return self._engine.score(problem, digits)

    @override
    def chunk_size(self, problem: Problem) -> int:
        return self._count("chunk_size", self._engine.chunk_size(problem), 1)

    @override
    def memory(self, problem: Problem, n_candidates: int) -> int:
        return self._count("memory", self._engine.memory(problem, n_candidates), 0)

    def _count(self, what: str, count: object, minimum: int) -> int:
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < minimum:
            mend = "Round it: int(...), with // instead of /."
            raise self._wrong(what, f"a whole number of at least {minimum}", count, mend)
        return int(count)

    def _wrong(self, what: str, expected: str, got: object, mend: str) -> EngineError:
        return EngineError(message(f"{what} of engine {shown(self._engine)}", expected, describe(got), mend))


_MEMBERS = ("best", "n_settled", "n_scored", "bound", "finished", "steps", "steps_ahead", "memory", "advance")


@final
class CheckedSearch:
    """Passes everything on to a search, and looks at what comes back.

    Args:
        search: that of a user's own engine.
        wrong: makes the error for a member: what it is, what was expected, what came, the mend.
        problem: what is searched.
    """

    def __init__(self, search: Search, wrong: Callable[[str, str, object, str], EngineError], problem: Problem) -> None:
        self._search = search
        self._wrong = wrong
        self._size = problem.space.size

    @property
    def best(self) -> list[tuple[float, int]]:
        """The best candidates so far."""
        best: object = self._search.best
        expected = "a list of pairs (score, index), best first"
        if not isinstance(best, list):
            raise self._wrong("search.best", expected, best, "Return a list.")
        for pair in cast(list[object], best):
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise self._wrong("search.best", expected, pair, "Return tuples of a float and an int.")
            score, index = pair
            if not isinstance(score, float) or np.isnan(score):
                raise self._wrong("search.best", f"{expected}; a score as a float", score, "Leave out what is NaN.")
            if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < self._size:
                mend = "Return the place in the space: space.index_at(digits)."
                raise self._wrong("search.best", f"{expected}; an index below {self._size}", index, mend)
        return cast(list[tuple[float, int]], best)

    @property
    def n_settled(self) -> int:
        """How many candidates are scored or proven to be no better."""
        return self._count("n_settled", self._search.n_settled, self._size)

    @property
    def n_scored(self) -> int:
        """How many are scored."""
        return self._count("n_scored", self._search.n_scored, self._size)

    @property
    def bound(self) -> float:
        """The best score that is still possible."""
        return self._number("bound", self._search.bound)

    @property
    def finished(self) -> bool:
        """Whether every candidate is settled."""
        finished: object = self._search.finished
        if not isinstance(finished, bool | np.bool_):
            raise self._wrong("search.finished", "True or False", finished, "Return n_settled == space.size.")
        if finished and self.n_settled != self._size:
            mend = "Say that it has finished once every candidate is scored or proven to be no better."
            raise self._wrong("search.n_settled", f"{self._size} once it has finished", self.n_settled, mend)
        return bool(finished)

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return self._count("steps", self._search.steps)

    def steps_ahead(self) -> float:
        """How many steps are left."""
        return self._number("steps_ahead", self._search.steps_ahead())

    @property
    def memory(self) -> int:
        """How many bytes it needs."""
        return self._count("memory", self._search.memory)

    def state(self) -> JSON:
        """How far it is."""
        return self._search.state()

    def advance(self) -> None:
        """Take some steps."""
        self._search.advance()

    def _count(self, name: str, count: object, most: int | None = None) -> int:
        if isinstance(count, bool) or not isinstance(count, int) or count < 0 or (most is not None and count > most):
            limit = "" if most is None else f" to {most}"
            raise self._wrong(f"search.{name}", f"a whole number from 0{limit}", count, "Count as an int.")
        return count

    def _number(self, name: str, number: object) -> float:
        if isinstance(number, bool) or not isinstance(number, int | float) or np.isnan(number):
            raise self._wrong(f"search.{name}", "a number, not NaN", number, "Return a float, infinite if unknown.")
        return float(number)
