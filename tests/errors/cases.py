"""Wrong calls, the errors that they must raise, and the calls that follow the advice of the errors."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import minigrid
from minigrid import (
    Grid,
    InvalidTypeError,
    InvalidValueError,
    Layer,
    MinigridError,
    Network,
    Neuron,
    SearchSpace,
    ShapeError,
)

# The point of these tables is to pass what the types forbid.
mg: Any = minigrid


X = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]


Y = [0, 1, 1]


GRID: Any = Grid([-1.0, 0.0, 1.0])


NEURON: Any = Neuron([1.0, 2.0])


SPARSE: Any = Neuron([1.0], inputs=[3])


LAYER: Any = Layer([NEURON])


NETWORK: Any = Network.dense([2, 1])


TWO_OUTPUTS: Any = Network.dense([2, 2])


THREE_OUTPUTS: Any = Network.dense([2, 3])


SPACE: Any = SearchSpace(NETWORK, GRID)


HUGE_SPACE: Any = SearchSpace(Network.dense([100, 1]), Grid.linspace(0.0, 1.0, 10))


MASKED: Any = np.ma.array


NAN, INF = float("nan"), float("inf")


ONE_OUTPUT = [[0.1], [0.9], [0.8]]


ENDLESS = 10**5000  # more digits than Python writes


class LikeATensor:
    """Something that refuses to become an array, as a tensor with a gradient does."""

    def __array__(self, dtype: object = None, copy: object = None) -> Any:
        raise RuntimeError("call detach() first")


def fit(
    X: Any = X, y: Any = Y, *, network: Any = NETWORK, weight: Any = None, grid: Any = GRID, **settings: Any
) -> Any:
    """Search, with one thing changed."""
    return mg.GridSearchTrainer(grid, **settings).fit(network, X, y, sample_weight=weight)


def plan(X: Any = X, y: Any = Y, *, network: Any = NETWORK, weight: Any = None, **settings: Any) -> Any:
    """Plan a search, with one thing changed."""
    return mg.GridSearchTrainer(GRID, **settings).plan(network, X, y, sample_weight=weight)


def near_best(
    X: Any = X, y: Any = Y, *, network: Any = NETWORK, weight: Any = None, within: Any = 0.1, **settings: Any
) -> Any:
    """Count near-best candidates, with one thing changed."""
    return mg.GridSearchTrainer(GRID, **settings).near_best(network, X, y, within=within, sample_weight=weight)


def passed_as(function: Callable[..., object], argument: str, **others: Any) -> Callable[[Any], object]:
    """Make a function of one argument, which is passed on by this name."""
    return lambda value: function(**{argument: value}, **others)


def labels_to(scoring: Any) -> Callable[[Any], object]:
    """Make a function of the targets that a scoring is called with."""
    return lambda value: scoring(value, ONE_OUTPUT)


def outputs_to(scoring: Any) -> Callable[[Any], object]:
    """Make a function of the outputs that a scoring is called with."""
    return lambda value: scoring(Y, value)


def weights_to(scoring: Any) -> Callable[[Any], object]:
    """Make a function of the weights that a scoring is called with."""
    return lambda value: scoring(Y, ONE_OUTPUT, sample_weight=value)


@dataclass(frozen=True)
class Advice:
    """What a message tells you to do, and a call that does it."""

    said: str
    follow: Callable[[], object]


@dataclass(frozen=True)
class Case:
    """A call that must fail, what its error must be and say, and what its advice leads to."""

    name: str
    call: Callable[[], object]
    error: type[MinigridError]
    builtin: type[Exception]
    fragments: tuple[str, ...]
    advice: tuple[Advice, ...] = ()

    def then(self, said: str, follow: Callable[[], object]) -> "Case":
        """The same row, with some advice that the message must hold, and the call that follows it."""
        return replace(self, advice=(*self.advice, Advice(said, follow)))

    def runs(self, code: str, use: Callable[[Any], object], **given: object) -> "Case":
        """The same row, with advice that is code: it is run, and its result is used, as a reader would do."""
        return self.then(code, lambda: use(run(code, **given)))


def returned(value: Any) -> Any:
    """Use the result of code that is complete in itself."""
    return value


def run(code: str, **given: object) -> Any:
    """Evaluate code of a message where minigrid and NumPy are imported and these variables are defined."""
    public = {name: getattr(minigrid, name) for name in minigrid.__all__}
    return eval(code, {"np": np, **public, **given})


def case(
    name: str, call: Callable[[], object], error: type[MinigridError], builtin: type[Exception], *fragments: str
) -> Case:
    """Write a row of the table."""
    return Case(name, call, error, builtin, fragments)


def type_error(name: str, call: Callable[[], object], *fragments: str) -> Case:
    """A row for an argument of the wrong kind."""
    return Case(name, call, InvalidTypeError, TypeError, fragments)


def value_error(name: str, call: Callable[[], object], *fragments: str) -> Case:
    """A row for an argument of the right kind and a wrong value."""
    return Case(name, call, InvalidValueError, ValueError, fragments)


def shape_error(name: str, call: Callable[[], object], *fragments: str) -> Case:
    """A row for an array of the wrong shape."""
    return Case(name, call, ShapeError, ValueError, fragments)
