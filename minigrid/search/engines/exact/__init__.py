"""The exact engine: branch and bound over boxes of the search space.

It returns precisely what the plain loop returns, while it looks at a vanishing part of the grid:
boxes of candidates are bounded as a whole, and those that provably hold nothing better are left.

One idea a file, each with what makes it sound at its top:

- `axes`: the grids sorted, and which candidate of a box comes first;
- `frontier`: the boxes that are still open, best bound first;
- `intervals`, `hidden`: what neurons, and all the hidden layers, can put out over a box;
- `tables`: the same for activations that declare nothing, from their true outputs;
- `sweep`, `places`: bounds for labels, for all values of the last parameter at once;
- `ratio`: the same for both output weights of a two-into-one network at once, `logs`: the same faster, and `alike`:
  where rounding decides;
- `kept`: what hidden neurons put out over a box, remembered;
- `tangents`: losses of a single neuron, by planes below them;
- `labels`, `outputs`: bounders put together from these; for anything but labels, from the range of the outputs;
- `declared`: what is said when something that a user declares proves false;
- `twins`: neurons that can be swapped, so that only one of their orders is searched;
- `proof`, `estimate`: the search itself, and how much of it is still ahead;
- `kernels`, `fast`: the hot lines once more, compiled, and when that is worth it;
- `bounders`, `engine`: which bounds serve which problem, and what all of it looks like from outside.
"""
