"""Searches with a custom strategy or engine, or with an error, can be resumed from a file, too."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typing_extensions import override

from minigrid import (
    Candidate,
    CheckpointError,
    FunctionScoring,
    Grid,
    GridSearchTrainer,
    Network,
    NoScoreError,
    Outcome,
    PlannedStage,
    Problem,
    Prover,
    RandomSample,
    Runner,
    Scorer,
    Search,
    SearchEvent,
    Stage,
    Strategy,
    StrategyError,
    Unprovable,
    activation,
)
from minigrid._base.typing import FloatArray, IntArray
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.engines.reference import ReferenceEngine
from tests.pacing import small_steps
from tests.search.running.test_checkpoint import GRID, NETWORK, STRATEGIES, X, Y, fit_in_parts, stopping, told

pytestmark = pytest.mark.usefixtures("small_tree_steps")


class Halves(Strategy):
    """A user's strategy: the first half, then the second, in stages that are named alike."""

    def __init__(self, order: list[int], calls: list[str]) -> None:
        self._order, self._calls = order, calls

    @override
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        return (PlannedStage(Stage("half", problem), n_least=0),)

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        size = problem.space.size
        best: list[Candidate] = []
        for part in self._order:
            chosen = range(part * size // 2, (part + 1) * size // 2)
            best += runner.run(Stage("half", problem, chosen)).best
            if runner.stopped():
                break
        return Outcome((max(best, key=lambda candidate: candidate.score),), optimal=False)

    @override
    def __repr__(self) -> str:
        return "Halves()"


def test_a_strategy_of_a_users_own_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    strategy = Halves([0, 1], [])
    whole = small_steps(GRID, strategy=strategy, engine="reference").fit(NETWORK, X, Y)
    for after in (3, 2, 4, 1, 60, 3):
        stop = [stopping(after, lambda: True)]
        small_steps(GRID, strategy=strategy, engine="reference", callbacks=stop).fit(NETWORK, X, Y, checkpoint=path)
    result = small_steps(GRID, strategy=strategy, engine="reference").fit(NETWORK, X, Y, checkpoint=path)
    assert told(result) == told(whole)


class _Forgetful(Halves):
    """Searches all, and at first forgets to return what it found."""

    is_fixed = False

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        outcome = super().search(problem, runner)
        return outcome if self.is_fixed else None  # type: ignore[return-value]  # as users do


def test_what_a_strategy_searched_is_kept_though_it_returns_nonsense(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    strategy = _Forgetful([0, 1], [])
    with pytest.raises(StrategyError):
        small_steps(GRID, strategy=strategy, engine="reference").fit(NETWORK, X, Y, checkpoint=path)
    strategy.is_fixed = True
    events: list[SearchEvent] = []
    trainer = small_steps(GRID, strategy=strategy, engine="reference", callbacks=[events.append])
    assert trainer.fit(NETWORK, X, Y, checkpoint=path).n_scored == 729
    assert not events  # all was known


@pytest.mark.parametrize("order", [[1, 0], [1], [], [0]])
@pytest.mark.parametrize("after", [3, 10**6])
def test_a_strategy_that_asks_for_something_else_is_refused(tmp_path: Path, order: list[int], after: int) -> None:
    path = tmp_path / "search.json"
    stop = [stopping(after, lambda: True)]
    first = small_steps(GRID, strategy=Halves([0, 1], []), engine="reference", callbacks=stop)
    done = first.fit(NETWORK, X, Y, checkpoint=path).stop_reason == "completed"
    if order == [0] and not done:
        return  # as far as the first went, the two are alike
    before = path.read_bytes()
    other = small_steps(GRID, strategy=_Lenient(order), engine="reference")
    with pytest.raises(CheckpointError, match="must ask for the same stages each time"):
        other.fit(NETWORK, X, Y, checkpoint=path)
    assert path.read_bytes() == before


class _Lenient(Halves):
    """Scores one candidate by itself, so that there is a result even of no stage."""

    def __init__(self, order: list[int]) -> None:
        super().__init__(order, [])

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        if self._order:
            return super().search(problem, runner)
        parameters = problem.space[0]
        return Outcome((Candidate(0, parameters, problem.score(parameters)),), optimal=False)


class Proving(Prover):
    """A custom engine that proves; its search says nothing of its state, or all."""

    name = "proving"

    def __init__(self, *, resumes: bool) -> None:
        self._resumes = resumes

    @override
    def search(self, problem: Problem, *, top: int) -> Search | Unprovable:
        search = ExactEngine().search(problem, top=top)
        return search if self._resumes or isinstance(search, Unprovable) else _Unresumable(search)


class _Unresumable:
    """A search that does not say how far it is, so that it can only be begun again."""

    def __init__(self, search: Search) -> None:
        self._search = search

    def advance(self) -> None:
        self._search.advance()

    def steps_ahead(self) -> float:
        return self._search.steps_ahead()

    @property
    def best(self) -> list[tuple[float, int]]:
        return self._search.best

    @property
    def n_processed(self) -> int:
        return self._search.n_processed

    @property
    def n_scored(self) -> int:
        return self._search.n_scored

    @property
    def bound(self) -> float:
        return self._search.bound

    @property
    def finished(self) -> bool:
        return self._search.finished

    @property
    def steps(self) -> int:
        return self._search.steps

    @property
    def memory(self) -> int:
        return self._search.memory


@pytest.mark.parametrize("resumes", [True, False])
@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_an_engine_of_a_users_own_goes_on_or_begins_its_search_again(
    tmp_path: Path, strategy: Strategy, resumes: bool
) -> None:
    arguments: dict[str, Any] = {"strategy": strategy, "engine": Proving(resumes=resumes)}
    whole = small_steps(GRID, **arguments).fit(NETWORK, X, Y)
    stops = [("callback", after) for after in (1, 2, 3, 5)]
    result, _ = fit_in_parts(tmp_path / "search.json", stops, (NETWORK, X, Y, {}), **arguments)
    assert told(result) == told(whole)


class Failing(Scorer):
    """The plain loop, which fails at the third chunk until it is fixed."""

    name = "failing"

    def __init__(self) -> None:
        self.fixed, self._n, self._engine = False, 0, ReferenceEngine()

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        self._n += 1
        if self._n > 3 and not self.fixed:
            raise ConnectionError("the worker is gone")
        return self._engine.score(problem, digits)

    @override
    def chunk_size(self, problem: Problem) -> int:
        return 64

    @override
    def memory(self, problem: Problem, n_candidates: int) -> int:
        return 1


def test_an_error_in_the_search_keeps_what_was_found(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    engine = Failing()
    with pytest.raises(ConnectionError, match="the worker is gone"):
        small_steps(GRID, engine=engine).fit(NETWORK, X, Y, checkpoint=path)
    engine.fixed = True
    events: list[SearchEvent] = []
    result = small_steps(GRID, engine=engine, callbacks=[events.append]).fit(NETWORK, X, Y, checkpoint=path)
    assert events[0].n_processed > 0
    assert told(result) == told(small_steps(GRID, engine=engine).fit(NETWORK, X, Y))


def test_a_search_without_any_score_fails_alike_again(tmp_path: Path) -> None:
    nothing = FunctionScoring(lambda y_true, outputs: float("nan"))
    for _ in range(2):
        with pytest.raises(NoScoreError, match="got NaN for all 729"):
            small_steps(GRID, scoring=nothing).fit(NETWORK, X, Y, checkpoint=tmp_path / "search.json")


@pytest.mark.slow
def test_infinite_scores_and_spaces_beyond_all_integers_come_back(tmp_path: Path) -> None:
    @activation
    def flat(z: FloatArray) -> FloatArray:
        return np.zeros_like(z)

    network = Network.dense([30, 60, 60, 1], activation=flat)
    data = np.zeros((3, 30))
    trainer = GridSearchTrainer(
        Grid.linspace(-1, 1, 1000),
        scoring=FunctionScoring(lambda y_true, outputs: -np.inf),
        strategy=RandomSample(n=100),
    )
    path = tmp_path / "search.json"
    whole = trainer.fit(network, data, [0, 1, 0], checkpoint=path)
    assert whole.index is not None
    assert whole.index > 10**5000
    assert told(trainer.fit(network, data, [0, 1, 0], checkpoint=path)) == told(whole)


def test_a_proof_is_not_gone_on_with_in_another_way(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    small_steps(GRID, engine="exact", callbacks=[stopping(2, lambda: True)]).fit(NETWORK, X, Y, checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(CheckpointError, match=r"exact engine began .*, got batched \(max_candidates asks"):
        small_steps(GRID, engine="exact", max_candidates=700).fit(NETWORK, X, Y, checkpoint=path)
    assert path.read_bytes() == before
    path.unlink()
    small_steps(GRID, engine="exact", max_candidates=100).fit(NETWORK, X, Y, checkpoint=path)
    with pytest.raises(CheckpointError, match=r"batched engine began .* got exact"):
        small_steps(GRID, engine="exact").fit(NETWORK, X, Y, checkpoint=path)
