"""Trees of rows: nodes bound their parts, and a search over them gives the plain loop's answer."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import minigrid
from minigrid import Activation, FunctionActivation, Grid, Layer, Network, Neuron, SearchSpace
from minigrid._base.typing import FloatArray, IntArray
from minigrid.scoring import Accuracy, BalancedAccuracy, LabelScoring
from minigrid.search.engines.base import Unprovable
from minigrid.search.engines.batched.decision import Decision
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact.axes import Boxes
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.engines.exact.hits import Hits
from minigrid.search.engines.exact.items import Scale, make_items
from minigrid.search.engines.exact.label_trees import LabelTrees, find_label_trees
from minigrid.search.engines.exact.orders import in_all_orders, orders_of
from minigrid.search.engines.exact.tree_axes import TreeAxes
from minigrid.search.engines.exact.trees import Tree
from minigrid.search.engines.reference import ReferenceEngine
from minigrid.search.problem import Problem
from tests.problems import signed
from tests.profile import examples
from tests.search.engines.agreement import assert_agrees

seeds = st.integers(0, 2**32)


# Trees -------------------------------------------------------------------------------------------


def make_points(generator: np.random.Generator) -> FloatArray:
    """Points of any number and any dimension, some of them equal."""
    count, n_dimensions = int(generator.integers(1, 40)), int(generator.choice([1, 2, 5, 30]))
    points = generator.normal(size=(count, n_dimensions))
    points = np.round(points) if generator.random() < 0.4 else points
    repeated: FloatArray = points[generator.integers(count, size=count)] if generator.random() < 0.5 else points
    return repeated * float(generator.choice([0.0, 1e-9, 1.0, 1e9]))


@examples(60)
@given(seed=seeds, merged=st.booleans())
def test_the_nodes_of_a_tree_hold_every_setting_once(seed: int, merged: bool) -> None:
    points = make_points(np.random.default_rng(seed))
    tree = Tree(points, merged=merged)
    assert sorted(tree.settings.tolist()) == list(range(len(points)))
    assert (tree.low[0], tree.high[0]) == (0, len(points) - 1)
    inner = np.flatnonzero(~tree.are_leaves)
    left, right = tree.left[inner], tree.right[inner]
    assert (tree.low[left] == tree.low[inner]).all()
    assert (tree.high[left] + 1 == tree.low[right]).all()
    assert (tree.high[right] == tree.high[inner]).all()
    assert (np.minimum(left, right) > inner).all()
    assert sorted([0, *left.tolist(), *right.tolist()]) == list(range(len(tree)))
    leaves = np.flatnonzero(tree.are_leaves)
    if merged:  # settings of one leaf are equal, those of two leaves are not
        rows = [{points[k].tobytes() for k in tree.settings[tree.low[n] : tree.high[n] + 1]} for n in leaves]
        assert all(len(own) == 1 for own in rows)
        assert len(set().union(*rows)) == len(leaves)
    else:
        assert (tree.low[leaves] == tree.high[leaves]).all()
    of_setting = tree.leaves_of(np.arange(len(tree.settings)))
    for setting, leaf in enumerate(of_setting):
        assert setting in tree.settings[tree.low[leaf] : tree.high[leaf] + 1]
        assert tree.are_leaves[leaf]


@examples(60)
@given(seed=seeds, merged=st.booleans())
def test_the_ranges_of_nodes_are_true(seed: int, merged: bool) -> None:
    points = make_points(np.random.default_rng(seed))
    tree = Tree(points, merged=merged)
    low, high = tree.ranges(points)
    for node in range(len(tree)):
        own = tree.settings[tree.low[node] : tree.high[node] + 1]
        assert (low[node] == points[own].min(axis=0)).all()
        assert (high[node] == points[own].max(axis=0)).all()
        assert tree.first[node] == own.min()


@examples(40)
@given(seed=seeds, merged=st.booleans())
def test_nodes_are_found_by_their_ends_and_others_are_not(seed: int, merged: bool) -> None:
    tree = Tree(make_points(np.random.default_rng(seed)), merged=merged)
    assert tree.nodes(tree.low, tree.high).tolist() == list(range(len(tree)))
    ends = set(zip(tree.low.tolist(), tree.high.tolist(), strict=True))
    count = len(tree.settings)
    low, high = np.array([(a, b) for a in range(count) for b in range(a, count)]).T
    found = tree.nodes(low, high)
    assert (found >= 0).tolist() == [pair in ends for pair in zip(low.tolist(), high.tolist(), strict=True)]


def test_a_tree_is_repeated() -> None:
    tree = Tree(make_points(np.random.default_rng(3)), merged=False)
    made, count = tree.repeated(3), len(tree.settings)
    for k in range(3):
        own = slice(k * len(tree), (k + 1) * len(tree))
        assert (made.left[own] == np.where(tree.left < 0, -1, tree.left + k * len(tree))).all()
        assert (made.right[own] == np.where(tree.left < 0, -1, tree.right + k * len(tree))).all()
        assert (made.first[own] == tree.first + k * count).all()
        assert (made.settings[made.low[own]] == tree.settings[tree.low] + k * count).all()


# Tuples of nodes -----------------------------------------------------------------------------------


GROUPS = [[0], [0, 1], [0, 0], [0, 1, 0], [0, 0, 2], [0, 0, 0], [0, 1, 1, 0]]


def make_axes(generator: np.random.Generator, groups: list[int]) -> TreeAxes:
    """Axes of two to six settings; those of a group share a tree."""
    made: dict[int, tuple[Tree, list[Grid]]] = {}
    for group in sorted(set(groups)):
        grids = [Grid(np.arange(float(n))) for n in generator.integers(1, 4, size=2)]
        count = math.prod(len(grid) for grid in grids)
        merged = bool(generator.random() < 0.5)
        points = np.round(generator.normal(size=(count, 2)), int(generator.integers(3)))
        made[group] = Tree(points, merged=merged), grids
    return TreeAxes([made[group][0] for group in groups], groups, [made[group][1] for group in groups])


def held(axes: TreeAxes, nodes: IntArray) -> list[tuple[int, ...]]:
    """List all settings that a tuple of nodes stands for: each order of interchangeable nodes once."""
    orders = {
        tuple(nodes[k] for k in order)
        for order in itertools.permutations(range(len(nodes)))
        if all(axes.groups[k] == axes.groups[own] for k, own in enumerate(order))
    }
    return [
        settings
        for order in orders
        for settings in itertools.product(
            *(tree.settings[tree.low[n] : tree.high[n] + 1].tolist() for tree, n in zip(axes.trees, order, strict=True))
        )
    ]


@examples(40)
@given(seed=seeds, groups=st.sampled_from(GROUPS))
def test_the_parts_of_a_split_hold_together_what_the_node_held(seed: int, groups: list[int]) -> None:
    generator = np.random.default_rng(seed)
    axes = make_axes(generator, groups)
    nodes = axes.nodes(axes.root())
    assert axes.count(axes.root()) == math.prod(axes.lengths)
    for _ in range(30):
        inner = nodes[~axes.are_leaves(nodes)]
        if not len(inner):
            break
        some = inner[generator.integers(len(inner), size=min(3, len(inner)))]
        parts, origin = axes.split(some, generator.random(some.shape))
        for k, node in enumerate(some):
            own = parts[origin == k]
            found = [settings for part in own for settings in held(axes, part)]
            assert Counter(found) == Counter(held(axes, node))
            assert [axes.count(axes.boxes(part[np.newaxis])) for part in own] == [len(held(axes, p)) for p in own]
        assert axes.count(axes.boxes(parts)) == axes.count(axes.boxes(some))
        assert axes.first_of(parts).tolist() == [list(min(held(axes, part))) for part in parts]
        boxes = axes.boxes(parts)
        assert axes.are_boxes(boxes)
        assert (axes.nodes(boxes) == parts).all()
        assert (axes.first(boxes) == axes.first_of(parts)).all()
        nodes = parts


def test_more_points_than_machine_numbers_hold_are_counted_exactly() -> None:
    axes = make_axes(np.random.default_rng(0), [0, 0, 1, 2, 2])
    low, high = np.zeros((2, 5), dtype=np.int64), np.full((2, 5), 2**20 - 1)
    low[1, 1] = 5  # so that the first two may change places
    assert axes.count(Boxes(low, high)) == 2**100 + 2 * (2**20 - 5) * 2**80


@examples(40)
@given(seed=seeds, groups=st.sampled_from(GROUPS))
def test_settings_are_numbered_as_the_grids_are(seed: int, groups: list[int]) -> None:
    generator = np.random.default_rng(seed)
    axes = make_axes(generator, groups)
    settings = generator.integers(axes.lengths, size=(20, len(groups)))
    digits = axes.digits(settings)
    assert digits.shape == (20, sum(len(shape) for shape in axes._shapes))
    further = np.concatenate([digits, generator.integers(5, size=(20, 2))], axis=1)
    assert (axes.settings(further) == settings).all()
    # Candidates come in the order of their settings.
    assert np.lexsort(digits.T[::-1]).tolist() == np.lexsort(settings.T[::-1]).tolist()


# Items ---------------------------------------------------------------------------------------------


def outward(scaled: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Round numbers outward to single precision, as nodes do."""
    single = scaled.astype(np.float32)
    exact = (single == scaled) & ((single == 0.0) | (single == 1.0))
    low = np.where(exact, single, np.maximum(np.nextafter(single, np.float32(-1.0)), np.float32(0.0)))
    low[low < 1e-30] = 0.0
    high = np.where(exact, single, np.maximum(np.nextafter(single, np.float32(2.0)), np.float32(1e-30)))
    return low.astype(np.float32), high.astype(np.float32)


