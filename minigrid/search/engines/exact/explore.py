"""Explore nodes depth first, many at once: split nodes, bound their parts, prune where possible.

A node may pass more than its bound on to its parts. The method decides what that is (`Known`).
"""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.halting import Halted, is_halted
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.search.engines.exact.incumbents import Incumbents
from minigrid.search.engines.exact.nodes import Numbers
from minigrid.search.engines.exact.tree_axes import TreeAxes

_AT_ONCE, _LEAVES_AT_ONCE = 2048, 256  # nodes
_WORK_AT_ONCE = 2.0**27
_FEW = 1024  # nodes: for fewer, calling NumPy takes longer than its work


class Known:
    """Knowledge about some nodes beyond their bounds: none in this base class."""

    def take(self, rows: IntArray) -> "Known":
        """Select some of the nodes."""
        return self

    def can_join(self, other: "Known") -> bool:
        """Tell whether knowledge about other nodes can be joined to this."""
        return type(self) is type(other) is Known

    def joined(self, other: "Known") -> "Known":
        """Put what is known of other nodes behind this, if `can_join`."""
        assert type(self) is type(other) is Known
        return self

    def pieces(self) -> list[Numbers]:
        """Split into one entry per node, for `Method.join`; empty if storing them is not worthwhile."""
        return []


class Method(ABC):
    """A method that resolves the last layer at nodes of its inputs' rows.

    Attributes:
        axes: the axes of the tuples of nodes.
        n_inner: how many settings the parameters have that no axis stands for.
        leaf_work: the work of scoring a leaf, in addition to bounding it.
        resolves_leaves: whether leaves are scored. If not, exploring only asks whether there is a leaf that may hold a
            candidate to keep. It stops at the first one, and counts this leaf as examined.
        node_work: the most work of bounding a node.
    """

    axes: TreeAxes
    n_inner: int
    leaf_work: float = 0.0
    node_work: float
    resolves_leaves: bool = True

    def join(self, pieces: Sequence[Numbers | None]) -> Known:
        """Join what is known of some nodes from `Known.pieces`; None if nothing is known.

        A search may forget it. This changes no answer, but nodes that it takes up again are first bounded once more,
        and this takes longer if nothing is known of them.
        """
        del pieces
        return Known()

    @abstractmethod
    def widths(self, nodes: IntArray) -> FloatArray:
        """Compute how wide nodes are on each axis, shape (n, n_axes)."""

    def priorities(self, nodes: IntArray, known: Known) -> FloatArray:
        """Rate the axes of nodes, shape (n, n_axes): the best one is split. By default, that is the widest one."""
        del known
        return self.widths(nodes)

    @abstractmethod
    def bound(
        self, nodes: IntArray, known: Known, incumbents: Incumbents, late: BoolArray
    ) -> tuple[FloatArray, Known, float]:
        """Bound all candidates of some nodes.

        Args:
            nodes: shape (n, n_axes).
            known: what is known of the nodes that these are parts of; `Known()` at first.
            incumbents: the best so far. Where no candidate can be kept, a bound need not be close.
            late: which nodes have all their candidates after the worst kept candidate.

        Returns:
            Signed scores (higher is better) that no candidate exceeds, NaN where none can be kept, shape (n,); what is
            known of the nodes now, of the same kind; and how much work it was: about how many samples were examined.
        """

    @abstractmethod
    def score_leaves(self, leaves: IntArray, known: Known, incumbents: Incumbents) -> int:
        """Score the candidates of some leaves that may be kept, and keep them; return how many were examined."""

    def work_of_leaves(self, leaves: IntArray, known: Known) -> float:
        """Estimate the work of scoring some leaves."""
        del known
        return self.leaf_work * len(leaves)

    @abstractmethod
    def judge(self, sums: Sequence[FloatArray]) -> FloatArray:
        """Rate sums approximately, higher is better: from shape (n or 1, n_samples) per output to shape (n,)."""

    @abstractmethod
    def start(self, incumbents: Incumbents) -> int:
        """Find and keep a good candidate before the search; return how many were examined."""

    @property
    @abstractmethod
    def memory(self) -> int:
        """Estimate the most memory that it needs, in bytes."""

    def explore(
        self, nodes: IntArray, bounds: FloatArray, incumbents: Incumbents, budget: float, known: Known | None = None
    ) -> "Explored":
        """Explore nodes, see `explore` of this module."""
        return explore(self, nodes, bounds, incumbents, budget, known)


