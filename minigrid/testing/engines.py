"""Does an engine give the plain loop's answer? Tried on many problems: whole, in pieces, and resumed."""

import json
import pickle
from collections.abc import Iterable, Iterator

import numpy as np

from minigrid._base.text import message, said, shown
from minigrid._base.threads import on_threads
from minigrid._base.typing import FloatArray
from minigrid._base.validation import as_instance
from minigrid.activations import FunctionActivation, Gaussian, ReLU, Sigmoid, Step, Tanh
from minigrid.exceptions import EngineError
from minigrid.model.layer import Layer
from minigrid.model.network import Network
from minigrid.model.neuron import Neuron
from minigrid.scoring import L1, Accuracy, BalancedAccuracy, LogLoss, MeanSquaredError, Scoring
from minigrid.search.engines.base import (
    DivisibleSearch,
    Engine,
    EnginePair,
    ResumableSearch,
    Search,
    Unprovable,
)
from minigrid.search.engines.guard import check_search
from minigrid.search.engines.names import pair_of
from minigrid.search.engines.reference import ReferenceEngine
from minigrid.search.parallel.chunk_scores import score_chunk
from minigrid.search.problem import Problem
from minigrid.search.ranking import Best, best_of
from minigrid.search.space import Grid, SearchSpace

_MOST_STEPS = 10**5  # of a search of some hundred candidates
_TOPS = (1, 3)


def check_engine(engine: Engine, *, problems: Iterable[Problem] | None = None, picklable: bool = True) -> None:
    """Check that an engine gives the plain loop's answer, bit for bit.

    A scorer must return the loop's score for every candidate, whichever candidates it gets together and in whatever
    order, and must not change its arguments. A prover's search must process every candidate and end with the loop's
    best; among equal scores the lowest index comes first. No score may be better than its bound. A `ResumableSearch`
    must reach the same result when it is resumed from its state as JSON, and a `DivisibleSearch` when it is searched in
    pieces.

    Args:
        engine: a Scorer or a Prover.
        problems: the problems to try, each small enough to score completely. Default None: about twenty of all kinds.
        picklable: False skips the check that it can be pickled, which workers in other processes need.

    Raises:
        InvalidTypeError: it is not an engine.
        EngineError: it breaks its contract; the message says how.

    Example:
        >>> from numpy.typing import NDArray
        >>> from minigrid import FloatArray, Problem, Scorer
        >>> check_engine(ReferenceEngine())
        >>> class Nearly(Scorer):
        ...     name = "nearly"
        ...
        ...     def score(self, problem: Problem, digits: NDArray[np.int64]) -> FloatArray:
        ...         return np.nextafter(ReferenceEngine().score(problem, digits), 2.0)
        >>> check_engine(Nearly(), picklable=False)
        Traceback (most recent call last):
        ...
        minigrid.exceptions.EngineError: score of engine Nearly(): expected 0.26666666666666666 for candidate 0 of
        network 1-1 with Accuracy(), as the plain loop scores it, got 0.26666666666666672. Add up in the loop's order.
    """
    engines = pair_of(as_instance(engine, Engine, "engine", "Pass an object of a class derived from Scorer or Prover."))
    if picklable:
        try:
            pickle.loads(pickle.dumps(engine))
        except Exception as error:
            fix = "Define its class at the top of a module; or pass picklable=False, if it never leaves the process."
            raise _wrong(engines, "engine", "one that can be pickled", said(error), fix) from error
    with np.errstate(all="ignore"):
        for problem in _problems() if problems is None else problems:
            digits = problem.space.digits(range(problem.space.size))
            if engines.prover is None:
                _check_scores(engines, problem, ReferenceEngine().score(problem, digits))
            for top in _TOPS if engines.prover is not None else ():
                _check_proof(engines, problem, ReferenceEngine().objective(problem, digits), top)


