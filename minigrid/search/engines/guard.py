"""Checks of what custom engines return: an error names each value that has the wrong type.

The plain loop scores the winner once more.
"""

from typing import cast, final

import numpy as np

from minigrid._base.arrays import is_float64
from minigrid._base.text import describe, message, shown
from minigrid._base.typing import FloatArray, IntArray, override
from minigrid.exceptions import EngineError
from minigrid.search.engines.base import (
    DivisibleSearch,
    Engine,
    EnginePair,
    OpenWork,
    Prover,
    Scorer,
    Search,
    Unprovable,
)
from minigrid.search.problem import Problem
from minigrid.search.ranking import Best

_MEMBERS = ("best", "n_processed", "n_scored", "bound", "finished", "steps", "steps_ahead", "memory", "advance")


@final
class CheckedScorer(Scorer):
    """Passes everything on to a custom scorer, and checks what it returns.

    Args:
        scorer: a custom scorer.

    Raises:
        EngineError: its `name` is not text, or its `threads` is neither True nor False.
    """

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self.name: str = _checked_name(scorer)
        self.threads: bool = _checked_threads(scorer)

    @override
    def __repr__(self) -> str:
        return shown(self._scorer)

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        scores: object = self._scorer.score(problem, digits)
        if is_float64(scores, (len(digits),)):
            return scores
        expected = f"a float64 array of shape ({len(digits)},), one score a candidate"
        raise _wrong(
            self._scorer, "score", expected, scores, "Score the candidates in the order of the rows of digits."
        )

    @override
    def chunk_size(self, problem: Problem) -> int:
        return self._count("chunk_size", self._scorer.chunk_size(problem), 1)

    @override
    def memory(self, problem: Problem, n_candidates: int) -> int:
        return self._count("memory", self._scorer.memory(problem, n_candidates), 0)

    def _count(self, what: str, count: object, minimum: int) -> int:
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < minimum:
            fix = "Round it: int(...), with // instead of /."
            raise _wrong(self._scorer, what, f"a whole number of at least {minimum}", count, fix)
        return int(count)


@final
class CheckedProver(Prover):
    """Passes problems on to a custom prover, and checks what it returns.

    Args:
        prover: a custom prover.

    Raises:
        EngineError: its `name` or `reason` is not text, its `threads` or `falls_back` is neither True nor False, or its
            `scorer` is not a Scorer.
    """

    def __init__(self, prover: Prover) -> None:
        self._prover = prover
        self.name: str = _checked_name(prover)
        self.threads: bool = _checked_threads(prover)
        reason, falls_back = cast(object, prover.reason), cast(object, prover.falls_back)
        scorer = cast(object, prover.scorer)
        if not isinstance(reason, str):
            raise _wrong(prover, "reason", "text", reason, "Say why it proves, such as 'asked for'.")
        if not isinstance(falls_back, bool | np.bool_):
            fix = "Set falls_back = True only where scoring every candidate may take a proof's place."
            raise _wrong(prover, "falls_back", "True or False", falls_back, fix)
        if scorer is not None and not isinstance(scorer, Scorer):
            raise _wrong(prover, "scorer", "a Scorer, or None", scorer, "Leave it out: the batched engine scores then.")
        self.reason: str = reason
        self.falls_back: bool = bool(falls_back)
        self.scorer: Scorer | None = None if scorer is None else CheckedScorer(scorer)

    @override
    def __repr__(self) -> str:
        return shown(self._prover)

    @override
    def search(self, problem: Problem, *, top: int) -> Search | Unprovable:
        answer: object = self._prover.search(problem, top=top)
        if isinstance(answer, Unprovable):
            if not isinstance(cast(object, answer.reason), str):
                fix = "Return Unprovable('why there is no proof')."
                raise _wrong(self._prover, "search(...).reason", "text", answer.reason, fix)
            return answer
        missing = [name for name in _MEMBERS if not hasattr(answer, name)]
        if missing:
            fix = f"Define {', '.join(missing)}, see minigrid.Search; or return Unprovable('why')."
            raise _wrong(self._prover, "search", "a Search, with all its members", answer, fix)
        return cast(Search, answer)

    def check(self, search: Search, problem: Problem) -> None:
        """Check all attributes of a search.

        Raises:
            EngineError: an attribute has the wrong type.
        """
        size = problem.space.size
        self._check_best(search.best, size)
        for name, count, most in (
            ("n_processed", search.n_processed, size),
            ("n_scored", search.n_scored, size),
            ("steps", search.steps, None),
            ("memory", search.memory, None),
        ):
            self._check_count(name, count, most)
        self.check_number("bound", search.bound)
        finished: object = search.finished
        if not isinstance(finished, bool | np.bool_):
            raise self._wrong("finished", "True or False", finished, "Return n_processed == space.size.")
        if finished and search.n_processed != size:
            fix = "Say that it has finished once every candidate is scored or proven to be no better."
            raise self._wrong("n_processed", f"{size} once it has finished", search.n_processed, fix)

    def _check_best(self, best: object, size: int) -> None:
        expected = "a list of pairs (objective, index), best first"
        if not isinstance(best, list):
            raise self._wrong("best", expected, best, "Return a list.")
        for pair in cast(list[object], best):
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise self._wrong("best", expected, pair, "Return tuples of a float and an int.")
            objective, index = pair
            if not isinstance(objective, float) or np.isnan(objective):
                raise self._wrong("best", f"{expected}; an objective as a float", objective, "Leave out what is NaN.")
            if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < size:
                fix = "Return the position in the space: space.index_at(digits)."
                raise self._wrong("best", f"{expected}; an index below {size}", index, fix)

    def _check_count(self, name: str, count: object, most: int | None) -> None:
        if isinstance(count, bool) or not isinstance(count, int) or count < 0 or (most is not None and count > most):
            limit = "" if most is None else f" to {most}"
            raise self._wrong(name, f"a whole number from 0{limit}", count, "Count as an int.")

    def check_number(self, name: str, number: object) -> None:
        """Check a number that a search returned.

        Raises:
            EngineError: it is not a number, or NaN.
        """
        if isinstance(number, bool) or not isinstance(number, int | float) or np.isnan(number):
            raise self._wrong(name, "a number, not NaN", number, "Return a float, infinite if unknown.")

    def _wrong(self, member: str, expected: str, got: object, fix: str) -> EngineError:
        return _wrong(self._prover, f"search.{member}", expected, got, fix)


