"""A problem: network x space x data x scoring x penalty, checked once. An engine sees nothing else."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import final

import numpy as np
from numpy.typing import NDArray

from minigrid._base.arrays import as_columns, as_sample_weight, if_turned, read_only
from minigrid._base.tables import called_columns
from minigrid._base.text import counted, message
from minigrid._base.typing import ArrayLike, BoolArray, FloatArray
from minigrid._base.validation import as_instance, final_base
from minigrid._base.values import Frozen, are_same
from minigrid.activations import Activation, BuiltinActivation
from minigrid.activations.guard import apply_activation, check_equality, is_as_built_in, probe_activation
from minigrid.exceptions import ScoringError, ShapeError
from minigrid.model.network import Network
from minigrid.scoring import (
    SECONDS,
    BuiltinScoring,
    Penalty,
    Scoring,
    call_penalty,
    call_scoring,
    check_fit,
    check_limits,
    is_own,
    probe_penalty,
    probe_scoring,
    scoring_targets,
    unequal_lengths,
)
from minigrid.search.candidate import Candidate
from minigrid.search.space import SearchSpace

_TRIED = np.linspace(-1.0, 1.0, 257)
_LARGEST_TRIED = 1e300
_FEW = 2**14
_MULTIPLIER, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)  # whose bits look random


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Samples:
    """Samples, in which equal samples may be merged into one.

    Attributes:
        columns: the inputs, shape (n_inputs, n_distinct), read-only.
        targets: the targets, shape (n_distinct, ...), read-only.
        counts: how many equal samples each stands for, or its weight, shape (n_distinct,); None: one.
    """

    columns: FloatArray
    targets: FloatArray
    counts: FloatArray | None = None

    @property
    def n_samples(self) -> int:
        """How many there are, equal ones as often as they are kept."""
        return int(self.columns.shape[1])

    def merged(self) -> "Samples":
        """Merge samples with equal inputs and targets, if that removes at least half of them."""
        keys = [np.ascontiguousarray(key).view(np.uint64) for key in (*self.columns, *np.atleast_2d(self.targets.T))]
        n_samples = self.columns.shape[1]
        if n_samples > _FEW:  # some that are drawn tell whether there are too many different values
            drawn = np.unique(np.random.default_rng(0).integers(n_samples, size=_FEW))
            enough = len(drawn) ** 2 / (4 * n_samples)  # equal pairs of twice as many values as samples
            if any(len(drawn) - len(np.unique(key[drawn])) < enough for key in keys):
                return self
        hashes = _hashes(keys)
        _, first, of_row, counts = np.unique(hashes, return_index=True, return_inverse=True, return_counts=True)
        if 2 * len(first) > n_samples:
            return self
        if any((key != key[first][of_row]).any() for key in keys):  # two different rows with one hash, by bad luck
            return self
        order = np.lexsort([key[first].view(np.int64) for key in reversed(keys)])
        first, counts = first[order], counts[order]
        columns = read_only(np.ascontiguousarray(self.columns[:, first]))
        return Samples(columns, read_only(self.targets[first]), counts.astype(np.float64))


def _hashes(keys: Sequence[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """Compute a number for each row that is the same for equal rows, and most likely another for others."""
    hashes = np.zeros(len(keys[0]), dtype=np.uint64)
    for key in keys:
        hashes ^= key
        hashes *= _MULTIPLIER
        hashes ^= hashes >> _SHIFT
    return hashes


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Problem(Frozen):
    """Everything that defines a search.

    Attributes:
        network: the architecture. Its own weights do not matter.
        space: one grid for each of its parameters.
        columns: the data, with a contiguous row for each input, shape (n_inputs, n_samples), read-only.
        targets: as `scoring.check_targets` returned them, read-only.
        sample_weight: shape (n_samples,) or None.
        scoring: what makes one candidate better than another.
        distinct: the samples with equal ones merged, enough to count how many have which label.
        whole: the problem on the whole space, if this one searches a part of it; else None.
        penalty: what the parameters themselves cost; None: nothing.
        columns_called: the names of the columns, as messages write them; None: they have none.

    Example:
        >>> from minigrid import Accuracy, Grid, Network, SearchSpace
        >>> network = Network.dense([1, 1])
        >>> problem = Problem.create(network, SearchSpace(network, Grid([-1, 1])), [[1.0], [-1.0]], [1, 0], Accuracy())
        >>> problem.n_samples, problem.score(problem.space[1])
        (2, 1.0)
    """

    network: Network
    space: SearchSpace
    columns: FloatArray
    targets: FloatArray
    sample_weight: FloatArray | None
    scoring: Scoring
    distinct: Samples
    whole: "Problem | None" = None
    penalty: Penalty | None = None
    columns_called: Sequence[str] | None = None

    @classmethod
    def create(
        cls,
        network: Network,
        space: SearchSpace,
        X: ArrayLike,
        y: ArrayLike,
        scoring: Scoring,
        sample_weight: ArrayLike | None = None,
        penalty: Penalty | None = None,
    ) -> "Problem":
        """Check everything that can be checked before a search, and create the problem.

        Args:
            network: the architecture.
            space: one grid for each of its parameters.
            X: shape (n_samples, n_inputs).
            y: the targets, as the scoring expects them.
            scoring: what makes one candidate better than another.
            sample_weight: shape (n_samples,), or None for equal weights.
            penalty: what the parameters themselves cost; None: nothing.

        Returns:
            The problem.

        Raises:
            InvalidTypeError: an argument has the wrong type, or the data hold something other than real numbers.
            InvalidValueError: the data hold NaN, infinity or labels that the scoring does not take; or the penalty does
                not fit the network.
            ShapeError: the shapes of the data do not fit the network or each other.
            ActivationError, ScoringError, PenaltyError: a custom activation, scoring or penalty broke its contract
                when it was tried on a few candidates.
        """
        as_instance(network, Network, "network", "Build one, such as Network.dense([2, 1]).")
        if space.names != network.parameter_names:
            fix = "Build it from this network with SearchSpace(network, grid)."
            names = f"{len(space.names)} other names"
            raise ShapeError(message("space", "a grid for each of the network's parameters", names, fix))
        columns = as_columns(X, network.n_inputs)
        check_limits(scoring)
        base = final_base(type(scoring)) if isinstance(scoring, BuiltinScoring) else None
        if base is not None:  # what engines know of a built-in one need not hold for it
            fix = f"Derive from Scoring, and hold a {base.__name__} inside if you need one."
            raise ScoringError(message(f"scoring {scoring!r}", "a built-in scoring as it is", "a subclass", fix))
        targets = scoring_targets(scoring, y, network.n_outputs)
        n_samples = columns.shape[1]
        if targets.shape[0] != n_samples:
            is_turned = len(targets) == len(columns)
            turn = f"{if_turned(X)[:-1]} to a network of {counted(n_samples, 'input')}." if is_turned else ""
            raise unequal_lengths(len(targets), "X", n_samples, turn)
        weights = as_sample_weight(sample_weight, n_samples)
        if weights is not None and not scoring.takes_weights:
            expected, got = "one that takes sample_weight", "one that does not"
            fix = "Let the function take a keyword sample_weight, or leave the weights out."
            raise ScoringError(message(f"scoring {scoring!r}", expected, got, fix))
        problem = cls.from_arrays(network, space, columns.T, targets, scoring, weights, penalty)
        problem._try_out()
        return replace(problem, columns_called=called_columns(X))

    @classmethod
    def from_arrays(
        cls,
        network: Network,
        space: SearchSpace,
        X: FloatArray,
        targets: FloatArray,
        scoring: Scoring,
        sample_weight: FloatArray | None,
        penalty: Penalty | None = None,
    ) -> "Problem":
        """Create a problem from parts that were already checked. It keeps the arrays and makes them read-only.

        Args:
            network: the architecture.
            space: one grid for each parameter.
            X: shape (n_samples, n_inputs). If it is the transpose of contiguous rows, they are not copied.
            targets: as `scoring.check_targets` returned them.
            scoring: what makes one candidate better than another.
            sample_weight: shape (n_samples,), or None for equal weights.
            penalty: what the parameters themselves cost; None: nothing.

        Returns:
            The problem.
        """
        for array in (X, targets, sample_weight):
            if array is not None:
                read_only(array)
        columns = read_only(np.ascontiguousarray(X.T))
        distinct = Samples(columns, targets).merged()
        return cls(network, space, columns, targets, sample_weight, scoring, distinct, penalty=penalty)

    def _try_out(self) -> None:
        self._try_activations()
        if self.penalty is not None:
            check_fit(self.penalty, self.is_weight)
        if self.is_builtin:
            return
        ends = [self.space.index_of([pick(grid.values) for grid in self.space.grids]) for pick in (np.min, np.max)]
        outputs, tried, began = list[FloatArray](), list[FloatArray](), time.perf_counter()
        for index in dict.fromkeys([0, self.space.size // 3, self.space.size // 2, *ends]):
            assert index is not None
            if outputs and time.perf_counter() - began > SECONDS:  # an activation is slow, or there are many samples
                break
            tried.append(self.space[index])
            outputs.append(self.outputs(tried[-1]))
        if self.penalty is not None:
            probe_penalty(self.penalty, np.stack(tried), self.is_weight)
        own = not isinstance(self.scoring, BuiltinScoring)
        probe_scoring(self.scoring, self.targets, np.stack(outputs), self.sample_weight, twice=own)

    def _try_activations(self) -> None:
        """Probe each activation, and call it on weighted sums up to the largest that its layer can reach, if known.

        If all are built in, which the tests of minigrid probe, this takes no time.
        """
        if all(is_as_built_in(neuron.activation) for neuron in self.network.neurons):
            return
        tried: list[Activation] = []  # a list, because a custom activation may not be hashable
        largest_inputs = np.maximum(self.columns.max(axis=1), -self.columns.min(axis=1)).tolist()
        grids = iter(self.space.grids)
        for layer in self.network:
            outputs = []
            for neuron in layer:
                _probe_once(neuron.activation, tried)
                terms = [largest_inputs[column] for column in neuron.input_columns()]
                terms += [1.0] * (neuron.bias is not None)
                reach = sum(term * float(np.abs(next(grids).values).max()) for term in terms)
                sums = min(reach, _LARGEST_TRIED) * _TRIED
                outputs.append(float(np.abs(apply_activation(neuron.activation, sums)).max()))
            largest_inputs = outputs

    @property
    def n_samples(self) -> int:
        """How many samples (rows) the data have."""
        return int(self.columns.shape[1])

    @property
    def X(self) -> FloatArray:
        """The data, shape (n_samples, n_inputs), read-only."""
        return self.columns.T

    @property
    def is_builtin(self) -> bool:
        """Whether the problem calls no custom activation, scoring or penalty, which may not be thread-safe."""
        activations = [neuron.activation for neuron in self.network.neurons]
        own = [activation for activation in activations if not isinstance(activation, BuiltinActivation)]
        return not own and not is_own(self.penalty) and isinstance(self.scoring, BuiltinScoring)

    @property
    def counted(self) -> Samples:
        """The samples whose labels are counted: equal ones merged; or all of them, if they have weights."""
        if self.sample_weight is None:
            return self.distinct
        return Samples(self.columns, self.targets, self.sample_weight)

    def with_space(self, space: SearchSpace) -> "Problem":
        """Return the same problem on other grids, such as a part of the space.

        Args:
            space: the grids.

        Returns:
            A part of the whole problem.
        """
        return replace(self, space=space, whole=self if self.whole is None else self.whole)

    def lift(self, candidate: Candidate) -> Candidate:
        """Find a candidate of this part in the whole space.

        Args:
            candidate: a candidate of this part.

        Returns:
            The same candidate in the whole space. Its index is None if it is not a point of that space.
        """
        whole = self if self.whole is None else self.whole
        return replace(candidate, index=whole.space.index_of(candidate.parameters, exact=True))

    def outputs(self, parameters: FloatArray) -> FloatArray:
        """Compute the outputs of one candidate's network, as calling it on ``X`` does.

        Args:
            parameters: shape (n_parameters,).

        Returns:
            The outputs, shape (n_samples, n_outputs).

        Raises:
            ActivationError: a custom activation broke its contract.
        """
        columns = self.columns  # checked already, once for all candidates
        for layer in self.network.with_parameters(parameters):
            columns = layer.forward(columns)
        return np.ascontiguousarray(columns.T)

    def score(self, parameters: FloatArray) -> float:
        """Score one candidate as the plain loop does, without the penalty.

        Args:
            parameters: shape (n_parameters,).

        Returns:
            The score.

        Raises:
            ActivationError, ScoringError: a custom activation or scoring broke its contract.
        """
        return call_scoring(self.scoring, self.targets, self.outputs(parameters), self.sample_weight)

    def objective(self, parameters: FloatArray) -> float:
        """Compute the number that the plain loop compares: the score, made worse by the penalty; NaN if forbidden.

        Args:
            parameters: shape (n_parameters,).

        Returns:
            The objective.

        Raises:
            ActivationError, ScoringError, PenaltyError: a custom activation, scoring or penalty broke its contract.
        """
        score = self.score(parameters)
        return score if self.penalty is None else score - self.sign * self.penalties(parameters[np.newaxis])[0].item()

    def penalties(self, parameters: FloatArray) -> FloatArray:
        """Compute the penalties of candidates.

        Args:
            parameters: shape (n_candidates, n_parameters).

        Returns:
            The costs, shape (n_candidates,); NaN where a candidate is forbidden.

        Raises:
            PenaltyError: a custom penalty broke its contract.
        """
        if self.penalty is None:
            return np.zeros(len(parameters))
        costs = call_penalty(self.penalty, parameters, self.is_weight)
        return np.where(np.isinf(costs), np.nan, costs)

    @property
    def is_weight(self) -> BoolArray:
        """True for each parameter that is a weight, False for a bias; shape (n_parameters,), read-only."""
        kinds = [[True] * neuron.weights.size + [False] * (neuron.bias is not None) for neuron in self.network.neurons]
        return read_only(np.concatenate([np.array(kind, dtype=np.bool_) for kind in kinds]))

    @property
    def sign(self) -> float:
        """1 if higher scores are better, -1 for a loss. Scores times the sign are always better when higher."""
        return 1.0 if self.scoring.greater_is_better else -1.0

    def better(self, score: float, other: float) -> bool:
        """Tell whether a score is strictly better than another. NaN never is.

        Args:
            score: one score.
            other: another score.

        Returns:
            True if the first is strictly better.
        """
        return self.sign * score > self.sign * other


def _probe_once(activation: Activation, tried: list[Activation]) -> None:
    """Probe an activation. If it is equal to another, check that both behave alike, as minigrid may swap them."""
    for other in tried:
        if are_same(activation, other):
            check_equality(activation, other, 4.0 * _TRIED)
            return
    probe_activation(activation)
    tried.append(activation)