@final
class Explored:
    """The result of exploring nodes.

    Attributes:
        nodes: the remaining parts, a list of arrays of shape (n, n_axes).
        bounds: theirs.
        known: what is known of them, one for each array.
        n_scored: how many candidates were examined.
        n_explored: how many nodes were explored.
        work: about how many samples were examined, without those for bounding the given nodes once more.
    """

    def __init__(self, n_axes: int) -> None:
        self.nodes: list[IntArray] = [np.empty((0, n_axes), dtype=np.int64)]
        self.bounds: list[FloatArray] = [np.empty(0)]
        self.known: list[Known] = [Known()]
        self.n_scored: int = 0
        self.n_explored: int = 0
        self.work: float = 0.0

    def leave(self, nodes: IntArray, bounds: FloatArray, known: Known) -> None:
        """Add some remaining parts."""
        self.nodes.append(nodes)
        self.bounds.append(bounds)
        self.known.append(known)


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Batch:
    """Some nodes that wait to be explored.

    Attributes:
        nodes: shape (n, n_axes).
        bounds: theirs.
        known: what is known of them.
        node_work: the most work of bounding one of them.
    """

    nodes: IntArray
    bounds: FloatArray
    known: Known
    node_work: float

    @property
    def count(self) -> int:
        """How many nodes there are."""
        return len(self.nodes)

    @property
    def work(self) -> float:
        """The most work of bounding them."""
        return self.count * self.node_work

    def split(self, count: int) -> tuple["_Batch", "_Batch"]:
        """Return the first nodes, up to this many, and the others."""
        rows = np.arange(self.count)
        return self.take(rows[:count]), self.take(rows[count:])

    def take(self, rows: IntArray) -> "_Batch":
        """Select some of the nodes."""
        return _Batch(self.nodes[rows], self.bounds[rows], self.known.take(rows), self.node_work)

    def joined(self, other: "_Batch") -> "_Batch":
        """Put other nodes behind these."""
        nodes, bounds = np.concatenate([self.nodes, other.nodes]), np.concatenate([self.bounds, other.bounds])
        node_work = (self.work + other.work) / len(nodes) if len(nodes) else self.node_work
        return _Batch(nodes, bounds, self.known.joined(other.known), node_work)

    def bounded_again(self, method: Method, incumbents: Incumbents) -> tuple["_Batch", float]:
        """Bound the nodes once more, unless nothing is ever known of them.

        What is known of them then depends only on them and on the incumbents. It may have been found with older
        incumbents, or have been forgotten.

        Returns:
            The nodes that are left, and how much work it was; all as before if the search halts.
        """
        if type(self.known) is Known:
            return self, 0.0
        late = incumbents.are_late(method.axes.first_of(self.nodes))
        try:
            bounds, known, work = method.bound(self.nodes, self.known, incumbents, late)
        except Halted:
            return self, 0.0
        again = _Batch(self.nodes, np.minimum(bounds, self.bounds), known, self.node_work)
        return again.take(np.flatnonzero(incumbents.are_alive(bounds, late))), work


@final
class _Waiting:
    """The nodes that wait to be explored: those given at first, and on top of them the parts of explored ones."""

    def __init__(self, method: Method, given: _Batch) -> None:
        self._method = method
        self._given = given
        self._stack: list[_Batch] = []

    def __bool__(self) -> bool:
        return bool(self._stack) or self._given.count > 0

    def push(self, batch: _Batch) -> None:
        """Put nodes on top."""
        if batch.count:
            self._stack.append(batch)

    @property
    def batches(self) -> list[_Batch]:
        """Everything, from the top down."""
        return [*reversed(self._stack), self._given]

    def next(self, incumbents: Incumbents) -> tuple[_Batch, float]:
        """Take as many nodes from the top as are explored at once; few are joined by those below.

        Those that were given are bounded again first, which may leave none of them.

        Returns:
            The nodes, and the work of bounding some again.
        """
        batch, again = self._take(_at_once(self._top.node_work), incumbents)
        while self and batch.count < _FEW and again < _WORK_AT_ONCE:
            count = min(_FEW, int((_WORK_AT_ONCE - batch.work) / self._top.node_work))
            if count <= 0 or not batch.known.can_join(self._top.known):
                break
            more, work = self._take(count, incumbents)
            batch, again = batch.joined(more), again + work
        if batch.count > _at_once(batch.node_work):
            batch, others = batch.split(_at_once(batch.node_work))
            self.push(others)
        return batch, again

    @property
    def _top(self) -> _Batch:
        return self._stack[-1] if self._stack else self._given

    def _take(self, count: int, incumbents: Incumbents) -> tuple[_Batch, float]:
        """Take up to this many nodes of the top batch."""
        if self._stack:
            batch = self._stack.pop()
            if batch.count > count:
                batch, others = batch.split(count)
                self.push(others)
            return batch, 0.0
        batch, self._given = self._given.split(count)
        return batch.bounded_again(self._method, incumbents)


