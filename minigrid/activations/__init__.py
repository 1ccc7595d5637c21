"""Activations turn a neuron's weighted sum into its output: the base, the built-in ones, and wrapped functions."""

from minigrid.activations.base import Activation as Activation
from minigrid.activations.base import BuiltinActivation as BuiltinActivation
from minigrid.activations.base import Interval as Interval
from minigrid.activations.builtin import *  # noqa: F403  # its __all__ lists them, once for all
from minigrid.activations.function import FunctionActivation as FunctionActivation
from minigrid.activations.function import activation as activation
