"""The exact engine: branch and bound over boxes of the search space.

It returns precisely what the plain loop returns, while it looks at a vanishing part of the grid:
boxes of candidates are bounded as a whole, and those that provably hold nothing better are left.

One idea a file, each with what makes it sound at its top. What all proofs share:

- `axes`: the grids sorted, and which candidate of a box comes first;
- `frontier`: the boxes that are still open, best bound first;
- `incumbents`: the best candidates so far;
- `proof`: the open boxes and the account of what is processed;
- `open_boxes`, `subproblem`: boxes as values, to be kept in a file or searched elsewhere;
- `descent`: good candidates found early, where there are no trees;
- `declared`: what is said when something that a user declares proves false;
- `fast`: when compiled code is worth its time; `kernels`, `item_kernels`, `class_kernels`, `group_kernels`: the hot
  lines once more;
- `engine`: what all of it looks like from outside, and which search serves which problem.

The search over trees of true outputs, for networks with a hidden layer:

- `trees`: points cut in two again and again, so that what is alike lies together;
- `rows`: all outputs of a hidden neuron, one row for each setting, and a tree over them;
- `tree_axes`: such trees as axes of boxes, for neurons that can be swapped, too; `orders`: the candidates of a leaf;
- `alternate`: a good candidate at once, by changing one neuron after the other;
- `explore`: looking into nodes depth first; `tree_search`: which nodes are looked into, and by which thread;
- `items`: the settings of an output neuron that label alike, as directions with limits;
- `hits`: how many samples must be right for a score to count;
- `nodes`: nodes of rows and of items as flat arrays;
- `label_trees`: labels, from nodes of rows and the items that may still win there;
- `deep_labels`: labels behind several hidden layers, where what lies behind a layer is such a search of its own;
- `classes`: which method serves labels of several outputs; `class_hits`: which samples are right there;
- `class_rows`: such labels without a hidden layer, from rows of each output;
- `class_trees`: the same with one, from what two outputs differ by (`class_pairs`), put together again (`class_joins`),
  where sums can be told apart (`told_apart`);
- `forms`: the squared error as a quadratic form in all output weights; `quadratic`: its search;
- `row_certificates`: planes below a convex loss, for all output weights and all rows of a node; `hidden_losses`: their
  search;
- `wrong_squares`: lines below the squared error of a sigmoid; `curved_losses`: their search;
- `sorted_rows`: what both need to know of rows.

The search over boxes of neighbouring parameters, for everything else:

- `intervals`, `hidden`: what neurons, and all the hidden layers, can put out over a box;
- `tables`: the same for activations that declare nothing, from their true outputs;
- `cache`: what hidden neurons put out over a box, remembered;
- `sweep`, `hit_counts`: bounds for labels, for all values of the last parameter at once;
- `groups`, `group_sweep`: the same for very many samples, most of them bounded together;
- `ratio`: the same for both output weights of a two-into-one network at once, `log_ratio`: the same faster, and
  `cancelling`: where rounding decides;
- `single`: a network of a single neuron, and `tangents`: a loss of it that is not convex, by planes below it;
- `curves`, `sampled`, `squared`: its convex losses, by planes below them; `box_quadratic`, `downhill`, `relaxation`:
  where such planes are best;
- `bounder`, `labels`, `outputs`, `convex`: what a search asks of bounds, and bounders put together from these: for
  labels, from the range of the outputs for anything, and for convex losses;
- `bounders`: which bounds serve which problem;
- `symmetry`: two neurons that can be swapped, so that only one of their orders is searched;
- `branch_and_bound`, `estimate`: the search itself, and how much of it is still ahead.

Counting all that is nearly as good as the best, over trees and over boxes, is a folder of its own: `counting`.
"""
