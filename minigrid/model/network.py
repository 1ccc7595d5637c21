"""A network: layers one after the other, each of which receives the outputs of the layer before."""

import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Never, SupportsFloat, final

import numpy as np

from minigrid._base.arrays import LARGEST_ARRAY, as_sample_weight, as_samples, as_vector, read_only
from minigrid._base.expected_names import KnowsOtherNames, knows_other_arguments
from minigrid._base.numerics import predicted_labels
from minigrid._base.text import counted, describe, message
from minigrid._base.typing import ArrayLike, FloatArray, IntArray, RegisteredName, override
from minigrid._base.validation import as_instances, as_int, as_items, as_position
from minigrid._base.values import Value
from minigrid.activations import Activation, Sigmoid
from minigrid.activations.builtin import ActivationName
from minigrid.exceptions import FileFormatError, InvalidTypeError, ShapeError
from minigrid.model.layer import Layer
from minigrid.model.neuron import Neuron, as_activation

if TYPE_CHECKING:
    from minigrid.model.diagram import Diagram
    from minigrid.scoring import Scoring
    from minigrid.scoring.names import ScoringName

_FIX = "Pass a list of layers, such as [Layer([Neuron([1.0, 1.0])])], or build it from sizes: Network.dense([2, 1])."


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Network(KnowsOtherNames, Value):
    """A sequence of layers. It is an immutable value: `with_parameters` returns a new one.

    Args:
        layers: at least one layer. Each later layer has as many inputs as the layer before it has neurons.

    Raises:
        InvalidTypeError: something among ``layers`` is not a Layer.
        ShapeError: there are no layers, or one does not fit the layer before it.

    Example:
        >>> network = Network([Layer([Neuron([1.0, -1.0]), Neuron([2.0, 0.0])]), Layer([Neuron([1.0, 1.0])])])
        >>> network.topology
        (2, 2, 1)
        >>> network([[0.0, 0.0]])
        array([[0.73105858]])
    """

    layers: tuple[Layer, ...]

    def __init__(self, layers: Iterable[Layer]) -> None:
        members = list(as_instances(layers, Layer, "layers", _FIX))
        if not members:
            raise ShapeError(message("layers", "at least one layer", "none", _FIX))
        for i in range(1, len(members)):
            members[i] = _after(members[i - 1], members[i], i)
        object.__setattr__(self, "layers", tuple(members))

    @classmethod
    @knows_other_arguments
    def dense(
        cls,
        sizes: Sequence[int],
        *others: Never,
        activation: ActivationName | RegisteredName | Activation = Sigmoid(),  # noqa: B008  # an immutable value
        output_activation: ActivationName | RegisteredName | Activation | None = None,
        bias: bool = False,
    ) -> "Network":
        """Create a network in which every neuron sees all outputs of the layer before. All weights and biases are 0.

        Args:
            sizes: the number of inputs, then of neurons in each layer: [2, 2, 1] is two into one.
            activation: the activation of every neuron, or its name, such as 'tanh'. Default: Sigmoid.
            output_activation: the activation of the last layer's neurons. Default None: the same.
            bias: whether the neurons have a bias parameter. Default False.

        Returns:
            The network.

        Raises:
            InvalidTypeError: ``sizes`` is not a list of whole numbers, or an activation is not an `Activation`.
            InvalidValueError: a size is below 1.
            ShapeError: ``sizes`` has fewer than two entries.
            UnknownNameError: no activation has the name that you gave.
        """
        if others:
            given_one_by_one: tuple[object, ...] = (sizes, *others)
            named = ", ".join(map(describe, given_one_by_one))
            fix = f"Pass them in one list: Network.dense([{named}])."
            if any(isinstance(one, Activation | str) for one in given_one_by_one):
                fix = "Name the activation: Network.dense([2, 2, 1], activation='tanh')."
            raise InvalidTypeError(message("sizes", "one sequence of whole numbers", f"{named} one by one", fix))
        given = as_items(sizes, "sizes", "a sequence of whole numbers", "Pass a list such as [2, 2, 1].")
        widths = [as_int(size, "sizes", minimum=1, maximum=LARGEST_ARRAY) for size in given]
        if len(widths) < 2:
            fix = "List the number of inputs, then the number of neurons in each layer, such as [2, 2, 1]."
            raise ShapeError(message("sizes", "at least two numbers", f"{widths}", fix))
        of_all: object = activation
        if isinstance(of_all, list | tuple):
            fix = "Pass one for all layers and output_activation=... for the last, or build each with Layer.dense."
            as_activation(of_all, "activation", fix)
        every = as_activation(of_all, "activation")
        last = every if output_activation is None else as_activation(output_activation, "output_activation")
        steps = list(itertools.pairwise(widths))
        layers = [Layer.dense(a, b, activation=every, bias=bias) for a, b in steps[:-1]]
        return cls([*layers, Layer.dense(*steps[-1], activation=last, bias=bias)])

    @override
    def __repr__(self) -> str:
        return f"Network([{', '.join(map(repr, self.layers))}])"

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __getitem__(self, position: int, /) -> Layer:
        """Return one layer.

        Raises:
            InvalidTypeError: ``position`` is not a whole number.
            OutOfRangeError: the network has no such layer.
        """
        return self.layers[as_position(position, len(self), "position")]

    @property
    def n_inputs(self) -> int:
        """How many features (columns) X must have."""
        return self.layers[0].n_inputs

    @property
    def n_outputs(self) -> int:
        """How many neurons the last layer has."""
        return len(self.layers[-1])

    @property
    def topology(self) -> tuple[int, ...]:
        """The number of inputs, then of neurons in each layer."""
        return (self.n_inputs, *(len(layer) for layer in self.layers))

    @property
    def neurons(self) -> tuple[Neuron, ...]:
        """All neurons, layer after layer."""
        return tuple(neuron for layer in self.layers for neuron in layer)

    @property
    def n_parameters(self) -> int:
        """How many numbers a search chooses: all weights and biases."""
        return sum(layer.n_parameters for layer in self.layers)

    @property
    def parameters(self) -> FloatArray:
        """All weights and biases as a read-only vector of shape (n_parameters,).

        The order is layer by layer, neuron by neuron, the weights and then the bias.
        """
        return read_only(np.concatenate([neuron.parameters for neuron in self.neurons]))

    @property
    def parameter_slices(self) -> tuple[tuple[slice, ...], ...]:
        """The place of each neuron in `parameters`: ``parameter_slices[i][j]`` is that of neuron j of layer i.

        Example:
            >>> network = Network.dense([2, 2, 1])
            >>> network.parameter_slices[0][1]
            slice(2, 4, None)
        """
        return _slices(tuple(tuple(neuron.n_parameters for neuron in layer) for layer in self.layers))

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """A name for each entry of `parameters`, such as ``layer0.neuron1.weight0`` or ``layer0.neuron1.bias``.

        The numbers count from 0, as in ``network.layers[0].neurons[1].weights[0]``.
        """
        names = []
        for i, layer in enumerate(self.layers):
            for j, neuron in enumerate(layer):
                names += [f"layer{i}.neuron{j}.weight{k}" for k in range(neuron.weights.size)]
                if neuron.bias is not None:
                    names.append(f"layer{i}.neuron{j}.bias")
        return tuple(names)

    def with_parameters(self, vector: ArrayLike) -> "Network":
        """Return a copy of this network with other weights and biases.

        Args:
            vector: shape (n_parameters,), in the order of `parameters`.

        Returns:
            A new network.

        Raises:
            InvalidTypeError: ``vector`` holds something other than real numbers.
            InvalidValueError: ``vector`` holds NaN or infinity.
            ShapeError: ``vector`` is not flat, or not of length ``n_parameters``.
        """
        numbers = as_vector(vector, "vector", length=self.n_parameters, what="parameters of the network")
        layers = []
        for layer, slices in zip(self.layers, self.parameter_slices, strict=True):
            neurons = [neuron.with_parameters(numbers[own]) for neuron, own in zip(layer, slices, strict=True)]
            layers.append(Layer(neurons, n_inputs=layer.n_inputs))
        return Network(layers)

    def __call__(self, X: ArrayLike, /) -> FloatArray:
        """Compute the outputs: one forward pass.

        Args:
            X: shape (n_samples, n_inputs).

        Returns:
            The outputs, shape (n_samples, n_outputs). A weighted sum that overflows is infinite, and the difference
            of two infinite sums is NaN.

        Raises:
            InvalidTypeError: ``X`` holds something other than real numbers.
            InvalidValueError: ``X`` holds NaN or infinity.
            ShapeError: ``X`` is no table, has no rows, or has the wrong number of columns.
            ActivationError: an activation broke its contract.
        """
        columns = np.ascontiguousarray(as_samples(X, self.n_inputs).T)
        for layer in self.layers:
            columns = layer.forward(columns)
        return np.ascontiguousarray(columns.T)

    def predict(self, X: ArrayLike) -> IntArray:
        """Predict a label for each sample.

        Args:
            X: shape (n_samples, n_inputs).

        Returns:
            The labels, shape (n_samples,). With one output neuron, the label is 1 where the output is above 0.5, and
            else 0. With several, it is the position of the largest output. An output may be NaN, where sums overflow:
            a single output then gives the label 0, and of several outputs the first NaN counts as the largest. The
            built-in scorings give such a network the score NaN.

        Raises:
            InvalidTypeError: ``X`` holds something other than real numbers.
            InvalidValueError: ``X`` holds NaN or infinity.
            ShapeError: ``X`` is no table, has no rows, or has the wrong number of columns.
            ActivationError: an activation broke its contract.
        """
        return predicted_labels(self(X))

    @knows_other_arguments
    def score(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        scoring: "ScoringName | RegisteredName | Scoring | Callable[..., SupportsFloat]" = "accuracy",
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Score the network on data, such as data that a search has not seen.

        Args:
            X: shape (n_samples, n_inputs).
            y: the targets, as for `GridSearchTrainer.fit`.
            scoring: how to score, as for a `GridSearchTrainer`. Default 'accuracy': the fraction of samples whose
                predicted label is correct.
            sample_weight: shape (n_samples,), how much each sample counts. Default None: all count the same.

        Returns:
            The score, as a search computes it. It is NaN if sums overflow.

        Raises:
            InvalidTypeError: ``X``, ``y`` or ``sample_weight`` holds something other than real numbers.
            InvalidValueError: they hold NaN or infinity, or ``y`` holds labels that the scoring does not take.
            ShapeError: their shapes do not fit the network or each other.
            UnknownNameError: no scoring has the name that you gave.
            ActivationError, ScoringError: a custom activation or scoring broke its contract.

        Example:
            >>> network = Network.dense([2, 1]).with_parameters([1.0, -1.0])
            >>> network.score([[0.0, 1.0], [1.0, 0.0]], [0, 1])
            1.0
        """
        from minigrid.scoring import call_scoring, scoring_targets, unequal_lengths  # only where there is a score
        from minigrid.scoring.names import as_any_scoring

        chosen, outputs = as_any_scoring(scoring), self(X)
        targets = scoring_targets(chosen, y, self.n_outputs)
        if len(targets) != len(outputs):
            raise unequal_lengths(len(targets), "X", len(outputs))
        return call_scoring(chosen, targets, outputs, as_sample_weight(sample_weight, len(outputs)))

    def diagram(
        self, *, input_names: Sequence[str] | None = None, output_names: Sequence[str] | None = None
    ) -> "Diagram":
        """Draw the network: as SVG for pages and notebooks, as text for a terminal.

        Args:
            input_names: the names of the inputs. Default None: x0, x1, ...
            output_names: the names of the outputs. Default None: y0, y1, ...

        Returns:
            The diagram, as SVG and as text.

        Raises:
            InvalidTypeError: a name is not a string.
            ShapeError: there is not one name for each input or output.

        Example:
            >>> network = Network.dense([2, 2, 1]).with_parameters([1, -1, 0.5, 2, 3, -4])
            >>> print(network.diagram())
            layer 0
                        x0  x1  bias  activation
              neuron0    1  -1     .  Sigmoid()
              neuron1  0.5   2     .  Sigmoid()
            <BLANKLINE>
            layer 1 (output)
                  neuron0  neuron1  bias  activation
              y0        3       -4     .  Sigmoid()
        """
        from minigrid.model.diagram import Diagram  # imported only when you draw a network

        return Diagram(self.layers, input_names, output_names)

    def _repr_svg_(self) -> str:
        return self.diagram().svg()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the network to a file: JSON with a line for each neuron. Numbers are read back bit for bit.

        minigrid writes the whole file or none of it, and replaces an earlier file of the same name.

        Args:
            path: the path of the file, such as "net.json". Its folder must exist.

        Raises:
            InvalidTypeError: ``path`` is neither text nor a path.
            InvalidValueError: ``path`` is empty, or the path of a folder, a pipe or a device; or an activation of your
                own has no name. Files hold no code, so give it one with `register_activation`.
            OSError: the file could not be written. An earlier file stays as it was.

        Example:
            >>> import tempfile
            >>> network = Network.dense([2, 2, 1])
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     network.save(f"{folder}/net.json")
            ...     Network.load(f"{folder}/net.json") == network
            True
        """
        from minigrid.model.file import save_layers  # imported only when you save a network

        save_layers(self.layers, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Network":
        """Read a network that `save` wrote. The file holds no code, and minigrid runs none.

        Args:
            path: the path of the file.

        Returns:
            The network.

        Raises:
            InvalidTypeError: ``path`` is neither text nor a path.
            InvalidValueError: ``path`` is empty, or the path of a folder, a pipe or a device.
            FileFormatError: the file is damaged, comes from a newer version, or does not hold a network.
            UnknownNameError: the file uses a custom activation that is not registered. The message tells you what to
                import.
            OSError: the file could not be read, for example because it does not exist (FileNotFoundError).
        """
        from minigrid.model.file import load_layers

        layers = load_layers(path)
        try:
            return cls(layers)
        except ShapeError as error:
            raise FileFormatError(f"{os.fspath(path)}: expected layers that fit each other, but {error}") from None

    def summary(self) -> str:
        """Describe the network in a table.

        Returns:
            The table, with a line for each layer.
        """
        rows = [("layer", "neurons", "inputs", "activation", "parameters")]
        for i, layer in enumerate(self.layers):
            kinds = list(dict.fromkeys(repr(neuron.activation) for neuron in layer))
            seen = sorted({neuron.weights.size for neuron in layer})
            partly = any(neuron.inputs is not None for neuron in layer)
            inputs = f"{layer.n_inputs}" + (f" (each sees {' or '.join(map(str, seen))})" if partly else "")
            n_biases = sum(neuron.bias is not None for neuron in layer)
            n_weights = layer.n_parameters - n_biases
            counts = f"{n_weights} weight{'s' * (n_weights != 1)}"
            if n_biases:
                counts += f" + {n_biases} bias{'es' * (n_biases != 1)}"
            name = f"{i} (output)" if i == len(self.layers) - 1 else f"{i}"
            rows.append((name, f"{len(layer)}", inputs, ", ".join(kinds), counts))
        widths = [max(len(row[k]) for row in rows) for k in range(5)]
        lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
        title = f"Network {'-'.join(map(str, self.topology))}, {self.n_parameters} parameters"
        return "\n".join([title, lines[0], "  ".join("-" * w for w in widths), *lines[1:]])


def _after(previous: Layer, layer: Layer, position: int) -> Layer:
    try:
        return Layer(layer.neurons, n_inputs=len(previous))
    except ShapeError as error:
        where = f"layer {position}, fed by {counted(len(previous), 'neuron')} of layer {position - 1}"
        raise ShapeError(f"{where}: {error}") from None


@lru_cache(maxsize=32)
def _slices(counts: tuple[tuple[int, ...], ...]) -> tuple[tuple[slice, ...], ...]:
    """Return a slice for each neuron, from the numbers of parameters of each layer's neurons."""
    ends = itertools.accumulate(itertools.chain.from_iterable(counts), initial=0)
    slices = itertools.starmap(slice, itertools.pairwise(ends))
    return tuple(tuple(itertools.islice(slices, len(layer))) for layer in counts)
