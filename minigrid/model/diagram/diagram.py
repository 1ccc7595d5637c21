"""Diagrams of networks: a picture for a page or notebook, and a table of the same for a terminal.

The picture has a column of circles for each layer, and a line for each weight: its colour shows the sign, its width the
magnitude. The curve in a circle is the neuron's activation for weighted sums from -4 to 4. A layer too large for a
page, such as one of a hundred neurons, is abbreviated in the middle, and the picture says so.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from minigrid._base.files import as_file_path, write_file
from minigrid._base.text import counted, describe, message
from minigrid._base.typing import override
from minigrid._base.validation import as_int, as_names
from minigrid._base.values import Value
from minigrid.exceptions import InvalidValueError
from minigrid.model.diagram.svg import svg_of
from minigrid.model.diagram.text import text_of
from minigrid.model.layer import Layer

_FIX = 'Pass a path, such as "net.svg" or "net.txt".'


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Diagram(Value):
    """A picture of a network, which `Network.diagram` creates. A notebook shows it; ``print`` writes it as text.

    Attributes:
        layers: the layers of the network.
        input_names: the names of the inputs.
        output_names: the names of the outputs.

    Raises:
        InvalidTypeError: a name is not a string.
        ShapeError: there is not one name for each input or output.

    Example:
        >>> from minigrid import Network
        >>> print(Network.dense([2, 1]).diagram(input_names=["height", "width"], output_names=["fits"]))
        layer 0 (output)
                height  width  bias  activation
          fits       0      0     .  Sigmoid()
    """

    layers: tuple[Layer, ...]
    input_names: tuple[str, ...]
    output_names: tuple[str, ...]

    def __init__(
        self,
        layers: Sequence[Layer],
        input_names: Sequence[str] | None = None,
        output_names: Sequence[str] | None = None,
    ) -> None:
        object.__setattr__(self, "layers", tuple(layers))
        n_inputs, n_outputs = self.layers[0].n_inputs, len(self.layers[-1])
        object.__setattr__(self, "input_names", _names(input_names, "input_names", "x", n_inputs))
        object.__setattr__(self, "output_names", _names(output_names, "output_names", "y", n_outputs))

    @override
    def __repr__(self) -> str:
        topology = "-".join(str(size) for size in (self.layers[0].n_inputs, *map(len, self.layers)))
        return f"<Diagram of a network {topology}>"

    @override
    def __str__(self) -> str:
        return self.text()

    def svg(self) -> str:
        """Draw the network as SVG, for light and dark pages.

        Returns:
            The SVG document.
        """
        return svg_of(self.layers, self.input_names, self.output_names)

    def text(self, *, width: int = 100) -> str:
        """Write the network as text: a table for each layer, a line for each neuron, a column for each input.

        Args:
            width: the width of a line in characters. A wider table continues below. Default 100.

        Returns:
            Lines of text.

        Raises:
            InvalidTypeError: ``width`` is not a whole number.
            InvalidValueError: ``width`` is below 1.
        """
        return text_of(self.layers, self.input_names, self.output_names, as_int(width, "width", minimum=1))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the diagram to a file: as SVG if the name ends in .svg, as text if it ends in .txt.

        minigrid writes the whole file or none of it.

        Args:
            path: the path of the file, such as "net.svg". Its folder must exist.

        Raises:
            InvalidTypeError: ``path`` is neither text nor a path.
            InvalidValueError: ``path`` is empty, has another ending, or is the path of a folder, a pipe or a device.
            OSError: the file could not be written. An earlier file stays as it was.
        """
        where = as_file_path(path, "path", _FIX)
        name = os.path.basename(path)
        if not name.lower().endswith((".svg", ".txt")):
            fix = f"{_FIX} A browser shows the SVG, and Inkscape turns it into other pictures."
            raise InvalidValueError(message("path", "a name that ends in .svg or .txt", describe(name), fix))
        content = self.text() + "\n" if name.lower().endswith(".txt") else self.svg()
        write_file(where, content.encode("utf-8"))

    def _repr_svg_(self) -> str:
        return self.svg()


def _names(names: Sequence[str] | None, argument: str, letter: str, count: int) -> tuple[str, ...]:
    if names is None:
        return tuple(f"{letter}{k}" for k in range(count))
    fix = f'Pass a list of {counted(count, "text")}, such as ["height", "weight"].'
    return as_names(names, argument, count, counted(count, "name"), fix)
