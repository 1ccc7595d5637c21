"""Counting near-best candidates: how many score at least a threshold, and which values their parameters have.

The search is over boxes of the grids, as in the proofs, but it keeps two bounds of each box: if even the better one is
below the threshold, no candidate of the box counts; if even the worse one reaches it, all of them do. What is between
is split, and single settings that are still in doubt are scored as the plain loop does.

- `cells`: what one look at a box tells apart: the values of the last parameter, or groups of output weights;
- `counts`: exact counts of candidates, box by box, for each value of each parameter;
- `bounds`: what the search asks of bounds, those that serve anything, and which ones serve which problem;
- `labels`: bounds for labels of one output, for all values of the last parameter at once;
- `ratios`: the same for both output weights of a two-into-one network without a bias;
- `kernels`: the hot lines of both once more, compiled;
- `search`: the search itself.
"""
