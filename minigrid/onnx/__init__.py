"""Networks as ONNX models (the extra `onnx`), for onnxruntime and whatever else reads them.

The model computes in float64, and adds products in the order in which minigrid adds them, one after the other. So sums
of equal inputs are equal bit for bit, and labels too, where samples lie right on a threshold; only where an
exponential, a hyperbolic tangent or a sine stands in between may the last bits of an output differ.
"""

from minigrid.onnx.graph import ActivationNodes, Graph
from minigrid.onnx.model import save, to_model

__all__ = ["ActivationNodes", "Graph", "save", "to_model"]