def _check_scores(engines: EnginePair, problem: Problem, expected: FloatArray) -> None:
    """Compare scores of candidates in their order, in pieces, in a random order, and on several threads."""
    scorer, size, generator = engines.scorer, problem.space.size, np.random.default_rng(0)
    chunk = min(scorer.chunk_size(problem), size)
    scorer.memory(problem, chunk)
    pieces = [range(start, min(start + chunk, size)) for start in range(0, size, chunk)]
    shuffled = generator.permutation(size)[:chunk].tolist()
    for chosen in (*pieces, shuffled, [size - 1]):
        score_chunk(scorer, problem, chosen, top=1, target=None)  # checks the type of what it returns
        digits = problem.space.digits(chosen)
        before = digits.copy()
        scores = scorer.score(problem, digits)
        if not np.array_equal(digits, before):
            raise _wrong(engines, "score", "digits left as they are", "changed ones", "Work on a copy: digits.copy().")
        _compare(engines, problem, chosen, scores, expected)
    if scorer.threads and problem.is_builtin:
        of_piece = on_threads(
            lambda k: scorer.score(problem, problem.space.digits(pieces[k])), len(pieces), 2, "minigrid-testing"
        )
        for chosen, scores in zip(pieces, of_piece, strict=True):
            _compare(engines, problem, chosen, scores, expected)


def _compare(
    engines: EnginePair, problem: Problem, chosen: range | list[int], scores: FloatArray, expected: FloatArray
) -> None:
    for index, score in zip(chosen, scores.tolist(), strict=True):
        right = float(expected[index])
        if score != right and not (np.isnan(score) and np.isnan(right)):
            what = f"{right:.17g} for candidate {index} of {_named(problem)}, as the plain loop scores it"
            of_penalty = "Leave the penalty out, as problem.score(parameters) does; and add"
            add = "Add" if problem.penalty is None else of_penalty
            raise _wrong(engines, "score", what, f"{score:.17g}", f"{add} up in the loop's order.")


