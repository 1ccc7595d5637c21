"""The base of the classifier and the regressor: it stores settings, builds the network, and runs the search."""

import copy
import dataclasses
import math
import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from minigrid._base.arrays import LARGEST_ARRAY, as_numeric, as_samples, as_vector, if_turned
from minigrid._base.expected_names import KnowsOtherNames, knows_other_arguments
from minigrid._base.signals import Interrupt
from minigrid._base.text import counted, message
from minigrid._base.typing import ArrayLike, FloatArray, RegisteredName, override
from minigrid._base.validation import as_instance, as_int, as_items, as_mapping, unknown_name
from minigrid.activations import Activation
from minigrid.activations.names import ActivationName
from minigrid.exceptions import InvalidValueError, ShapeError
from minigrid.model.network import Network
from minigrid.model.neuron import as_activation
from minigrid.scoring import Penalty, ScoreFunction, Scoring
from minigrid.scoring.labels import LabelScoring
from minigrid.scoring.names import ScoringName, as_any_scoring
from minigrid.search.engines.base import Engine
from minigrid.search.engines.names import EngineName
from minigrid.search.events import Callback
from minigrid.search.limits import as_time_limit
from minigrid.search.result import SearchResult
from minigrid.search.running.hints_of_data import hint_of_width
from minigrid.search.running.plan import SearchPlan
from minigrid.search.scorecard import Scorecard
from minigrid.search.space import Grid, SearchSpace, as_overrides
from minigrid.sklearn._library import BaseEstimator, check_is_fitted, validate_data
from minigrid.sklearn.grids import suitable_grids
from minigrid.sklearn.hints import in_own_words
from minigrid.sklearn.optimum import starting_points
from minigrid.sklearn.samples import Samples
from minigrid.strategies import Coordinate, Strategy
from minigrid.strategies.names import StrategyName, as_strategy
from minigrid.trainer import GridSearchTrainer

_MOST_VISITS, _MOST_ROUNDS = 130, 20  # visits of single parameters, and rounds, from each start of the default search
_PASSED_ON = (
    "penalty",
    "engine",
    "top",
    "time_limit",
    "target_score",
    "max_candidates",
    "callbacks",
    "progress",
    "workers",
)
_OBJECTS = {  # with settings, as examples
    "strategy": "strategy=Coordinate(seed=1)",
    "activation": "activation=LeakyReLU(slope=0.1)",
    "output_activation": "output_activation=LeakyReLU(slope=0.1)",
    "scoring": "scoring=LogLoss()",
    "penalty": "penalty=L1(0.01)",
}
_FOR_STARTS = 0.5  # of the time limit, to prepare the search
_AT_LEAST = 0.1  # of the time limit, to search, even if the preparation took all of it
_PLANNED_IN = 0.4  # seconds, to prepare a plan


class Task(NamedTuple):
    """The task of a search.

    Attributes:
        network: the architecture.
        samples: the data, in the user's order.
        classes: the sorted labels of a classifier; None: the targets are numbers.
    """

    network: Network
    samples: Samples
    classes: NDArray[Any] | None = None