OUTPUTS: list[Activation] = [minigrid.Step(), minigrid.Sigmoid(), minigrid.Tanh(), minigrid.Identity(), signed]


@examples(60)
@given(seed=seeds, output=st.sampled_from(OUTPUTS), few=st.booleans(), bias=st.booleans())
def test_no_setting_labels_a_sample_rightly_that_its_item_gives_up(
    seed: int, output: Activation, few: bool, bias: bool
) -> None:
    generator = np.random.default_rng(seed)
    n_inputs = int(generator.integers(1, 4))
    columns = generator.permutation(n_inputs)[: max(1, n_inputs - int(generator.integers(2)))].tolist()
    kinds = [np.linspace(-10.0, 10.0, 5), np.array([-1.0, 0.0, 1.0]), np.array([0.5, -0.3, 0.1, 1e-9]), np.zeros(1)]
    grids = [Grid(kinds[generator.integers(4)]) for _ in range(len(columns) + bias)]
    values = [np.array([0.0, 1.0]) if few else np.empty(0) for _ in range(n_inputs)]
    inputs: FloatArray = generator.normal(size=(40, n_inputs))
    inputs = (inputs > 0.0).astype(np.float64) if few else inputs
    inputs = np.maximum(inputs, 0.0) if generator.random() < 0.3 else inputs  # as behind ReLU
    saturated = not few and generator.random() < 0.4
    inputs = minigrid.Sigmoid()(30.0 * inputs) if saturated else inputs  # nearly 0 and nearly 1
    scale = Scale.of([(float(own.min()), float(own.max())) for own in inputs.T])
    reach = 10.0 * (np.abs(inputs).max(axis=0).sum() + 1.0)
    decision = Decision.of(output, float(reach))
    if not np.isfinite([decision.lower, decision.upper]).all():
        return
    orders = [list(range(len(columns)))]
    items = make_items(grids, columns, decision, scale, values, orders)
    nodes = items.nodes(np.array(orders))
    ends = [*outward((inputs - scale.least) / scale.size)[::-1]]
    ends += [*outward((inputs - (scale.least + scale.size)) / -scale.size)[::-1]]
    size_of_all = math.prod(len(grid) for grid in grids)
    assert sorted(items.settings.tolist()) == list(range(size_of_all))
    for node in range(len(items.tree)):
        sums = []
        for label in (0, 1):
            total = np.zeros(len(inputs), dtype=np.float32)
            for k, (factor, end) in enumerate(zip(nodes.factors[label, node], nodes.ends[label, node], strict=True)):
                assert end % 2 == (factor < 0.0)
                total += factor * ends[end][:, k]
            sums.append(total >= nodes.limits[label, node])
        for item in items.tree.settings[items.tree.low[node] : items.tree.high[node] + 1]:
            for setting in range(items.starts[item], items.starts[item + 1]):
                own = items.values[setting]
                total = own[0] * inputs[:, columns[0]]
                for k, column in enumerate(columns[1:], 1):
                    total = total + own[k] * inputs[:, column]
                ones = decision.labels(total + own[-1] if bias else total)
                assert sums[1][ones].all()
                assert sums[0][~ones].all()
                assert items.used[node][np.unique(columns)].any() or not own[: len(columns)].any()


