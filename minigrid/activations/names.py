"""Activations by name: for a script's options, for files, and for whatever else holds text and no objects."""

from typing import Literal, TypeAlias

from minigrid._base.registry import Register, RegisteredName, Registry
from minigrid.activations.base import Activation
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

__all__ = ["ACTIVATIONS", "ActivationName", "named_activation", "register_activation"]

ActivationName: TypeAlias = Literal[
    "identity",
    "step",
    "sigmoid",
    "hard_sigmoid",
    "tanh",
    "hard_tanh",
    "softsign",
    "softplus",
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "silu",
    "gelu",
    "gaussian",
    "sine",
]

ACTIVATIONS: Registry[Activation] = Registry(
    Activation,
    {
        "identity": Identity,
        "step": Step,
        "sigmoid": Sigmoid,
        "hard_sigmoid": HardSigmoid,
        "tanh": Tanh,
        "hard_tanh": HardTanh,
        "softsign": Softsign,
        "softplus": Softplus,
        "relu": ReLU,
        "leaky_relu": LeakyReLU,
        "elu": ELU,
        "selu": SELU,
        "silu": SiLU,
        "gelu": GELU,
        "gaussian": Gaussian,
        "sine": Sine,
    },
    takes_settings=True,
    wrapper="decorate it with @activation, or pass FunctionActivation(function)",
)


register_activation: Register[Activation] = ACTIVATIONS.register
"""Give an activation of your own a name, for `named_activation`."""


def named_activation(name: ActivationName | RegisteredName, **parameters: object) -> Activation:
    """Return the activation of that name.

    Args:
        name: a built-in one's, such as 'leaky_relu', or one that was registered; any other text, such as a
            script's option, is passed as `RegisteredName(text)`.
        parameters: of its class.

    Raises:
        UnknownNameError: there is no such name.
        InvalidTypeError, InvalidValueError: no such parameters.

    Example:
        >>> named_activation("leaky_relu", slope=0.1)
        LeakyReLU(slope=0.1)
    """
    return ACTIVATIONS.make(name, parameters)