def _at_once(node_work: float) -> int:
    """How many nodes are explored at once, which takes a fraction of a second."""
    return max(1, min(_AT_ONCE, int(_WORK_AT_ONCE / node_work)))


def explore(
    method: Method,
    nodes: IntArray,
    bounds: FloatArray,
    incumbents: Incumbents,
    budget: float,
    known: Known | None = None,
) -> Explored:
    """Explore nodes until little or nothing is left of them.

    Args:
        method: bounds them.
        nodes: shape (n, n_axes), the most promising first.
        bounds: theirs.
        incumbents: the best so far; what is found is kept there.
        budget: of work, in the method's unit, including that of bounding the given nodes once more. At least one batch
            is explored, unless the search halts.
        known: what is known of the nodes; None: nothing.
    """
    axes, explored = method.axes, Explored(nodes.shape[1])
    leaves_at_once = max(1, min(_LEAVES_AT_ONCE, int(_WORK_AT_ONCE / max(method.leaf_work, 1.0))))
    waiting = _Waiting(method, _Batch(nodes, bounds, known or Known(), method.node_work))
    while waiting:
        if is_halted() or (explored.n_explored and explored.work > budget):
            for batch in waiting.batches:
                explored.leave(batch.nodes, batch.bounds, batch.known)
            break
        batch, again = waiting.next(incumbents)
        budget -= again  # not part of `work`: how much it is depends on what was forgotten
        nodes, known = batch.nodes, batch.known
        if not len(nodes):
            continue
        try:
            parts, _, alive, passed, part_bounds, work = expand(method, nodes, known, incumbents)
        except Halted:
            explored.leave(nodes, batch.bounds, known)
            continue
        explored.n_explored += len(nodes)
        known, bounds = passed, part_bounds
        explored.work += work
        are_leaves = axes.are_leaves(parts)
        done = np.flatnonzero(alive & are_leaves)
        if len(done) and not method.resolves_leaves:
            explored.n_scored += len(done)
            return explored
        done = done[np.argsort(-bounds[done], kind="stable")]
        for start in range(0, len(done), leaves_at_once):
            some = done[start : start + leaves_at_once]
            leaves, own = parts[some], known.take(some)
            n_scored: int | None = None
            if explored.work <= budget or not start:
                with contextlib.suppress(Halted):
                    n_scored = method.score_leaves(leaves, own, incumbents)
            if n_scored is None:
                explored.leave(parts[done[start:]], bounds[done[start:]], known.take(done[start:]))
                break
            explored.work += method.work_of_leaves(leaves, own)
            explored.n_scored += n_scored
        left = np.flatnonzero(incumbents.are_alive(bounds, incumbents.are_late(axes.first_of(parts))) & ~are_leaves)
        if len(left):
            left = left[np.argsort(-bounds[left], kind="stable")]
            node_work = min(4.0 * work / len(nodes), batch.node_work) + 1.0
            waiting.push(_Batch(parts[left], bounds[left], known.take(left), node_work))
    return explored


def expand(
    method: Method, nodes: IntArray, known: Known, incumbents: Incumbents
) -> tuple[IntArray, IntArray, BoolArray, Known, FloatArray, float]:
    """Split nodes and bound the parts; a leaf, as the root may be, is its own part.

    Returns:
        The parts, from which node each comes, which may hold what is kept, what is known of them, their bounds, and how
        much work it was.
    """
    axes = method.axes
    leaves = axes.are_leaves(nodes)
    inner = np.flatnonzero(~leaves)
    parts, origin = axes.split(nodes[inner], method.priorities(nodes, known)[inner])
    parts = np.concatenate([nodes[leaves], parts])
    origin = np.concatenate([np.flatnonzero(leaves), inner[origin]])
    late = incumbents.are_late(axes.first_of(parts))
    bounds, known, work = method.bound(parts, known.take(origin), incumbents, late)
    return parts, origin, incumbents.are_alive(bounds, late), known, bounds, work