# Hits ----------------------------------------------------------------------------------------------


@examples(60)
@given(
    positive=st.lists(st.booleans(), min_size=1, max_size=12),
    scoring=st.sampled_from([Accuracy(), BalancedAccuracy()]),
    weighed=st.booleans(),
    seed=seeds,
)
def test_the_hits_that_are_needed_are_those_that_are_enough(
    positive: list[bool], scoring: LabelScoring, weighed: bool, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    amounts: FloatArray | None = generator.integers(0, 4, size=len(positive)).astype(np.float64) if weighed else None
    if amounts is not None and not amounts.any():
        amounts[0] = 1.0
    hits = Hits(scoring, np.array(positive), amounts)
    assert hits.is_exact
    own = np.ones(len(positive)) if amounts is None else amounts
    zeros, ones = (int(own[np.array(positive) == label].sum()) for label in (False, True))
    reached = hits.of(np.array([generator.integers(zeros + 1) + 0.0]), np.array([generator.integers(ones + 1) + 0.0]))
    for threshold in (-np.inf, float(reached[0]), np.nextafter(reached[0], 2.0), 2.0):
        better, same = hits.needed(float(threshold))
        assert len(better) == len(same) == ones + 1
        for k in range(ones + 1):
            scores = hits.of(np.arange(zeros + 1.0), np.full(zeros + 1, float(k)))
            first = [np.flatnonzero(enough) for enough in (scores > threshold, scores >= threshold)]
            expected = [own[0] if len(own) else zeros + 1 for own in first]
            assert [better[k], same[k]] == expected


# Orders --------------------------------------------------------------------------------------------


@examples(60)
@given(groups=st.sampled_from(GROUPS), top=st.sampled_from([1, 2]), seed=seeds)
def test_every_candidate_of_a_leaf_is_listed_once(groups: list[int], top: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    count = len(groups)
    columns, n_biases = generator.permutation(count).tolist(), int(generator.integers(2))
    lengths = [2 for _ in columns] + [2] * n_biases
    weights = np.array(list(itertools.product(*map(range, lengths))))
    leaf = generator.integers(3, size=count)
    for group in set(groups):  # a leaf's settings stand in any order, and may be equal
        own = [k for k, other in enumerate(groups) if other == group]
        leaf[own] = generator.permutation(leaf[own])
    orders = orders_of(groups, columns, count + n_biases, top)
    every = {
        tuple(leaf[k] for k in order)
        for order in itertools.permutations(range(count))
        if all(groups[k] == groups[own] for k, own in enumerate(order))
    }
    if any(order.ascending for order in orders):  # one stands for both, bit for bit
        assert top == 1
        swapped = [k for k in range(count) if groups.count(groups[k]) == 2]
        assert sorted(columns[:2]) == swapped
        every = {settings for settings in every if settings[swapped[0]] <= settings[swapped[1]]}
    settings, turned = in_all_orders(orders, np.repeat(leaf[np.newaxis], len(weights), axis=0), weights)
    listed = Counter(tuple(row) for row in np.concatenate([settings, turned], axis=1).tolist())
    expected = Counter((*own, *weight) for own in every for weight in map(tuple, weights.tolist()))
    assert listed == expected


# Searches ------------------------------------------------------------------------------------------


KINDS: list[Activation] = [
    minigrid.Step(),
    minigrid.ReLU(),
    minigrid.Tanh(),
    minigrid.Sigmoid(),
    FunctionActivation(np.sin),
]
FEW = [[-1.0, 0.0, 1.0], [-1.5, 0.5], [-10.0, 10.0], [3.0, 0.1, -2.0], [0.0, 0.0, 5.0], [-0.3, 0.1, 0.2], [0.0]]


def make_problem(seed: int, most: int = 600) -> Problem:
    """Two or three hidden neurons, interchangeable or not, seeing all inputs or some; ties everywhere."""
    generator = np.random.default_rng(seed)

    def some(of: list[list[float]]) -> list[float]:
        return of[generator.integers(len(of))]

    n_inputs, n_hidden = int(generator.integers(1, 3)), int(generator.choice([2, 3, 3]))
    alike, hidden = bool(generator.random() < 0.7), list[Neuron]()
    for _ in range(n_hidden):
        if hidden and (alike or generator.random() < 0.3):
            hidden.append(hidden[0])
            continue
        inputs = [None, None, [n_inputs - 1]][generator.integers(3)]
        bias = 0.0 if generator.random() < 0.3 else None
        kind = KINDS[generator.integers(len(KINDS))]
        hidden.append(Neuron(np.zeros(len(inputs or range(n_inputs))), bias, kind, inputs))
    seen = [None, None, generator.permutation(n_hidden).tolist(), [n_hidden - 1, 0]][generator.integers(4)]
    bias = 0.0 if generator.random() < 0.4 else None
    output = Neuron(np.zeros(n_hidden if seen is None else len(seen)), bias, OUTPUTS[generator.integers(5)], seen)
    network = Network([Layer(hidden, n_inputs=n_inputs), Layer([output], n_inputs=n_hidden)])
    first, last = some(FEW), some(FEW)
    values = [last if name.startswith("layer1") else first for name in network.parameter_names]
    if not alike:
        values[0], values[-1] = some(FEW), some(FEW)
    while math.prod(map(len, values)) > most:
        longest = max(values, key=len)
        values = [value[:-1] if value == longest else value for value in values]
    X = generator.integers(-2, 3, size=(int(generator.integers(1, 12)), n_inputs)) * float(generator.choice([1.0, 0.3]))
    X = np.vstack([X] * int(generator.choice([1, 1, 3])))
    y = generator.integers(0, 2, size=len(X))
    scoring = [Accuracy(), BalancedAccuracy()][generator.integers(2)]
    weights = [None, None, np.arange(len(X)) % 3 + 1.0, np.linspace(0.1, 2.0, len(X))][generator.integers(4)]
    space = SearchSpace.from_grids([Grid(value) for value in values], network.parameter_names)
    return Problem.create(network, space, X, y, scoring, weights)


@examples(80)
@given(seed=seeds, top=st.sampled_from([1, 1, 4]), smallest_batch=st.sampled_from([1, 32]))
@pytest.mark.usefixtures("not_compiled")
def test_the_answer_is_the_plain_loops(seed: int, top: int, smallest_batch: int) -> None:
    assert_agrees(ExactEngine(smallest_batch=smallest_batch), make_problem(seed), top, ReferenceEngine())


@examples(80)
@given(seed=seeds, top=st.sampled_from([1, 1, 4]))
@pytest.mark.usefixtures("compiled")
def test_the_compiled_answer_is_the_plain_loops(seed: int, top: int) -> None:
    assert_agrees(ExactEngine(), make_problem(seed), top, ReferenceEngine())


@pytest.mark.parametrize("fast", ["0", "1"])
@examples(40)
@given(seed=seeds, top=st.sampled_from([1, 1, 4]))
@pytest.mark.usefixtures("small_steps")
def test_the_answer_of_small_steps_is_the_plain_loops(fast: str, seed: int, top: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MINIGRID_FAST", fast)
        assert_agrees(ExactEngine(smallest_batch=1), make_problem(seed), top, ReferenceEngine())


@examples(60)
@given(seed=seeds)
def test_no_candidate_has_more_hits_than_its_node_and_item_promise(seed: int) -> None:
    problem, generator = make_problem(seed), np.random.default_rng(seed)
    method = find_label_trees(problem, BatchedEngine(), 4)
    if isinstance(method, Unprovable):
        event(method.reason)
        return
    assert isinstance(method, LabelTrees)
    axes, items = method.axes, method._output.items
    digits = problem.space.digits(range(problem.space.size))
    settings = axes.settings(digits)
    lengths = [len(grid) for grid in method._output.grids]
    weights = digits[:, -len(lengths) :]
    zeros, ones = (method._exactly(label, settings, weights) for label in (0, 1))
    inner = np.ravel_multi_index(tuple(weights.T), lengths)
    item_of = np.empty(len(items.settings), dtype=np.int64)
    item_of[items.settings] = np.repeat(np.arange(len(items.starts) - 1), np.diff(items.starts))
    rank = np.argsort(items.tree.settings)[item_of[inner]]
    for _ in range(20):
        nodes = np.array([[generator.integers(len(tree)) for tree in axes.trees]])
        item = np.array([generator.integers(len(items.tree))])
        inside = (items.tree.low[item] <= rank) & (rank <= items.tree.high[item])
        for k, tree in enumerate(axes.trees):
            own = tree.settings[tree.low[nodes[0, k]] : tree.high[nodes[0, k]] + 1]
            inside &= np.isin(settings[:, k], own)
        if inside.any():
            for label, hits in enumerate((zeros, ones)):
                promised = method._count(label, nodes, np.array([0]), item)[0]
                assert hits[inside].max() <= promised * (1.0 + 1e-12)


@examples(30)
@given(labels=st.lists(st.integers(0, 1), min_size=3, max_size=3), top=st.sampled_from([1, 4]))
def test_two_zeros_are_two_values_of_an_input(labels: list[int], top: int) -> None:
    """An output that distinguishes the two zeros may label one 0 and the other 1."""
    hidden = Layer([Neuron([0.0], activation=minigrid.Tanh(), inputs=[0])] * 2, n_inputs=1)
    network = Network([hidden, Layer([Neuron([0.0, 0.0], 0.0, signed)], n_inputs=2)])
    space = SearchSpace(network, Grid([0.0, -0.0]))
    problem = Problem.create(network, space, [[-1.0], [0.0], [2.0]], labels, Accuracy())
    assert_agrees(ExactEngine(), problem, top, ReferenceEngine())
