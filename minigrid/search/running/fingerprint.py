"""Fingerprints: a description of a search, part by part, so that no checkpoint is resumed by a different search.

Short parts are written in words, and data as a digest (SHA-256), so that minigrid can say in which part two searches
differ. Code cannot be compared. Activations and scorings are therefore described by their repr and by their values for
some sums and data: a change of a function's body is noticed if it changes these values.
"""

import hashlib
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, final

import numpy as np
from numpy.typing import NDArray

from minigrid._base.codec import write_float
from minigrid._base.typing import JSON
from minigrid.activations import Activation
from minigrid.activations.guard import apply_activation, bound_activation
from minigrid.model.network import Network
from minigrid.scoring import bound_scoring, call_scoring
from minigrid.search.problem import Problem
from minigrid.search.running.stage import Stage
from minigrid.search.space import Grid

_Thing = TypeVar("_Thing")

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_BRACES = re.compile(r"\{([^{}]*)\}")
_PRINTED: dict[str, Any] = {  # NumPy's options for printing arrays: all numbers, each in full
    "threshold": sys.maxsize,
    "precision": 17,
    "floatmode": "unique",
    "suppress": False,
    "sign": "-",
    "linewidth": 75,
    "nanstr": "nan",
    "infstr": "inf",
    "formatter": None,
}
_TRIED = np.concatenate([np.linspace(-reach, reach, 257) for reach in (1.0, 8.0, 60.0, 1000.0)])
_MOST_INPUTS = 4096  # of the data's own numbers that activations are called with
_BETWEEN = 8  # generated outputs that are scored
_REMEMBERED = 16  # objects whose description is kept, as the stages of a search share them


def readable(thing: object) -> str:
    """Return the repr of an object, the same in every process.

    A repr may contain an address in memory, a set in the order of its hashes, or an array formatted by NumPy's print
    options. This function removes addresses, sorts items between braces, and writes arrays in full.
    """
    with np.printoptions(**_PRINTED):
        shown = _ADDRESS.sub("", repr(thing))
    # From the innermost braces outward. Those that are done are set aside, as they may be part of another set.
    done: list[str] = []
    while match := _BRACES.search(shown):
        done.append(f"{{{', '.join(sorted(_filled(match[1], done).split(', ')))}}}")
        shown = f"{shown[: match.start()]}\0{len(done) - 1}\0{shown[match.end() :]}"
    return _filled(shown, done)


def _filled(shown: str, done: Sequence[str]) -> str:
    return re.sub(r"\0(\d+)\0", lambda place: done[int(place[1])], shown)


def digest(array: NDArray[np.generic] | None) -> str:
    """Return the SHA-256 of an array's type, shape and bytes, the same on every machine; of None, 'none'."""
    if array is None:
        return "none"
    plain = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
    found = hashlib.sha256(f"{plain.dtype.str} {plain.shape} ".encode())
    found.update(plain.data if plain.size else b"")
    return found.hexdigest()


def network_part(network: Network) -> JSON:
    """Describe an architecture: the activation and connections of each neuron, and whether it has a bias.

    Weights do not matter. Equal neurons side by side are described once, with their number.
    """
    layers: list[JSON] = []
    for layer in network:
        kinds: list[list[JSON]] = []
        for neuron in layer:
            connections = f"{neuron.weights.size} weights" if neuron.inputs is None else f"inputs {list(neuron.inputs)}"
            kind = f"{readable(neuron.activation)}, {connections}{'' if neuron.bias is None else ' and a bias'}"
            if kinds and kinds[-1][1] == kind:
                kinds[-1] = [int(str(kinds[-1][0])) + 1, kind]
            else:
                kinds.append([1, kind])
        layers.append([layer.n_inputs, *kinds])
    return layers


def grids_part(grids: Sequence[Grid]) -> JSON:
    """Describe grids: each distinct grid once, and which parameter has which grid."""
    known: dict[bytes, int] = {}
    told: list[JSON] = []
    of: list[JSON] = []
    for grid in grids:
        bits = grid.values.tobytes()
        if bits not in known:
            known[bits] = len(known)
            told.append([f"{len(grid)} values from {grid[0]!r} to {grid[-1]!r}", digest(grid.values)])
        of.append(known[bits])
    return {"grids": told, "of": of}