def _check_proof(engines: EnginePair, problem: Problem, objectives: FloatArray, top: int) -> None:
    """Compare a search with all objectives: uninterrupted, resumed, and in pieces."""
    valid = [(objective, index) for index, objective in enumerate(objectives.tolist()) if not np.isnan(objective)]
    expected = best_of(valid, top, problem.sign)
    search = _begin(engines, problem, top)
    if search is None:
        return
    _advance(engines, search, problem, expected)
    other = _begin(engines, problem, top)
    if isinstance(other, ResumableSearch):
        other.advance()
        state = json.loads(json.dumps(other.state()))
        resumed = _begin(engines, problem, top)
        assert isinstance(resumed, ResumableSearch)
        if not other.finished:
            resumed.restore(state)
        _advance(engines, resumed, problem, expected, "after it was resumed from its state")
    whole, worker = _begin(engines, problem, top), _begin(engines, problem, top)
    if isinstance(whole, DivisibleSearch) and isinstance(worker, DivisibleSearch):
        whole.advance()
        for _ in range(_MOST_STEPS):
            if whole.finished:
                break
            parts = [whole.split_off(1 + whole.n_open // 2) for _ in range(2) if whole.n_open]
            for k, part in enumerate(reversed(parts)):
                if k and len(parts) > 1:
                    whole.reopen(part)
                else:
                    whole.merge(part, pickle.loads(pickle.dumps(worker.solve(pickle.loads(pickle.dumps(part)), 0.0))))
        _check_end(engines, whole, problem, expected, "after it was searched in pieces")


def _begin(engines: EnginePair, problem: Problem, top: int) -> Search | None:
    assert engines.prover is not None
    search = engines.prover.search(problem, top=top)
    return None if isinstance(search, Unprovable) else search


def _advance(engines: EnginePair, search: Search, problem: Problem, expected: Best, when: str = "at its end") -> None:
    """Advance a search to its end, and check its attributes on the way."""
    n_processed, best = 0, expected[0][0] if expected else None
    for _ in range(_MOST_STEPS):
        if search.finished:
            break
        search.advance()
        check_search(engines, search, problem)
        if search.n_processed < n_processed:
            got = f"{search.n_processed} after {n_processed}"
            raise _wrong(engines, "search.n_processed", "a count that only grows", got, "Count each candidate once.")
        n_processed = search.n_processed
        if best is not None and problem.better(best, search.bound):
            what = f"a bound that {best!r}, the best of {_named(problem)}, is not beyond"
            raise _wrong(engines, "search.bound", what, repr(search.bound), "Bound less tightly.")
    _check_end(engines, search, problem, expected, when)


def _check_end(engines: EnginePair, search: Search, problem: Problem, expected: Best, when: str) -> None:
    if not search.finished:
        got = f"one that has not after {_MOST_STEPS} steps"
        raise _wrong(engines, "search", "one that comes to its end", got, "Settle something in each step.")
    check_search(engines, search, problem)
    if tuple(search.best) != expected:
        what = f"{list(expected)} {when}, the best of {_named(problem)}"
        fix = "Give the plain loop's scores, of equal ones that of the lowest index first."
        raise _wrong(engines, "search.best", what, repr(search.best), fix)


def _wrong(engines: EnginePair, what: str, expected: str, got: str, fix: str) -> EngineError:
    return EngineError(message(f"{what} of engine {shown(engines.prover or engines.scorer)}", expected, got, fix))


def _named(problem: Problem) -> str:
    penalty = "" if problem.penalty is None else f" and {problem.penalty!r}"
    return f"network {'-'.join(map(str, problem.network.topology))} with {problem.scoring!r}{penalty}"


def _problems() -> Iterator[Problem]:
    """Problems of all kinds, each of a few hundred candidates or fewer: ties, zeros, uneven grids, equal weights."""
    generator = np.random.default_rng(0)
    uneven, even = Grid([2.0, -1.0, 0.0, 0.0, 0.3]), Grid.linspace(-2.0, 2.0, 5)
    few = Grid([-1.0, 0.5, 1.0])
    wave = FunctionActivation(np.sin)
    connected = Network([Layer([Neuron([0.0], inputs=[1], activation=ReLU()), Neuron([0.0, 0.0], bias=0.0)]), _unit(2)])
    networks: list[tuple[Network, Grid]] = [
        (Network.dense([1, 1]), Grid([-1.0, 0.0, 1.0])),
        (Network.dense([3, 1]), even),
        (Network.dense([2, 1], bias=True), uneven),
        (Network.dense([2, 1], activation=Step(), bias=True), even),
        (Network.dense([2, 2, 1], activation=Tanh()), Grid([-1.0, 1.0])),
        (Network.dense([1, 2, 1], activation=Gaussian(), output_activation=Sigmoid()), few),
        (Network.dense([2, 1], activation=wave, bias=True), uneven),
        (Network.dense([2, 2]), few),
        (connected, Grid([-1.0, 1.0])),
    ]
    for k, (network, grid) in enumerate(networks):
        width = network.layers[0].n_inputs
        X = generator.integers(-3, 4, size=(15, width)) / 2.0 if k % 2 else generator.normal(size=(15, width))
        labels = generator.integers(0, 2, 15)
        scorings: list[Scoring] = [Accuracy(), LogLoss() if network.n_outputs == 1 else BalancedAccuracy()]
        if network.n_outputs == 1:
            scorings.append(MeanSquaredError())
        for scoring in scorings:
            weights = generator.random(15) + 0.1 if k % 3 == 1 else None
            yield Problem.create(network, SearchSpace(network, grid), X, labels, scoring, weights)
    network = Network.dense([2, 1], bias=True)
    yield Problem.create(network, SearchSpace(network, uneven), X[:, :2], labels, Accuracy(), penalty=L1(0.01))


def _unit(n_inputs: int) -> Layer:
    return Layer([Neuron([0.0] * n_inputs)])
