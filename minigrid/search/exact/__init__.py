"""The exact engine: branch and bound over boxes of the search space.

It returns precisely what the plain loop returns, while it looks at a vanishing part of the grid:
boxes of candidates are bounded as a whole, and those that provably hold nothing better are left.

One idea a file, each with what makes it sound at its top:

- `axes`: the grids sorted, and which candidate of a box comes first;
- `frontier`: the boxes that are still open, best bound first;
- `intervals`: what a neuron can put out over a box;
- `tables`: the same for activations that declare nothing, from their true outputs;
- `sweep`: bounds for labels, for all values of the last parameter at once;
- `ratio`: the same for both output weights of a two-into-one network at once;
- `curves`: bounds for the losses of a single neuron, by their tangents;
- `outputs`: bounds for everything else, from the range of the outputs;
- `proof`: the search itself;
- `engine`: what it looks like from outside.
"""