def outputs_part(problem: Problem) -> JSON:
    """Digest the outputs and the declarations of each activation for generated sums and for numbers of the data.

    Raises:
        ActivationError: an activation broke its contract.
    """
    inputs = problem.X[:_MOST_INPUTS].ravel()[:_MOST_INPUTS]
    tried = np.concatenate([_TRIED, inputs])
    found: dict[str, JSON] = {}
    known: list[Activation] = []
    for neuron in problem.network.neurons:
        activation = neuron.activation
        if any(activation is other for other in known):
            continue
        known.append(activation)
        ends = np.sort(_TRIED)
        results = [apply_activation(activation, tried.copy()).copy()]
        results += bound_activation(activation, ends[:-1].copy(), ends[1:].copy())
        found[readable(activation)] = digest(np.concatenate(results))
    return found


def scores_part(problem: Problem) -> JSON:
    """Write the scores of a few candidates and of outputs between theirs, and the bound if the scoring declares one.

    Raises:
        ActivationError, ScoringError: a custom activation or scoring broke its contract.
    """
    size, scoring = problem.space.size, problem.scoring
    chosen = dict.fromkeys([0, size // 3, size // 2, size - 1])
    given = [problem.outputs(problem.space[index]) for index in chosen]
    low, high = np.min(given, axis=0), np.max(given, axis=0)
    is_finite = bool(np.isfinite([low, high]).all())
    if is_finite:
        shares = np.random.default_rng(0).random((_BETWEEN, *low.shape))
        given += [low + share * (high - low) for share in shares]
    scores = [call_scoring(scoring, problem.targets, outputs, problem.sample_weight) for outputs in given]
    if scoring.declares_bounds and is_finite:
        ends = low[np.newaxis], high[np.newaxis]
        scores += bound_scoring(scoring, problem.targets, *ends, problem.sample_weight).tolist()
    return [write_float(score) for score in scores]


def penalty_part(problem: Problem) -> JSON:
    """Describe the penalty, if there is one, and its value for a few candidates.

    Raises:
        PenaltyError: a custom penalty broke its contract.
    """
    if problem.penalty is None:
        return "none"
    size = problem.space.size
    chosen = dict.fromkeys([0, size // 3, size // 2, size - 1])
    costs = problem.penalties(np.stack([problem.space[index] for index in chosen]))
    return [readable(problem.penalty), *(write_float(cost) for cost in costs.tolist())]


@final
class Fingerprints:
    """Fingerprints of one search and of its stages.

    Args:
        problem: the problem of the whole search.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._known: list[tuple[object, JSON]] = []

    def of_problem(self) -> dict[str, JSON]:
        """Describe the problem, part by part.

        Raises:
            ActivationError, ScoringError: a custom activation or scoring broke its contract.
        """
        problem, scoring = self._problem, self._problem.scoring
        better = "higher" if scoring.greater_is_better else "lower"
        return {
            "network": network_part(problem.network),
            "grids": grids_part(problem.space.grids),
            "X": self._once(problem.columns, digest),
            "y": self._once(problem.targets, digest),
            "sample_weight": self._once(problem.sample_weight, digest),
            "scoring": f"{readable(scoring)}, {better} is better",
            "penalty": penalty_part(problem),
            "what activations put out": outputs_part(problem),
            "what scoring gives": scores_part(problem),
        }

    def describe(self, stage: Stage, top: int) -> dict[str, JSON]:
        """Describe a stage, so that a later process can recognise it."""
        problem = stage.problem
        role = "space" if problem is self._problem else "part" if problem.whole is self._problem else "neuron"
        parts: list[JSON] = [
            self._once(problem.network, network_part),
            grids_part(problem.space.grids),
            self._once(problem.columns, digest),
            self._once(problem.targets, digest),
            self._once(problem.sample_weight, digest),
            self._once(problem.scoring, readable),
            penalty_part(problem),
            role,
            top,
            _indices_part(stage.indices),
        ]
        return {"name": stage.name, "digest": hashlib.sha256(repr(parts).encode()).hexdigest()}

    def _once(self, thing: _Thing, describe: Callable[[_Thing], JSON]) -> JSON:
        """Describe an object that does not change during the search, and remember the description."""
        for known, found in self._known:
            if known is thing:
                return found
        found = describe(thing)
        self._known = [(thing, found), *self._known[: _REMEMBERED - 1]]
        return found


def _indices_part(indices: range | Sequence[int] | None) -> JSON:
    if indices is None:
        return "all"
    if isinstance(indices, range):
        return [hex(indices.start), hex(indices.stop), hex(indices.step)]  # of any size, unlike decimal ones
    try:
        return digest(np.array(indices, dtype=np.int64))
    except OverflowError:  # beyond the machine's integers
        return hashlib.sha256(",".join(map(hex, indices)).encode()).hexdigest()
