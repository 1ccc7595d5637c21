"""The errors that minigrid raises on purpose.

Each error is a `MinigridError`, and also the built-in error that you would expect. So both ``except MinigridError`` and
``except ValueError`` work.
"""

__all__ = [
    "ActivationError",
    "CheckpointError",
    "EngineError",
    "FileFormatError",
    "InvalidTypeError",
    "InvalidValueError",
    "MinigridError",
    "MissingExtraError",
    "NoScoreError",
    "NotDrawnError",
    "OutOfRangeError",
    "PenaltyError",
    "ScoringError",
    "SearchTooLongError",
    "ShapeError",
    "StrategyError",
    "TooManyError",
    "UnknownAttributeError",
    "UnknownNameError",
    "WorkerError",
]


class MinigridError(Exception):
    """The base of every error that minigrid raises on purpose.

    Example:
        >>> from minigrid import Grid
        >>> try:
        ...     Grid([])
        ... except MinigridError as error:
        ...     print(type(error).__name__)
        ShapeError
    """


class InvalidTypeError(MinigridError, TypeError):
    """An argument has a type that cannot be used, such as strings instead of numbers.

    Example:
        >>> from minigrid import Grid
        >>> Grid(["low", "high"])
        Traceback (most recent call last):
            ...
        minigrid.exceptions.InvalidTypeError: values: expected real numbers, got 'low' at
            position (0,). Replace what is no number with a number, or drop it.
    """


class InvalidValueError(MinigridError, ValueError):
    """An argument has the right type, but a value that cannot be used.

    Example:
        >>> from minigrid import Grid
        >>> Grid([0.0, float("nan")])
        Traceback (most recent call last):
            ...
        minigrid.exceptions.InvalidValueError: values: expected finite numbers, got nan
            at position (1,). Drop or fill NaN and infinite values first.
    """


class ShapeError(InvalidValueError):
    """An array has the wrong number of dimensions, rows, columns or elements.

    Example:
        >>> from minigrid import Network
        >>> Network.dense([2, 1])([[0.5, 0.5, 0.5]])
        Traceback (most recent call last):
            ...
        minigrid.exceptions.ShapeError: X: expected 2 features (columns), as the network
            has 2 inputs, got 3. Select the right columns, or build the network for this
            width.
    """


class UnknownNameError(InvalidValueError):
    """A name (of a parameter, strategy, scoring or engine) that does not exist.

    Example:
        >>> from minigrid import Grid, Network, SearchSpace
        >>> SearchSpace(Network.dense([1, 1]), Grid([0, 1]), overrides={"layer0.neuron0.bias": Grid([1])})
        Traceback (most recent call last):
            ...
        minigrid.exceptions.UnknownNameError: overrides: expected names of the network's
            parameters, got 'layer0.neuron0.bias'. Did you mean 'layer0.neuron0.weight0'?
            Known: 'layer0.neuron0.weight0'.
    """


class OutOfRangeError(MinigridError, IndexError):
    """An index beyond the end of a grid or a search space.

    Example:
        >>> from minigrid import Grid
        >>> Grid([0.0, 1.0])[2]
        Traceback (most recent call last):
            ...
        minigrid.exceptions.OutOfRangeError: position: expected a whole number below 2,
            the size, got 2. Pass a whole number, from 0 for the first.
    """


class TooManyError(MinigridError, OverflowError):
    """A number is too large for a Python protocol such as ``len``.

    Example:
        >>> from minigrid import Grid, Network, SearchSpace
        >>> len(SearchSpace(Network.dense([9, 9, 9]), Grid.linspace(-1, 1, 100)))
        Traceback (most recent call last):
            ...
        minigrid.exceptions.TooManyError: len(): expected at most about 9.2 x 10^18
            candidates, as Python allows no more, got 10^324. Use space.size, which is exact
            for any number.
    """


class ActivationError(MinigridError, ValueError):
    """An activation broke its contract: another shape or dtype, NaN for a finite input, an exception.

    Example:
        >>> from minigrid import Network, activation
        >>> @activation
        ... def half(z):
        ...     return z[:1]
        >>> Network.dense([1, 1], activation=half)([[1.0], [2.0]])
        Traceback (most recent call last):
            ...
        minigrid.exceptions.ActivationError: activation FunctionActivation(half):
            expected a float64 array of z's shape (2,), elementwise, got an array of shape
            (1,) and dtype float64. Work element by element (no np.sum, no np.max over all
            samples).
    """


class PenaltyError(MinigridError, ValueError):
    """A penalty broke its contract: it raised an error, returned no number of at least 0, or declares false bounds.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network, Penalty
        >>> class Reward(Penalty):
        ...     def __call__(self, parameters, is_weight, /):
        ...         return -1.0
        >>> GridSearchTrainer(Grid([0, 1]), penalty=Reward()).fit(Network.dense([1, 1]), [[0.0], [1.0]], [0, 1])
        Traceback (most recent call last):
            ...
        minigrid.exceptions.PenaltyError: penalty Reward(): expected a number of at
            least 0, got -1.0. A penalty makes a candidate worse: return 0 or more.
    """


class ScoringError(MinigridError, ValueError):
    """A scoring broke its contract, or cannot be used with this network or these targets.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> trainer = GridSearchTrainer(Grid([0, 1]), scoring=lambda y, outputs: "good")
        >>> trainer.fit(Network.dense([1, 1]), [[0.0], [1.0]], [0, 1])
        Traceback (most recent call last):
            ...
        minigrid.exceptions.ScoringError: scoring FunctionScoring(<lambda>): expected
            one number, got 'good'. Reduce over samples and outputs to one float.
    """