class NetworkEstimator(KnowsOtherNames, BaseEstimator, ABC):
    """Base of both estimators. The constructor only stores its arguments; `fit` checks them.

    Attributes:
        network_: the best network that the search found; after `fit`.
        result_: the result of the search: the score, whether it is proven best, and more; after `fit`.
        n_features_in_: the number of features of X; after `fit`.
        feature_names_in_: the names of the features, if X was a table with names; after `fit`.
    """

    # What None stands for in the constructor.
    _default_output_activation: ClassVar[ActivationName]
    _default_scoring: ClassVar[ScoringName]

    network_: Network
    result_: SearchResult
    n_features_in_: int
    feature_names_in_: NDArray[Any]

    @knows_other_arguments
    def __init__(
        self,
        hidden: Sequence[int] = (2,),
        *,
        activation: ActivationName | RegisteredName | Activation = "sigmoid",
        output_activation: ActivationName | RegisteredName | Activation | None = None,
        bias: bool = True,
        network: Network | None = None,
        grid: Grid | ArrayLike | None = None,
        bias_grid: Grid | ArrayLike | None = None,
        overrides: Mapping[str, Grid | ArrayLike] | None = None,
        strategy: StrategyName | RegisteredName | Strategy | None = None,
        scoring: ScoringName | RegisteredName | Scoring | ScoreFunction | None = None,
        penalty: Penalty | RegisteredName | None = None,
        engine: EngineName | RegisteredName | Engine = "auto",
        top: int = 1,
        time_limit: float | None = None,
        target_score: float | None = None,
        max_candidates: int | None = None,
        callbacks: Sequence[Callback] = (),
        progress: bool | None = False,
        workers: int | None = None,
    ) -> None:
        self.hidden = hidden
        self.activation = activation
        self.output_activation = output_activation
        self.bias = bias
        self.network = network
        self.grid = grid
        self.bias_grid = bias_grid
        self.overrides = overrides
        self.strategy = strategy
        self.scoring = scoring
        self.penalty = penalty
        self.engine = engine
        self.top = top
        self.time_limit = time_limit
        self.target_score = target_score
        self.max_candidates = max_candidates
        self.callbacks = callbacks
        self.progress = progress
        self.workers = workers

    @abstractmethod
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Search for the network that fits the data best, and return the estimator itself."""

    @override
    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the settings by name.

        Args:
            deep: whether to add the settings of a strategy, activation, scoring or penalty that is an object:
                'strategy__restarts'.
        """
        params: dict[str, Any] = super().get_params(deep=deep)
        if deep:
            for name, value in list(params.items()):
                params.update({f"{name}__{setting}": part for setting, part in _settings_of(value).items()})
        return params

    @override
    def set_params(self, **params: Any) -> Self:
        """Change settings by name, and return the estimator itself.

        Args:
            params: the arguments of the constructor. 'strategy__restarts' changes one setting of a strategy,
                activation, scoring or penalty that is an object: the estimator replaces the object by a copy with this
                setting.

        Raises:
            ValueError: the estimator has no such setting.
        """
        super().set_params(**{name: value for name, value in params.items() if "__" not in name})
        for name, value in params.items():
            owner, separator, setting = name.partition("__")
            if separator:
                self._set_part(owner, setting, value)
        return self

    def _set_part(self, owner: str, setting: str, value: object) -> None:
        present = super().get_params(deep=False)
        if owner not in present:
            raise unknown_name("set_params", owner, present, f"a setting of {type(self).__name__}")
        thing = present[owner]
        settings = _settings_of(thing)
        if setting not in settings:
            if not settings:
                example = _OBJECTS.get(owner)
                of_default = ", and a grid, as the default strategy has a grid and starts of its own"
                more = of_default if owner == "strategy" and self.grid is None and thing is None else ""
                fix = f"Pass an object first, such as {example}{more}." if example else f"Pass {owner}= itself."
                expected = f"{owner} to be an object with settings"
                raise InvalidValueError(message(f"{owner}__{setting}", expected, repr(thing), fix))
            raise unknown_name("set_params", setting, settings, f"a setting of {thing!r}")
        setattr(self, owner, dataclasses.replace(thing, **{setting: value}))

    @override
    def __sklearn_clone__(self) -> Self:
        """Create an estimator with the same settings and the same callbacks, which then also get its events."""
        bare = copy.copy(self)
        bare.callbacks = ()
        cloned = super(NetworkEstimator, bare).__sklearn_clone__()
        cloned.callbacks = self.callbacks
        return cloned

    def __sklearn_is_fitted__(self) -> bool:
        """Tell scikit-learn whether there is a network, as a failed `fit` leaves only other attributes."""
        return hasattr(self, "network_")

    def _planned_network(self, n_features: int, allowed_outputs: Sequence[int], purpose: str) -> Network:
        """Build the network whose weights are searched.

        Args:
            n_features: the number of features of the data.
            allowed_outputs: the allowed numbers of output neurons, the default first.
            purpose: what the output neurons are for, for messages.
        """
        if self.network is None:
            fix = "Pass sizes such as (2,), or () for none."
            sizes = as_items(self.hidden, "hidden", "a sequence of whole numbers", fix)
            layers = [as_int(size, "hidden", minimum=1, maximum=LARGEST_ARRAY) for size in sizes]
            return Network.dense(
                [n_features, *layers, allowed_outputs[0]],
                activation=as_activation(self.activation, "activation"),
                output_activation=self._chosen_output_activation(),
                bias=self.bias,
            )
        network = as_instance(self.network, Network, "network", "Pass a Network, or None for layers of sizes `hidden`.")
        if network.n_inputs != n_features:
            expected = f"{counted(n_features, 'input')}, one for each feature of X"
            fix = "Build the network for this width, or select the right features."
            raise ShapeError(message("network", expected, f"{network.n_inputs}", fix))
        if network.n_outputs not in allowed_outputs:
            expected = f"{' or '.join(map(str, allowed_outputs))} output neurons, {purpose}"
            fix = "Build the network with this many neurons in its last layer."
            raise ShapeError(message("network", expected, f"{network.n_outputs}", fix))
        return network

    def _chosen_output_activation(self) -> Activation:
        chosen = self._default_output_activation if self.output_activation is None else self.output_activation
        return as_activation(chosen, "output_activation")

    @abstractmethod
    def _task(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None) -> Task:
        """Check the data, and build the task."""

    def plan(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> SearchPlan:
        """Estimate how long `fit` would take, as `GridSearchTrainer.plan` does. The estimator does not change.

        Args:
            X: shape (n_samples, n_features).
            y: the targets, as for `fit`.
            sample_weight: shape (n_samples,), how much each sample counts. Default None: all count the same.

        Returns:
            The estimate.

        Raises:
            TypeError: an argument has the wrong type.
            ValueError: an argument has a value or a shape that cannot be used.
        """
        began = time.perf_counter()
        own = copy.copy(self)
        trainer, samples = self._prepared(task := own._task(X, y, sample_weight), began, is_plan=True)
        plan = trainer.plan(task.network, samples.X, samples.y, sample_weight=samples.sample_weight)
        return dataclasses.replace(plan, hints=own._in_own_words(plan.hints))

    def _search(self, task: Task, began: float) -> SearchResult:
        """Search for the network's best parameters; `began`: what `time.perf_counter` said when the call began."""
        trainer, samples = self._prepared(task, began)
        return trainer.fit(task.network, samples.X, samples.y, sample_weight=samples.sample_weight)

    def _prepared(self, task: Task, began: float, *, is_plan: bool = False) -> tuple[GridSearchTrainer, Samples]:
        """Create the trainer, with values that suit the data where a setting is None, and its samples."""
        limit = as_time_limit(self.time_limit)
        latest = began + (_PLANNED_IN if is_plan else math.inf if limit is None else _FOR_STARTS * limit)
        scoring = as_any_scoring(self._default_scoring if self.scoring is None else self.scoring)
        # Scores of labels are sums of whole numbers, where all are alike: no order and no rounding plays a part.
        in_any_order = not scoring.takes_weights or isinstance(scoring, LabelScoring)
        samples, strategy = task.samples, None if self.strategy is None else as_strategy(self.strategy)
        is_sorted = not in_any_order or self.grid is None or strategy is None
        own = samples.gathered() if is_sorted else samples
        grid = Grid.fixed(0.0) if self.grid is None else _as_grid(self.grid, "grid")
        bias_grid = None if self.bias_grid is None else _as_grid(self.bias_grid, "bias_grid")
        given = {} if self.overrides is None else as_mapping(self.overrides, "overrides", "Pass a dict of names.")
        overrides = as_overrides({name: _as_grid(one, f"overrides[{name!r}]") for name, one in given.items()})
        if self.grid is None:
            some = own.some()
            some = own if (np.ptp(some.X, axis=0) == 0.0).any() else some  # a feature may be rare
            suitable = suitable_grids(task.network, some.X, some.y, some.sample_weight, many=strategy is None)
            if bias_grid is not None:
                suitable = {name: one for name, one in suitable.items() if not name.endswith(".bias")}
            overrides = {**suitable, **overrides}
        if strategy is None:
            space = SearchSpace(task.network, grid, bias_grid, overrides)
            strategy = _from_optimum(starting_points(task.network, space, own, lambda: time.perf_counter() > latest))
        settings = {name: getattr(self, name) for name in _PASSED_ON}
        if limit is not None and not is_plan:
            settings["time_limit"] = max(began + limit - time.perf_counter(), _AT_LEAST * limit)
        trainer = GridSearchTrainer(
            grid, bias_grid=bias_grid, overrides=overrides, strategy=strategy, scoring=scoring, **settings
        )
        return trainer, samples if in_any_order else own

    def _keep(self, result: SearchResult) -> None:
        """Store the result of a search.

        Raises:
            KeyboardInterrupt: the user interrupted the search, and has no handler for that. Code that fits many
                estimators, such as GridSearchCV, must stop too.
        """
        self.result_ = dataclasses.replace(result, hints=self._in_own_words(result.hints))
        self.network_ = result.network
        narrow = hint_of_width(result.network)
        if narrow in result.hints:
            warnings.warn(self._in_own_words([str(narrow)])[0], UserWarning, stacklevel=3)
        if result.stop_reason == "interrupted" and not Interrupt.is_answered:
            raise KeyboardInterrupt

    def _in_own_words(self, hints: Sequence[str]) -> tuple[str, ...]:
        names = getattr(self, "feature_names_in_", None)
        is_default = self.grid is None and self.strategy is None
        return in_own_words(hints, None if names is None else names.tolist(), is_default=is_default)

    @knows_other_arguments
    def scorecard(self, feature_names: Iterable[str] | None = None) -> Scorecard:
        """Create a scorecard of the neuron: points for each feature, and a table from the total to the risk.

        Only a network of one neuron has a scorecard: pass ``hidden=()``, and at most two classes or one target. For a
        classifier, the risk is that of the second class, ``classes_[1]``.

        Args:
            feature_names: a name for each feature, all different. Default None: the names of the table that you passed
                to `fit`, or else x0, x1, ...

        Raises:
            NotFittedError: you have not called `fit`.
            ShapeError: the network has more than one neuron, or there is not one name for each feature.
            InvalidTypeError: a name is not a string.
            InvalidValueError: two names are the same.
        """
        check_is_fitted(self)
        if feature_names is None:
            feature_names = getattr(self, "feature_names_in_", None)
        return Scorecard.from_network(self.network_, feature_names, self._risk_of())

    def _risk_of(self) -> str:
        """Name what a scorecard's risk is the probability of."""
        return "a target of 1"

    def _outputs(self, X: ArrayLike) -> FloatArray:
        """Compute the outputs of the best network, shape (n_samples, n_outputs)."""
        check_is_fitted(self)
        return self.network_(self._validated(X, reset=False))

    def _validated(self, X: ArrayLike, **settings: Any) -> Any:
        """Check data as scikit-learn does, and refuse what a network refuses, such as numbers that are text."""
        try:
            validated = validate_data(self, X, dtype=np.float64, **settings)
        except (TypeError, ValueError) as error:
            is_array = isinstance(X, np.ndarray | list | tuple) or hasattr(X, "toarray")
            if not is_array and not as_samples(X).size:  # which names the column of a table that is not numeric
                fix = "Pass a table with a column for each feature."
                raise ShapeError(message("X", "at least one feature (column)", "none", fix)) from None
            n_features = None if "y" in settings else self.n_features_in_
            if isinstance(error, TypeError) or not _is_turned(X, n_features, settings.get("y")):
                raise
            raise ShapeError(f"{str(error).rstrip('.')}. {if_turned(X)}") from None
        as_numeric(X, "X")
        return validated


def _is_turned(X: Any, n_features: int | None, y: Any) -> bool:
    """Tell whether the rows of data that do not fit may be features: as many as expected, or a column per target."""
    try:
        n_rows, n_columns = np.shape(X)
        return bool(n_rows != n_columns and (n_columns == len(y) if n_features is None else n_rows == n_features))
    except (TypeError, ValueError):  # it is no table
        return False


def _from_optimum(points: FloatArray) -> Coordinate:
    """Improve the best of some points, in fewer rounds if there are more parameters, so that it always ends soon."""
    max_rounds = min(max(_MOST_VISITS // points.shape[1], 1), _MOST_ROUNDS)
    return Coordinate(block="parameter", restarts=2, max_rounds=max_rounds, start=points)


def _as_grid(grid: Any, argument: str) -> Grid:
    """Create a grid of values, or check that it is one."""
    return grid if isinstance(grid, Grid) else Grid(as_vector(grid, argument, what="values of the grid"))


def _settings_of(thing: Any) -> dict[str, object]:
    """Return the settings of a part, by name, if it is an object that has any."""
    is_part = isinstance(thing, (Strategy, Activation, Scoring, Penalty))
    if not is_part or not dataclasses.is_dataclass(thing):
        return {}
    return {field.name: getattr(thing, field.name) for field in dataclasses.fields(thing) if field.init}
