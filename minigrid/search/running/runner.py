"""A run: one search, which may have several stages, as strategies ask for them."""

from collections.abc import Sequence
from typing import final

from minigrid._base.typing import override
from minigrid.search.engines.base import EngineChoice
from minigrid.search.problem import Problem
from minigrid.search.running.account import Account, Found, Role
from minigrid.search.running.journal import Asked
from minigrid.search.running.stage_run import StageRun


@final
class Runner(Account):
    """Runs one search, which may consist of several stages, and counts over all of them.

    Example:
        >>> from minigrid.search.engines.batched.engine import BatchedEngine
        >>> from minigrid import Accuracy, Grid, Network, Problem, SearchSpace
        >>> network = Network.dense([1, 1])
        >>> space = SearchSpace(network, Grid([-1, 1]))
        >>> problem = Problem.create(network, space, [[1.0], [-1.0]], [1, 0], Accuracy())
        >>> found = Runner(BatchedEngine()).run(problem, stage='all')
        >>> found.best[0].index, found.best[0].score, found.complete
        (1, 1.0, True)
    """

    @override
    def run(
        self,
        problem: Problem,
        *,
        stage: str,
        indices: range | Sequence[int] | None = None,
        top: int | None = None,
        role: Role = "space",
        prove: bool = True,
    ) -> Found:
        """Score candidates and keep the best.

        Args:
            problem: what is searched.
            stage: what to call it in events.
            indices: which candidates, in the order to take them; None: all.
            top: how many of the best to keep; None: as many as the search was asked for.
            role: what the candidates are: 'space': those of the whole search; 'part': scores of the whole
                network, which the target score is about, but indices of a smaller space; 'neuron':
                scores of something else.
            prove: whether the engine may leave candidates unscored that it proves to be no better.

        Raises:
            NoScoreError: every candidate scored NaN.
            ActivationError, ScoringError: a custom activation or scoring broke its contract.
            CheckpointError: an earlier process came to another stage here.
        """
        every = range(problem.space.size) if indices is None else indices
        n_candidates = problem.space.size if indices is None else len(indices)
        asked = Asked(problem, stage, role, self.top if top is None else top, indices, n_candidates)
        stage_run = StageRun(self, problem, stage, n_candidates, asked.top, role)
        most = self.limits.max_candidates
        allowed = n_candidates if most is None else min(n_candidates, max(most - self.n_scored, 0))
        record = self.journal.recall(asked)
        if record is not None:
            stage_run.restore(record)
            if record.n_settled == n_candidates:
                return stage_run.found()
        stage_run.tell("started")
        # What is begun when the search was told to stop is only there to round off its result, unless it is all.
        is_noted = record is not None or not self.stopped() or (n_candidates == 1 and not self.n_scored)
        if is_noted:
            self.journal.begin(stage_run.record)
        if self.stopped() and not self.n_scored:
            allowed = 1  # so that there is a result, if a poor one
        if allowed and (not self.stopped() or not self.n_scored):
            choice = self._choose(problem, whole=indices is None)
            if self._prove(stage_run, problem, choice, prove=prove):
                allowed = n_candidates
            else:
                stage_run.score_all(every, allowed)
        if allowed < n_candidates and not self.stopped():
            self.stop("max_candidates")
        if is_noted:
            self.journal.end(asked)
        stage_run.tell("finished")
        return stage_run.found()

    def _prove(self, stage_run: StageRun, problem: Problem, choice: EngineChoice, *, prove: bool) -> bool:
        """Follow a search, if the engine has chosen one; tell whether there is nothing to score beside."""
        new = stage_run.begin(choice, prove=prove)
        if new is None:
            return False
        with self.backend.distribute(new, self.engine, problem, top=stage_run.top, name=stage_run.name) as search:
            stage_run.follow(search)
        if not stage_run.fell_back:
            stage_run.adopt(search)
        return not stage_run.fell_back

    def _choose(self, problem: Problem, *, whole: bool) -> EngineChoice:
        choice = self.engine.choose(problem, whole=whole)
        if choice.search is not None and self.limits.max_candidates is not None:
            name = self.engine.choose(problem, whole=False).name
            choice = EngineChoice(name, "max_candidates asks for the first so many, in order")
        self.choices[choice.name] = choice.reason
        return choice
