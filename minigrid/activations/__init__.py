"""Activations: what a neuron makes of its weighted sum. The base, the built-in ones, and functions made into one."""

from minigrid.activations.base import Activation, BuiltinActivation, Interval
from minigrid.activations.builtin import (
    ELU,
    GELU,
    SELU,
    Gaussian,
    HardSigmoid,
    HardTanh,
    Identity,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Sine,
    Softplus,
    Softsign,
    Step,
    Tanh,
)
from minigrid.activations.function import FunctionActivation, activation

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "Activation",
    "BuiltinActivation",
    "FunctionActivation",
    "Gaussian",
    "HardSigmoid",
    "HardTanh",
    "Identity",
    "Interval",
    "LeakyReLU",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Sine",
    "Softplus",
    "Softsign",
    "Step",
    "Tanh",
    "activation",
]
