"""Activations by name, for the options of a script, for files, and wherever else only text can stand."""

from minigrid._base.registry import Register, Registry, classes_in
from minigrid._base.typing import RegisteredName
from minigrid.activations import builtin
from minigrid.activations.base import Activation
from minigrid.activations.builtin import ActivationName

__all__ = ["ACTIVATIONS", "ActivationName", "named_activation", "register_activation"]

ACTIVATIONS: Registry[Activation] = Registry(
    Activation,
    classes_in(builtin, Activation),
    takes_settings=True,
    wrapper="decorate it with @activation, or pass FunctionActivation(function)",
)

register_activation: Register[Activation] = ACTIVATIONS.register
"""Give an activation of your own a name, for `named_activation`."""


def named_activation(name: ActivationName | RegisteredName, **parameters: object) -> Activation:
    """Return the activation of that name.

    Args:
        name: the name of a built-in activation, such as 'leaky_relu', or one that you registered. If the name comes
            from elsewhere, such as the options of a script, pass ``RegisteredName(text)``.
        parameters: the parameters of the activation.

    Returns:
        The activation.

    Raises:
        UnknownNameError: there is no such name.
        InvalidTypeError: the activation takes no such parameter, or one has the wrong type.
        InvalidValueError: a parameter has a value that the activation does not take.

    Example:
        >>> named_activation("leaky_relu", slope=0.1)
        LeakyReLU(slope=0.1)
    """
    return ACTIVATIONS.make(name, parameters)
