"""`check_engine` accepts engines that give the plain loop's answer, and explains what is wrong with others."""

from dataclasses import dataclass, field
from typing import Any, final

import numpy as np
import pytest
from typing_extensions import override

from minigrid import (
    L1,
    Accuracy,
    EngineError,
    Grid,
    GridSearchTrainer,
    InvalidTypeError,
    MeanSquaredError,
    Network,
    Problem,
    Prover,
    Scorer,
    SearchSpace,
    Unprovable,
)
from minigrid._base.typing import FloatArray, IntArray
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.engines.reference import ReferenceEngine
from minigrid.search.ranking import best_of
from minigrid.testing import check_engine

X = np.random.default_rng(0).integers(-3, 4, size=(9, 2)) / 2.0
NETWORK = Network.dense([2, 1])
SPACE = SearchSpace(NETWORK, Grid.linspace(-2, 2, 5))
PROBLEMS = [
    Problem.create(NETWORK, SPACE, X, np.arange(9) % 2, scoring) for scoring in (Accuracy(), MeanSquaredError())
]
_STEP = 5


@final
@dataclass(frozen=True)
class Part:
    """Candidates that are still to be scored, and those that were."""

    indices: list[int]
    found: list[tuple[float, int]] = field(default_factory=list)

    @property
    def n_open(self) -> int:
        return len(self.indices)


@final
class InOrder:
    """A search that scores candidates in order, with one fault."""

    def __init__(self, problem: Problem, top: int, fault: str) -> None:
        self._problem, self._top, self._fault = problem, top, fault
        self._open, self._found = list(range(problem.space.size)), list[tuple[float, int]]()
        self.steps = self.memory = self.n_away = 0

    @property
    def best(self) -> list[tuple[float, int]]:
        found = best_of(self._found, self._top, self._problem.sign)
        if self._fault == "ties":
            return [(score, max(k for other, k in self._found if other == score)) for score, _ in found[:1]]
        return list(found)

    @property
    def n_scored(self) -> int:
        return len(self._found)

    @property
    def n_processed(self) -> int:
        return 0 if self._fault == "count" and self.steps == 3 else self._problem.space.size - self.n_open - self.n_away

    @property
    def bound(self) -> float:
        is_known = self.finished or self._fault == "bound"
        return self.best[0][0] if is_known and self._found else self._problem.scoring.best_possible

    @property
    def finished(self) -> bool:
        return not self.n_open + self.n_away

    def steps_ahead(self) -> float:
        return self.n_open / _STEP

    def advance(self) -> None:
        self.steps += 1
        if self._fault != "end":
            self._found += self._scored(self._open[:_STEP])
            self._open = self._open[_STEP:]

    def _scored(self, indices: list[int]) -> list[tuple[float, int]]:
        return [(self._problem.score(self._problem.space[index]), index) for index in indices]

    def state(self) -> Any:
        return {"open": self._open, "found": [] if self._fault == "state" else self._found}

    def restore(self, state: Any) -> None:
        self._open, self._found = state["open"], [(score, index) for score, index in state["found"]]

    @property
    def n_open(self) -> int:
        return len(self._open)

    def split_off(self, count: int) -> Part:
        part, self._open = Part(self._open[:count]), self._open[count:]
        self.n_away += part.n_open
        return part

    def solve(self, subproblem: Part, seconds: float) -> Part:
        return Part(subproblem.indices[_STEP:], self._scored(subproblem.indices[:_STEP]))

    def merge(self, subproblem: Part, solved: Part) -> None:
        self.n_away -= subproblem.n_open
        self._open = sorted([*self._open, *solved.indices])
        self._found += [] if self._fault == "pieces" else solved.found

    def reopen(self, subproblem: Part) -> None:
        self.merge(subproblem, subproblem)


@final
@dataclass(frozen=True)
class Loop(Prover):
    """Searches in order."""

    name = "loop"
    fault: str = ""

    @override
    def search(self, problem: Problem, *, top: int) -> InOrder | Unprovable:
        return InOrder(problem, top, self.fault)


def test_searches_that_are_resumed_and_divided_pass() -> None:
    for engine in (Loop(), ExactEngine(), ExactEngine(smallest_batch=2)):
        check_engine(engine, problems=PROBLEMS)


def test_what_cannot_be_proven_is_left_out() -> None:
    class Never(Prover):
        name = "never"

        @override
        def search(self, problem: Problem, *, top: int) -> Unprovable:
            return Unprovable("it is late")

    check_engine(Never(), problems=PROBLEMS, picklable=False)


@pytest.mark.parametrize(
    ("fault", "pattern"),
    [
        ("ties", r"^search\.best of engine Loop\(fault='ties'\): .*at its end, the best of network 2-1 .*lowest index"),
        ("bound", r"^search\.bound of .*of network 2-1 with MeanSquaredError\(\), is not beyond, got .*less tightly"),
        ("count", r"^search\.n_processed of .*a count that only grows, got 0 after 10"),
        ("state", r"^search\.best of .*\(0\.6666666666666666, 0\)\] after it was resumed from its state, the best of"),
        ("pieces", r"^search\.best of .*\(0\.6666666666666666, 6\)\] after it was searched in pieces, the best of"),
        ("end", r"^search of .*comes to its end, got one that has not after"),
    ],
)
def test_what_is_wrong_with_a_search_is_said(fault: str, pattern: str) -> None:
    with pytest.raises(EngineError, match=pattern):
        check_engine(Loop(fault), problems=PROBLEMS)


class Careless(Scorer):
    """Writes into what it was given."""

    name = "careless"

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        scores = ReferenceEngine().score(problem, digits)
        digits[:] = 0
        return scores


def test_a_scorer_that_changes_its_arguments_is_refused() -> None:
    with pytest.raises(EngineError, match=r"^score of engine Careless\(.*digits left as they are, .*Work on a copy"):
        check_engine(Careless(), problems=PROBLEMS)


class Penalizing(Scorer):
    """Subtracts the penalty, which the search then subtracts once more."""

    name = "penalizing"

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        return np.array([problem.objective(values) for values in problem.space.values_at(digits)])


def test_a_scorer_that_subtracts_the_penalty_is_refused() -> None:
    with pytest.raises(EngineError, match=r"and L1\(strength=0.01\).*Leave the penalty out, as problem\.score"):
        check_engine(Penalizing())
    trainer = GridSearchTrainer(Grid([-1, 1]), penalty=L1(0.01), engine=Penalizing())
    with pytest.raises(EngineError, match=r"without the penalty, bit for bit: problem\.score\(parameters\)"):
        trainer.fit(Network.dense([1, 1]), [[1.0], [-1.0]], [1, 0])


def test_what_is_no_engine_or_cannot_travel_is_refused() -> None:
    class Inner(Scorer):
        name = "inner"

        @override
        def score(self, problem: Problem, digits: IntArray) -> FloatArray:
            return ReferenceEngine().score(problem, digits)

    check_engine(Inner(), problems=PROBLEMS, picklable=False)
    with pytest.raises(EngineError, match=r"one that can be pickled, got .*Define its class at the top of a module"):
        check_engine(Inner(), problems=PROBLEMS)
    wrong: Any = Inner
    with pytest.raises(InvalidTypeError, match="Pass an object of a class derived from Scorer or Prover"):
        check_engine(wrong)
