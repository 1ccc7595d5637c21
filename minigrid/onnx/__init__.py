"""Networks as ONNX models, for onnxruntime and other programs (``pip install onnx``).

The model computes in float64, and adds products one after the other, in the same order as minigrid. So equal inputs
give equal weighted sums, bit for bit, and also equal labels where a sample lies exactly on a threshold. Only the last
bits of an exponential, a hyperbolic tangent or a sine may differ.
"""

from minigrid.onnx.graph import ActivationNodes, Graph
from minigrid.onnx.model import save, to_model

__all__ = ["ActivationNodes", "Graph", "save", "to_model"]
