"""minigrid checks what custom strategies and engines return."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np
import pytest
from typing_extensions import override

import minigrid
from minigrid import (
    Accuracy,
    Candidate,
    Engine,
    EngineError,
    FloatArray,
    Grid,
    GridSearchTrainer,
    Network,
    Outcome,
    PlannedStage,
    Problem,
    Prover,
    Runner,
    Scorer,
    Stage,
    Strategy,
    StrategyError,
    Unprovable,
)
from minigrid._base.typing import IntArray

X = [[0.1, 0.9], [0.8, 0.3], [0.2, 0.1], [0.9, 0.9]]
Y = [1, 1, 0, 1]
GRID = Grid([-1.0, 0.0, 1.0])


def trainer(**options: Any) -> GridSearchTrainer:
    return GridSearchTrainer(GRID, **{"scoring": "mean_squared_error", **options})


def fit(**options: Any) -> minigrid.SearchResult:
    return trainer(**options).fit(Network.dense([2, 1], bias=True), X, Y)


@final
@dataclass(frozen=True, repr=False)
class Told(Strategy):
    """Searches everything, and then returns a given outcome."""

    outcome: Callable[[Outcome, Problem], Any] = lambda outcome, problem: outcome
    listed: Callable[[Problem], Any] = lambda problem: (PlannedStage(Stage("all", problem)),)

    @override
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        listed: tuple[PlannedStage, ...] = self.listed(problem)
        return listed

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        found = runner.run(Stage("all", problem))
        outcome: Outcome = self.outcome(Outcome(found.best, optimal=False), problem)
        return outcome


def best_with(**changes: Any) -> Callable[[Outcome, Problem], Outcome]:
    """The correct outcome with another best candidate."""

    def change(outcome: Outcome, problem: Problem) -> Outcome:
        changed = replace(outcome.best[0], **{"objective": np.nan, **changes})  # NaN stands for the score
        return Outcome((changed, *outcome.best[1:]), optimal=False)

    return change


OUTCOMES: dict[str, tuple[Callable[[Outcome, Problem], Any], str]] = {
    "a candidate": (lambda outcome, problem: outcome.best[0], r"an Outcome with at least one candidate, got an object"),
    "a whole outcome": (
        lambda outcome, problem: Outcome(outcome, False),  # type: ignore[arg-type]  # as users do
        r"a tuple of Candidates, got an object of type Outcome\. Return Outcome\(found\.best, \.\.\.\), where found",
    ),
    "a list": (lambda outcome, problem: Outcome(list(outcome.best), False), r"a tuple of Candidates, got a list"),  # type: ignore[arg-type]  # as users do
    "pairs": (lambda outcome, problem: Outcome(((0.5, 3),), False), r"^best\[0\] of .*a Candidate, got a tuple"),  # type: ignore[arg-type]  # as users do
    "too good a score": (best_with(score=0.0), r"^score of the best of .*0\.\d+ for the parameters .*, got 0\.0"),
    "a last bit": (
        lambda outcome, problem: best_with(score=float(np.nextafter(outcome.best[0].score, 1)))(outcome, problem),
        r"^score of the best of strategy .*bit for bit",
    ),
    "a score of text": (best_with(score="0.5"), r"^score of best\[0\] of .*a number, not NaN, got '0\.5'"),
    "NaN": (best_with(score=np.nan), r"^score of best\[0\] of .*a number, not NaN, got nan"),
    "a new score with the old objective": (
        lambda outcome, problem: Outcome((replace(outcome.best[0], score=0.0), *outcome.best[1:]), False),
        r"^objective of best\[0\] of .*its score, 0\.0, as there is no penalty, got 0\.\d+\. Create a new one",
    ),
    "another index": (
        best_with(index=0),
        r"^index of best\[0\] of .*got 0, where the space has \[-1\.0, -1\.0, -1\.0\]",
    ),
    "an index beyond": (best_with(index=27), r"^index of best\[0\] of .*a whole number below 27, .*got 27"),
    "an index as float": (best_with(index=3.0), r"^index of best\[0\] of .*got 3\.0"),
    "too few parameters": (best_with(parameters=[1.0]), r"^parameters of best\[0\] of .*3 finite .*shape \(1,\)"),
    "infinite parameters": (best_with(parameters=[1.0, np.inf, 0.0]), r"^parameters of best\[0\] of .*3 finite"),
    "the wrong order": (
        lambda outcome, problem: Outcome(outcome.best[::-1], False),
        r"^best\[0\] of .*best candidates, best first, got .* before",
    ),
    "too many": (
        lambda outcome, problem: Outcome((*outcome.best, *outcome.best[-1:]), False),
        r"^best of .*at most 3, the top of the trainer, got 4",
    ),
    "neither true nor false": (
        lambda outcome, problem: Outcome(outcome.best, "no"),  # type: ignore[arg-type]  # as users do
        r"^optimal of .*True or False, got 'no'",
    ),
    "a bound that is beaten": (
        lambda outcome, problem: Outcome(outcome.best, False, 0.9),
        r"^bound of .*at least as good as its own best, 0\.\d+, got 0\.9",
    ),
    "a bound that is none": (lambda outcome, problem: Outcome(outcome.best, False, np.nan), r"^bound of .*got nan"),
}


@pytest.mark.parametrize("wrong", OUTCOMES)
def test_what_a_strategy_returns_is_not_believed(wrong: str) -> None:
    outcome, pattern = OUTCOMES[wrong]
    with pytest.raises(StrategyError, match=pattern) as caught:
        fit(strategy=Told(outcome), top=3)
    assert "strategy Told(" in str(caught.value)


def test_a_right_outcome_is_believed() -> None:
    result, expected = fit(strategy=Told(), top=3), fit(engine="reference", top=3)
    assert (result.index, result.score, result.top) == (expected.index, expected.score, expected.top)
    loose = fit(strategy=Told(best_with(index=None)))  # a strategy need not know the place
    assert (loose.index, loose.score) == (None, expected.score)
    assert fit(strategy=Told(lambda outcome, problem: Outcome(outcome.best, True, outcome.best[0].score))).optimal


CREATED: dict[str, Callable[[FloatArray, Problem], Candidate]] = {
    "from its objective": lambda own, problem: Candidate(0, own, problem.objective(own)),
    "from both": lambda own, problem: Candidate(0, own, problem.score(own), problem.objective(own)),
}


@pytest.mark.parametrize("penalty", [None, minigrid.L1(0.01)], ids=repr)
@pytest.mark.parametrize("create", CREATED.values(), ids=CREATED)
def test_a_candidate_that_a_strategy_creates_has_its_score_and_its_objective(create: Any, penalty: Any) -> None:
    def change(outcome: Outcome, problem: Problem) -> Outcome:
        runner_best = outcome.best[0]
        assert runner_best.objective == problem.objective(runner_best.parameters)
        return Outcome((create(problem.space[0], problem),), optimal=False)

    result = fit(strategy=Told(change), penalty=penalty)
    assert result.index == result.top[0].index == 0
    assert (result.top[0].score, result.top[0].objective) == (result.score, result.objective)
    assert (result.score == result.objective) == (penalty is None)


STAGES: dict[str, tuple[Callable[[Problem], Any], str]] = {
    "nothing": (lambda problem: None, r"a tuple of one PlannedStage or more, got None"),
    "none": (lambda problem: (), r"a tuple of one PlannedStage or more, got a tuple of length 0"),
    "one": (
        lambda problem: PlannedStage(Stage("all", problem)),
        r"PlannedStage or more, got an object of",
    ),
    "names": (lambda problem: ("all",), r"a tuple of PlannedStages, got one that holds 'all'"),
    "a stage": (lambda problem: (Stage("all", problem),), r"a tuple of PlannedStages, got one that holds an object of"),
    "no stage": (lambda problem: (PlannedStage("all"),), r"^stage of stage \? of .*a Stage, got 'all'"),  # type: ignore[arg-type]  # as users do
    "a name": (lambda problem: (PlannedStage(Stage(3, problem)),), r"^name of stage 3 of .*text, got 3"),  # type: ignore[arg-type]  # as users do
    "a problem": (
        lambda problem: (PlannedStage(Stage("all", problem.space)),),  # type: ignore[arg-type]  # as users do
        r"^problem of stage 'all' of .*a Problem, got",
    ),
    "a count": (
        lambda problem: (PlannedStage(Stage("all", problem), 2.5),),  # type: ignore[arg-type]  # as users do
        r"^n_candidates of stage 'all' .*at least 1, got 2\.5",
    ),
    "no count": (
        lambda problem: (PlannedStage(Stage("all", problem), 0),),
        r"^n_candidates of stage 'all' .*at least 1, got 0",
    ),
    "a least": (
        lambda problem: (PlannedStage(Stage("all", problem), 5, n_least=-1),),
        r"^n_least of stage 'all' .*got -1",
    ),
    "indices": (
        lambda problem: (PlannedStage(Stage("all", problem, 5)),),  # type: ignore[arg-type]  # as users do
        r"^indices of stage 'all' .*such as a range, got 5",
    ),
}


@pytest.mark.parametrize("wrong", STAGES)
def test_what_a_strategy_lists_is_looked_at(wrong: str) -> None:
    listed, pattern = STAGES[wrong]
    for ask in (trainer(strategy=Told(listed=listed)).fit, trainer(strategy=Told(listed=listed)).plan):
        with pytest.raises(StrategyError, match=pattern) as caught:
            ask(Network.dense([2, 1], bias=True), X, Y)
        assert "strategy Told(" in str(caught.value)


class Plainest(Scorer):
    """A custom engine: the plain loop."""

    name = "plainest"

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        return np.array([problem.score(parameters) for parameters in problem.space.values_at(digits)])

    @override
    def chunk_size(self, problem: Problem) -> int:
        return 100

    @override
    def memory(self, problem: Problem, n_candidates: int) -> int:
        return 1000 * n_candidates


class OffByABit(Plainest):
    """Rounds differently."""

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        scores: FloatArray = np.nextafter(super().score(problem, digits), 0.0)
        return scores


class Halves(Prover):
    """A search that processes one half of all candidates in each of two steps."""

    name = "halves"

    def __init__(self, **wrong: Any) -> None:
        self._wrong = wrong

    @override
    def search(self, problem: Problem, *, top: int) -> Any:
        return _Halves(Plainest(), problem, self._wrong)


class _Halves:
    """Its faults are given."""

    def __init__(self, scorer: Scorer, problem: Problem, wrong: dict[str, Any]) -> None:
        self._scores = scorer.score(problem, problem.space.digits(range(problem.space.size)))
        self._better = problem.better
        self._wrong = wrong
        self._done = 0
        self.steps = 0
        self.memory = 10**6

    @override
    def __getattribute__(self, name: str) -> Any:
        wrong = object.__getattribute__(self, "__dict__").get("_wrong", {})
        return wrong[name] if name in wrong else object.__getattribute__(self, name)

    @property
    def n_processed(self) -> int:
        return self._done

    @property
    def n_scored(self) -> int:
        return self._done

    @property
    def best(self) -> list[tuple[float, int]]:
        scores = self._scores[: self._done]
        return [(float(scores.min()), int(scores.argmin()))] if len(scores) else []

    @property
    def bound(self) -> float:
        return float(self._scores.min()) if self._done == len(self._scores) else 0.0

    @property
    def finished(self) -> bool:
        return self._done == len(self._scores)

    def steps_ahead(self) -> float:
        return 2.0 - self.steps

    def advance(self) -> None:
        self.steps += 1
        self._done = len(self._scores) * self.steps // 2


def test_a_right_search_is_believed() -> None:
    result, expected = fit(engine=Halves()), fit(engine="reference")
    assert (result.index, result.score, result.optimal, result.engine) == (
        expected.index,
        expected.score,
        True,
        "halves",
    )
    assert trainer(engine=Halves()).plan(Network.dense([2, 1], bias=True), X, Y).engine == "halves"


@pytest.mark.parametrize(
    ("wrong", "pattern"),
    [
        ({"best": None}, r"^search\.best of engine Halves\(\): expected a list of pairs .*got None"),
        ({"best": [0.5]}, r"^search\.best of engine Halves\(\): .*got 0\.5"),
        ({"best": [(1, 2)]}, r"^search\.best of .*an objective as a float, got 1"),
        ({"best": [(np.nan, 2)]}, r"^search\.best of .*an objective as a float, got nan"),
        ({"best": [(0.5, 27)]}, r"^search\.best of .*an index below 27, got 27"),
        (
            {"best": [(0.0, 3)], "bound": 0.0},
            r"^score of the best of engine Halves\(\): .*as the plain loop scores them, got 0\.0",
        ),
        ({"n_processed": 28}, r"^search\.n_processed of .*a whole number from 0 to 27, got 28"),
        ({"n_processed": 5, "finished": True}, r"^search\.n_processed of .*27 once it has finished, got 5"),
        ({"n_scored": 2.0}, r"^search\.n_scored of .*a whole number from 0 to 27, got 2\.0"),
        ({"bound": np.nan}, r"^search\.bound of .*a number, not NaN, got nan"),
        ({"finished": "no"}, r"^search\.finished of .*True or False, got 'no'"),
    ],
    ids=str,
)
def test_what_a_search_says_is_looked_at(wrong: dict[str, Any], pattern: str) -> None:
    with pytest.raises(EngineError, match=pattern):
        fit(engine=Halves(**wrong))


def engine_with(**members: Any) -> Engine:
    made: Engine = type("Own", (Plainest,), members)()
    return made


@pytest.mark.parametrize(
    ("members", "pattern"),
    [
        ({"name": 3}, r"^name of engine Own\(\): expected a name as text, got 3"),
        ({"name": ""}, r"^name of engine Own\(\): expected a name as text, got ''"),
        ({"threads": "two"}, r"^threads of engine Own\(\): expected True or False, got 'two'"),
        ({"chunk_size": lambda self, problem: 2.5}, r"^chunk_size of engine Own\(\): .*at least 1, got 2\.5"),
        ({"chunk_size": lambda self, problem: 0}, r"^chunk_size of engine Own\(\): .*at least 1, got 0"),
        ({"chunk_size": lambda self, problem: None}, r"^chunk_size of engine Own\(\): .*at least 1, got None"),
    ],
)
def test_what_an_engine_says_is_looked_at(members: dict[str, Any], pattern: str) -> None:
    with pytest.raises(EngineError, match=pattern):
        fit(engine=engine_with(**members))


def prover_with(**members: Any) -> Engine:
    made: Engine = type("Own", (Halves,), members)()
    return made


@pytest.mark.parametrize(
    ("members", "pattern"),
    [
        ({"name": 3}, r"^name of engine Own\(\): expected a name as text, got 3"),
        ({"threads": "two"}, r"^threads of engine Own\(\): expected True or False, got 'two'"),
        ({"falls_back": "no"}, r"^falls_back of engine Own\(\): expected True or False, got 'no'"),
        ({"reason": 3}, r"^reason of engine Own\(\): expected text, got 3"),
        ({"scorer": "batched"}, r"^scorer of engine Own\(\): expected a Scorer, or None, got 'batched'"),
        ({"search": lambda self, problem, top: "me"}, r"^search of .*with all its members, got 'me'. Define best, n_p"),
        ({"search": lambda self, problem, top: None}, r"^search of .*with all its members, got None. Define best, n_p"),
        (
            {"search": lambda self, problem, top: Unprovable(3)},  # type: ignore[arg-type]  # as users do
            r"^search\(\.\.\.\)\.reason of .*text, got 3",
        ),
    ],
)
def test_what_a_prover_says_is_looked_at(members: dict[str, Any], pattern: str) -> None:
    with pytest.raises(EngineError, match=pattern):
        fit(engine=prover_with(**members))


def test_what_a_prover_cannot_prove_is_scored() -> None:
    why = prover_with(search=lambda self, problem, top: Unprovable("too small"))
    result, expected = fit(engine=why), fit(engine="reference")
    assert (result.index, result.score, result.engine, result.engine_reason) == (
        expected.index,
        expected.score,
        "batched",
        "too small",
    )
    own = fit(engine=prover_with(search=lambda self, problem, top: Unprovable("too small"), scorer=Plainest()))
    assert (own.index, own.engine) == (expected.index, "plainest")


def test_an_engine_is_a_scorer_or_a_prover() -> None:
    for name, bases in (("Neither", (Engine,)), ("Both", (Halves, Plainest))):
        with pytest.raises(EngineError, match=rf"^engine: expected either a Scorer or a Prover, got an .*{name}\."):
            fit(engine=type(name, bases, {})())


@final
@dataclass(frozen=True)
class AsItIs(Strategy):
    """Searches everything, and adds nothing."""

    @override
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        return (PlannedStage(Stage("all", problem)),)

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        return runner.run(Stage("all", problem))


def test_a_prover_that_lies_is_blamed_although_the_strategy_is_custom() -> None:
    with pytest.raises(EngineError, match=r"^score of the best of engine Halves\(\): .*, got 0\.0"):
        fit(engine=Halves(best=[(0.0, 3)], bound=0.0), strategy=AsItIs())


def test_the_memory_that_an_engine_names_is_looked_at() -> None:
    wrong = engine_with(memory=lambda self, problem, n_candidates: -1)
    with pytest.raises(EngineError, match=r"^memory of engine Own\(\): expected a whole number of at least 0, got -1"):
        trainer(engine=wrong).plan(Network.dense([2, 1]), X, Y)


@pytest.mark.parametrize("strategy", ["joint", "layerwise", "zoom", Told()])
def test_an_engine_that_rounds_in_another_way_is_found_out(strategy: Any) -> None:
    with pytest.raises(EngineError, match=r"^score of the best of engine OffByABit\(\): .*bit for bit"):
        fit(engine=OffByABit(), strategy=strategy)


def test_the_fault_is_that_of_whoever_is_wrong() -> None:
    with pytest.raises(StrategyError, match=r"^score of the best of strategy Told"):
        fit(engine=Plainest(), strategy=Told(best_with(score=0.0)))
    accurate = fit(engine=Plainest(), strategy=Told(), scoring=Accuracy())
    assert isinstance(accurate.top[0], Candidate)
