"""Counting near-best candidates: how many score at least a threshold, and which values their parameters have.

The search is over boxes, as in the proofs, but it keeps two bounds of each: if even the better one is below the
threshold, no candidate of the box counts; if even the worse one reaches it, all of them do. What is between is split,
and single candidates that are still in doubt are scored as the plain loop does.

- `counts`: exact counts of candidates, box by box, for each value of each parameter;
- `trees`: the search over trees of rows and items, for labels of one output behind one hidden layer; `kernels`: its
  hot lines once more, compiled;
- `search`: the search over boxes of the grids, for everything else;
- `bounds`: what that asks of bounds, and those that serve anything; `labels`: those for labels of one output, for all
  values of the last parameter at once;
- `sides`: which search and which bounds serve which problem.
"""