def check_search(engines: EnginePair, search: Search, problem: Problem) -> None:
    """Check the attributes of a search, if a custom prover began it.

    Raises:
        EngineError: an attribute has the wrong type.
    """
    if isinstance(engines.prover, CheckedProver):
        engines.prover.check(search, problem)


def check_best(engines: EnginePair, best: Best, problem: Problem) -> None:
    """Score the best candidate of a custom prover once more, as the plain loop does.

    Raises:
        EngineError: its objective differs.
    """
    if not isinstance(engines.prover, CheckedProver) or not best:
        return
    parameters = problem.space[best[0][1]]
    objective = problem.objective(parameters)
    if objective != best[0][0]:
        raise wrong_objective(f"engine {engines.prover!r}", best[0][0], objective, parameters)


def wrong_objective(
    who: str, claimed: float, objective: float, parameters: FloatArray, *, is_of_scorer: bool = False
) -> EngineError:
    """Build the error for a best candidate whose objective differs."""
    expected = f"{objective!r} for the parameters {parameters.tolist()}, as the plain loop scores them"
    fix = "Give the score of the whole network, bit for bit: problem.objective(parameters)."
    if is_of_scorer:
        fix = "Give the score of the whole network without the penalty, bit for bit: problem.score(parameters)."
    return EngineError(message(f"score of the best of {who}", expected, f"{claimed!r}", fix))


def as_divisible(engines: EnginePair, search: object) -> DivisibleSearch[OpenWork, OpenWork]:
    """Return a prover's answer in a worker, if it is a divisible search, as it is in the process that searches.

    Raises:
        EngineError: it is something else.
    """
    if isinstance(search, DivisibleSearch):
        return search
    fix = "Let search(problem, top=...) depend on its arguments alone."
    engine = engines.prover or engines.scorer
    raise _wrong(engine, "search in a worker", "a DivisibleSearch, as in the searching process", search, fix)


def as_open_work(engine: str, solved: object) -> OpenWork:
    """Return the result of a subproblem.

    Raises:
        EngineError: the result does not tell how much work is left.
    """
    if isinstance(solved, OpenWork):
        return solved
    fix = "Return what is left of it, with n_open, the number of its units."
    raise EngineError(message(f"search.solve of {engine}", "what came of a subproblem", describe(solved), fix))


def steps_ahead(engines: EnginePair, search: Search) -> float:
    """Ask a search how many steps are left.

    Raises:
        EngineError: a custom search does not return a number.
    """
    steps = search.steps_ahead()
    if isinstance(engines.prover, CheckedProver):
        engines.prover.check_number("steps_ahead", steps)
    return float(steps)


def _checked_name(engine: Engine) -> str:
    name: object = engine.name
    if not isinstance(name, str) or not name:
        raise _wrong(engine, "name", "a name as text", name, "Set name = 'my_engine' in the class.")
    return name


def _checked_threads(engine: Engine) -> bool:
    threads: object = engine.threads
    if not isinstance(threads, bool | np.bool_):
        fix = "Set threads = True only where several threads may use it at once."
        raise _wrong(engine, "threads", "True or False", threads, fix)
    return bool(threads)


def _wrong(engine: Engine, what: str, expected: str, got: object, fix: str) -> EngineError:
    return EngineError(message(f"{what} of engine {shown(engine)}", expected, describe(got), fix))
