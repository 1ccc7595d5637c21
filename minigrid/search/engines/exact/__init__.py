"""The exact engine: branch and bound over boxes of the search space.

It returns precisely what the plain loop returns, while it looks at a vanishing part of the grid:
boxes of candidates are bounded as a whole, and those that provably hold nothing better are left.

One idea a file, each with what makes it sound at its top:

- `axes`: the grids sorted, and which candidate of a box comes first;
- `frontier`: the boxes that are still open, best bound first;
- `intervals`, `hidden`: what neurons, and all the hidden layers, can put out over a box;
- `tables`: the same for activations that declare nothing, from their true outputs;
- `cache`: what hidden neurons put out over a box, remembered;
- `sweep`, `hit_counts`: bounds for labels, for all values of the last parameter at once;
- `ratio`: the same for both output weights of a two-into-one network at once, `log_ratio`: the same faster, and
  `cancelling`: where rounding decides;
- `tangents`: losses of a single neuron, by planes below them;
- `bounder`, `labels`, `outputs`: what a search asks of bounds, and bounders put together from these; for anything but
  labels, from the range of the outputs;
- `bounders`: which bounds serve which problem;
- `declared`: what is said when something that a user declares proves false;
- `symmetry`: neurons that can be swapped, so that only one of their orders is searched;
- `incumbents`, `descent`: the best candidates so far, and good ones found early;
- `branch_and_bound`, `estimate`: the search itself, and how much of it is still ahead;
- `open_boxes`, `subproblem`: boxes as values, to be kept in a file or searched elsewhere;
- `kernels`, `fast`: the hot lines once more, compiled, and when that is worth it;
- `engine`: what all of it looks like from outside.
"""
