"""The built-in activations as ONNX nodes.

This module uses only operators that onnxruntime implements for float64. If it lacks one (Softplus, Elu, Selu, Gelu,
Erf, ...), or computes it less exactly, the module writes out the formula of the activation instead. Its logarithms and
exponentials near 0 keep
their digits by the corrections of Kahan (see Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., 1.14.1).
"""

import sys
from collections.abc import Callable

from minigrid.activations import Activation, builtin
from minigrid.activations.normal_cdf import COEFFICIENTS
from minigrid.onnx.graph import Graph

_LARGEST = sys.float_info.max


def built_in_nodes(activation: Activation, z: str, graph: Graph) -> str | None:
    """Add the nodes of a built-in activation; return the value of its outputs, or None if it has no nodes here."""
    plain = _PLAIN.get(type(activation))
    if plain is not None:
        outputs = plain(z, graph)
    elif isinstance(activation, builtin.LeakyReLU):
        outputs = _leaky_relu(z, graph, activation.slope)
    elif isinstance(activation, builtin.ELU):
        outputs = _elu(z, graph, activation.alpha)
    else:
        return None
    # Not all operators return NaN for NaN.
    return graph.node("Where", graph.node("IsNaN", z), z, outputs)


def _positive_part(z: str, graph: Graph) -> str:
    return graph.node("Max", z, graph.constant(0.0))


def _clip(z: str, graph: Graph, low: float, high: float) -> str:
    return graph.node("Min", graph.node("Max", z, graph.constant(low)), graph.constant(high))


def _exp(x: str, graph: Graph) -> str:
    """Exp(x) of x up to 0: where it is smaller than a normal float, the square of a root, as the operator gives 0."""
    root = graph.node("Exp", graph.node("Mul", x, graph.constant(0.5)))
    is_small = graph.node("Less", x, graph.constant(-700.0))
    return graph.node("Where", is_small, graph.node("Mul", root, root), graph.node("Exp", x))


def _shrunk(z: str, graph: Graph) -> str:
    """Exp(-|z|), which does not overflow."""
    return _exp(graph.node("Neg", graph.node("Abs", z)), graph)


def _is_negative(z: str, graph: Graph) -> str:
    return graph.node("Less", z, graph.constant(0.0))


def _step(z: str, graph: Graph) -> str:
    one, zero = graph.constant(1.0), graph.constant(0.0)
    return graph.node("Where", _is_negative(z, graph), zero, one)


def _sigmoid(z: str, graph: Graph) -> str:
    shrunk, one = _shrunk(z, graph), graph.constant(1.0)
    above = graph.node("Where", _is_negative(z, graph), shrunk, one)
    return graph.node("Div", above, graph.node("Add", one, shrunk))


def _hard_sigmoid(z: str, graph: Graph) -> str:
    line = graph.node("Add", graph.node("Div", z, graph.constant(6.0)), graph.constant(0.5))
    return _clip(line, graph, 0.0, 1.0)


def _softsign(z: str, graph: Graph) -> str:
    bounded = _clip(z, graph, -1e300, 1e300)
    return graph.node("Div", bounded, graph.node("Add", graph.constant(1.0), graph.node("Abs", bounded)))


def _softplus(z: str, graph: Graph) -> str:
    return graph.node("Add", _positive_part(z, graph), _log1p(_shrunk(z, graph), graph))


def _log1p(x: str, graph: Graph) -> str:
    """Log(1 + x) of x from 0 to 1: what rounding takes from 1 + x, it takes from its logarithm in proportion."""
    one = graph.constant(1.0)
    total = graph.node("Add", one, x)
    lost = graph.node("Sub", total, one)
    is_small = graph.node("Equal", lost, graph.constant(0.0))
    divisor = graph.node("Where", is_small, one, lost)
    corrected = graph.node("Mul", graph.node("Log", total), graph.node("Div", x, divisor))
    return graph.node("Where", is_small, x, corrected)


def _expm1(x: str, graph: Graph) -> str:
    """Exp(x) - 1 of x up to 0."""
    one = graph.constant(1.0)
    power = graph.node("Exp", x)
    less = graph.node("Sub", power, one)
    is_small = graph.node("Equal", less, graph.constant(0.0))
    # Where nothing is lost, and the logarithm may be infinite.
    is_whole = graph.node("Less", less, graph.constant(-0.9))
    simple = graph.node("Or", is_small, is_whole)
    logarithm = graph.node("Where", simple, one, graph.node("Log", power))
    corrected = graph.node("Div", graph.node("Mul", less, x), logarithm)
    return graph.node("Where", is_small, x, graph.node("Where", is_whole, less, corrected))


