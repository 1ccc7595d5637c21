"""The exact engine: branch and bound over boxes of the search space.

The engine returns exactly what the plain loop returns, but it scores only a tiny part of the grid. It bounds the
scores of a whole box of candidates at once, and prunes boxes that provably contain nothing better.

Each file implements one idea, and its docstring says what makes that idea sound. All proofs share these files:

- `axes`: the grids in sorted order, and which candidate of a box comes first;
- `frontier`: the open boxes, best bound first;
- `incumbents`: the best candidates so far;
- `proof`: the open boxes and the count of processed candidates;
- `open_boxes`, `subproblem`: boxes as values, to store in a file or to search elsewhere;
- `declared`: the errors for false declarations of custom activations, scorings and penalties;
- `fast`: when compiled code is worth its loading time; `compiled`: how it is compiled; `kernels`, `item_kernels`,
  `class_kernels`, `group_kernels`: the compiled hot loops;
- `engine`: the engine itself, which chooses the search for a problem.

Networks with a hidden layer are searched over trees of true outputs:

- `trees`: points that are split in two again and again, so that similar points lie close together;
- `rows`: all outputs of a hidden neuron, one row for each setting, and a tree over the rows;
- `tree_axes`: such trees as axes of boxes, also for interchangeable neurons; `orders`: the candidates of a leaf;
- `neuron_descent`: coordinate descent neuron by neuron, which finds a good candidate before the search starts;
- `explore`: depth-first exploration of nodes; `tree_search`: which nodes are explored, and by which thread;
- `items`: the settings of an output neuron that label alike, as directions with limits;
- `hits`: how many predictions must be correct for a score to matter;
- `nodes`: nodes of rows and of items as flat arrays;
- `output_items`: the output neuron, its items, and what decides its labels;
- `label_trees`: labels, from nodes of rows and the items that may still win there;
- `deep_labels`: labels behind several hidden layers, where the later layers are searched recursively;
- `classes`: the choice of the method for labels of several outputs; `class_hits`: counting correct predictions there;
- `class_rows`: labels of several outputs without a hidden layer, from rows of each output;
- `class_trees`: labels of several outputs with a hidden layer, from the differences of two outputs (`class_pairs`),
  where the activation can separate the sums (`separation`); `pairwise`: what such a search needs; `class_leaves`: the
  leaves, where the differences are joined (`class_joins`) and candidates scored;
- `forms`: the squared error as a quadratic form in all output weights; `quadratic`: the search that uses it;
- `row_certificates`: planes below a convex loss, for all output weights and all rows of a node; `hidden_losses`: the
  search that uses them;
- `wrong_squares`: lines below the squared error of a sigmoid; `curved_losses`: the search that uses them;
- `sorted_rows`: parts that both of these searches share.

Everything else is searched over boxes of neighbouring parameters:

- `intervals`, `hidden`: the ranges of the outputs of neurons, and of all hidden layers, over a box;
- `tables`: the same for activations that declare nothing, from their true outputs;
- `cache`: cached outputs of hidden neurons over a box;
- `sweep`, `hit_counts`: bounds for labels, for all values of the last parameter at once;
- `groups`, `group_sweep`: the same for very many samples, most of them bounded in groups;
- `ratio`: the same for both output weights of a two-into-one network at once; `log_ratio`: a faster version;
  `cancelling`: the pairs of weights for which rounding decides;
- `single`: a network of a single neuron; `tangents`: bounds of its non-convex losses, by planes below them;
- `curves`, `sampled`, `squared`: its convex losses, bounded by planes below them; `box_quadratic`, `newton`,
  `relaxation`: finding the best of these planes;
- `bounder`: the interface of all bounds; `labels`, `outputs`, `convex`: bounders for labels, for anything (from the
  ranges of the outputs), and for convex losses;
- `regions`, `penalized`, `indistinguishable`: bounds of objectives with a penalty;
- `bounders`: the choice of the bounds for a problem;
- `symmetry`: two interchangeable neurons, of which only one order is searched;
- `branch_and_bound`, `estimate`: the search itself, and an estimate of its remaining work.

The folder `counting` counts all candidates that are nearly as good as the best, over trees and over boxes.
"""