class StrategyError(MinigridError, ValueError):
    """A strategy broke its contract: it returned no result, or one that claims more than was searched.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network, Strategy
        >>> class Idle(Strategy):
        ...     def stages(self, problem):
        ...         return ()
        ...
        ...     def search(self, problem, runner):
        ...         return None
        >>> GridSearchTrainer(Grid([0, 1]), strategy=Idle()).fit(Network.dense([1, 1]), [[0.0], [1.0]], [0, 1])
        Traceback (most recent call last):
            ...
        minigrid.exceptions.StrategyError: stages of strategy Idle(): expected a tuple
            of one PlannedStage or more, got a tuple of length 0. Return a tuple, such as
            (PlannedStage(Stage('all', problem)),).
    """


class EngineError(MinigridError, ValueError):
    """An engine broke its contract: it did not return one float64 score per candidate.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network, Scorer
        >>> class Idle(Scorer):
        ...     def score(self, problem, digits):
        ...         return None
        >>> GridSearchTrainer(Grid([0, 1]), engine=Idle()).fit(Network.dense([1, 1]), [[0.0], [1.0]], [0, 1])
        Traceback (most recent call last):
            ...
        minigrid.exceptions.EngineError: score of engine Idle(): expected a float64
            array of shape (1,), one score a candidate, got None. Score the candidates in
            the order of the rows of digits.
    """


class CheckpointError(MinigridError, ValueError):
    """A checkpoint cannot be used: it is damaged, newer, in use, or of another problem. minigrid does not change it.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "search.ckpt")
        ...     _ = path.write_text("something else")
        ...     try:
        ...         GridSearchTrainer(Grid([0, 1])).fit(Network.dense([1, 1]), [[0.0], [1.0]], [0, 1], checkpoint=path)
        ...     except CheckpointError:
        ...         print(path.read_text(), "is still there")
        something else is still there
    """


class FileFormatError(MinigridError, ValueError):
    """A file is no network or result that minigrid can read: it is damaged, newer, or something else.

    minigrid does not change the file.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from minigrid import Network
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "net.json")
        ...     _ = path.write_text("[1, 2")
        ...     try:
        ...         Network.load(path)
        ...     except FileFormatError:
        ...         print("not a network")
        not a network
    """


class NoScoreError(MinigridError, ArithmeticError):
    """Every candidate scored NaN, so none of them is the best.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> trainer = GridSearchTrainer(Grid([0, 1]), scoring=lambda y, outputs: float("nan"))
        >>> trainer.fit(Network.dense([1, 1]), [[0.0], [1.0]], [0, 1])
        Traceback (most recent call last):
            ...
        minigrid.exceptions.NoScoreError: scoring FunctionScoring(<lambda>): expected a
            number for at least one candidate, got NaN for all 2 that were scored (joint).
            Fix the scoring; or the weighted sums overflow: use smaller grid values or
            scale X.
    """


class SearchTooLongError(MinigridError, RuntimeError):
    """A search would take more than a day, and has neither ``time_limit`` nor ``max_candidates``.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> trainer = GridSearchTrainer(Grid.linspace(-1, 1, 100), engine="batched")
        >>> try:
        ...     trainer.fit(Network.dense([2, 9, 1]), [[0.0, 1.0], [1.0, 0.0]], [0, 1])
        ... except SearchTooLongError:
        ...     print("a limit is needed")
        a limit is needed
    """


class WorkerError(MinigridError, RuntimeError):
    """Workers were lost with the same task several times, accept no more work, or compute differently.

    Example:
        >>> from concurrent.futures import ThreadPoolExecutor
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> pool = ThreadPoolExecutor(1)
        >>> pool.shutdown()
        >>> trainer = GridSearchTrainer(Grid.linspace(-1, 1, 999), engine="batched", executor=pool, time_limit=9)
        >>> try:
        ...     trainer.fit(Network.dense([1, 2, 1]), [[0.0], [1.0]], [0, 1])
        ... except WorkerError:
        ...     print("the pool takes no more work")
        the pool takes no more work
    """


class MissingExtraError(MinigridError, ImportError):
    """You used a feature that needs a package that is not installed.

    Example:
        >>> from unittest.mock import patch
        >>> from minigrid import Network
        >>> from minigrid.onnx import save
        >>> with patch.dict("sys.modules", {"onnx": None}):  # as though it were not installed
        ...     save(Network.dense([2, 1]), "net.onnx")
        Traceback (most recent call last):
            ...
        minigrid.exceptions.MissingExtraError: minigrid.onnx: expected onnx to be
            installed, got an environment without it. Run pip install onnx.
    """


class NotDrawnError(MinigridError, AttributeError):
    """A display was asked for its axes or figure before it was drawn.

    Example:
        >>> from minigrid import Network
        >>> from minigrid.plotting import DecisionBoundaryDisplay
        >>> DecisionBoundaryDisplay.from_network(Network.dense([2, 1]), [[0.0, 1.0], [1.0, 0.0]], [1, 1]).figure_
        Traceback (most recent call last):
            ...
        minigrid.exceptions.NotDrawnError: <DecisionBoundaryDisplay of the output 0, 2
            samples>: expected a display that was drawn, got one that was not. Call its
            plot().
    """


class UnknownAttributeError(MinigridError, AttributeError):
    """An object has no attribute of that name; the message says what to use.

    Example:
        >>> from minigrid import Network
        >>> Network.dense([2, 1]).weights
        Traceback (most recent call last):
            ...
        minigrid.exceptions.UnknownAttributeError: Network.weights: expected a name that a
            Network has, got 'weights'. Use network.parameters, all weights and biases, or
            network[0][0].weights, those of one neuron.
    """
