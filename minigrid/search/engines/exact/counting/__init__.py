"""Count near-best candidates: how many score at least a threshold, and which values their parameters have.

Like the proofs, this is a search over boxes, but it keeps two bounds per box. If even the better bound is below the
threshold, no candidate of the box counts. If even the worse bound reaches the threshold, all of them count. Every
other box is split, and single candidates that are still in doubt are scored as the plain loop does.

- `counts`: exact counts of candidates, box by box, for each value of each parameter;
- `trees`: the search over trees of rows and items, for labels of one output behind one hidden layer; `kernels`: its
  hot loops, compiled;
- `search`: the search over boxes of the grids, for everything else;
- `bounds`: the interface of these bounds, bounds that work for any problem, penalties, and the bounds of the proof
  where they are better; `labels`: bounds for labels of one output, for all values of the last parameter at once;
- `sides`: choosing the search and the bounds for a problem.
"""