def _kept_finite(outputs: str, z: str, graph: Graph) -> str:
    is_finite = graph.node("LessOrEqual", graph.node("Abs", z), graph.constant(_LARGEST))
    return graph.node("Where", is_finite, _clip(outputs, graph, -_LARGEST, _LARGEST), outputs)


def _negative_part(z: str, graph: Graph) -> str:
    return graph.node("Min", z, graph.constant(0.0))


def _leaky_relu(z: str, graph: Graph, slope: float) -> str:
    if slope == 0.0:
        return _positive_part(z, graph)
    below = graph.node("Mul", graph.constant(slope), _negative_part(z, graph))
    return _kept_finite(graph.node("Add", _positive_part(z, graph), below), z, graph)


def _elu(z: str, graph: Graph, alpha: float) -> str:
    below = graph.node("Mul", graph.constant(alpha), _expm1(_negative_part(z, graph), graph))
    return graph.node("Add", _positive_part(z, graph), below)


def _selu(z: str, graph: Graph) -> str:
    scaled = graph.node("Mul", graph.constant(1.0507009873554805), _elu(z, graph, 1.6732632423543772))
    return _kept_finite(scaled, z, graph)


def _silu(z: str, graph: Graph) -> str:
    bounded = graph.node("Max", z, graph.constant(-1e3))
    return graph.node("Mul", bounded, _sigmoid(bounded, graph))


def _gelu(z: str, graph: Graph) -> str:
    return graph.node("Mul", graph.node("Max", z, graph.constant(-1e3)), _normal_cdf(z, graph))


def _normal_cdf(z: str, graph: Graph) -> str:
    """The normal distribution by the same Chebyshev series as `normal_cdf.py`."""
    two = graph.constant(2.0)
    near = graph.node("Min", graph.node("Abs", z), graph.constant(40.0))
    x = graph.node("Mul", near, graph.constant(0.5**0.5))
    t = graph.node("Div", two, graph.node("Add", two, x))
    u = graph.node("Sub", graph.node("Mul", two, t), graph.constant(1.0))
    twice = graph.node("Mul", two, u)
    ahead, value = graph.node("Mul", u, graph.constant(0.0)), graph.constant(float(COEFFICIENTS[-1]))
    for coefficient in COEFFICIENTS[-2:0:-1]:
        falling = graph.node("Sub", graph.node("Mul", twice, value), ahead)
        ahead, value = value, graph.node("Add", falling, graph.constant(float(coefficient)))
    exponent = graph.node("Sub", graph.node("Mul", u, value), ahead)
    exponent = graph.node("Add", exponent, graph.constant(float(COEFFICIENTS[0])))
    exponent = graph.node("Sub", exponent, graph.node("Mul", x, x))
    half = graph.node("Mul", graph.constant(0.5), t)
    tail = graph.node("Mul", half, _exp(exponent, graph))
    rest = graph.node("Sub", graph.constant(1.0), tail)
    return graph.node("Where", _is_negative(z, graph), tail, rest)


def _gaussian(z: str, graph: Graph) -> str:
    near = graph.node("Min", graph.node("Abs", z), graph.constant(40.0))
    return _exp(graph.node("Neg", graph.node("Mul", near, near)), graph)


_PLAIN: dict[type[Activation], Callable[[str, Graph], str]] = {
    builtin.Identity: lambda z, graph: z,
    builtin.Step: _step,
    builtin.Sigmoid: _sigmoid,
    builtin.HardSigmoid: _hard_sigmoid,
    builtin.Tanh: lambda z, graph: graph.node("Tanh", z),
    builtin.HardTanh: lambda z, graph: _clip(z, graph, -1.0, 1.0),
    builtin.Softsign: _softsign,
    builtin.Softplus: _softplus,
    builtin.ReLU: _positive_part,
    builtin.SELU: _selu,
    builtin.SiLU: _silu,
    builtin.GELU: _gelu,
    builtin.Gaussian: _gaussian,
    builtin.Sine: lambda z, graph: graph.node("Sin", z),
}
