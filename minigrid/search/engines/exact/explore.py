"""Explore nodes depth first, many at once: split nodes, bound their parts, prune where possible.

A node may pass more than its bound on to its parts. The method decides what that is (`Known`).
"""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
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

    def joined(self, other: "Known", n_nodes: int) -> "Known | None":
        """Put what is known of other nodes behind what is known of these n_nodes; None if it is of another kind."""
        del n_nodes
        return self if type(self) is type(other) is Known else None

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

        A search may forget it: nodes are then bounded again, with the same result (`bounded_again`).
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
            known of the nodes now; and how much work it was: about how many samples were examined.
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
        work: about how many samples were examined.
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
        budget: of work, in the method's unit; at least one step is done.
        known: what is known of the nodes; None: nothing.
    """
    axes, explored = method.axes, Explored(nodes.shape[1])
    leaves_at_once = max(1, min(_LEAVES_AT_ONCE, int(_WORK_AT_ONCE / max(method.leaf_work, 1.0))))
    stack: list[tuple[IntArray, FloatArray, Known, float]] = [(nodes, bounds, known or Known(), method.node_work)]
    n_given = len(nodes)  # those that are left are at the bottom of the stack
    most_work = budget  # less what bounding them again takes, which a search that was never interrupted may not need
    while stack:
        nodes, bounds, known, each = stack.pop()
        are_given = not stack and n_given > 0
        if (explored.work > most_work and explored.n_explored) or is_halted():
            explored.leave(nodes, bounds, known)
            continue
        while stack and len(nodes) < _FEW and not are_given:
            other, of_other, theirs, most = stack[-1]
            n = min(_FEW, len(other), int((_WORK_AT_ONCE - len(nodes) * each) / most))
            if n <= 0:
                break
            some, rest = np.arange(n), np.arange(n, len(other))
            added, of_added, passed = other[some], of_other[some], theirs.take(some)
            if len(stack) == 1 and n_given:
                n_given -= n
                added, of_added, passed, again = bounded_again(method, added, of_added, passed, incumbents)
                most_work -= again
            joined = known.joined(passed, len(nodes))
            if joined is None:
                break
            stack[-1:] = [(other[rest], of_other[rest], theirs.take(rest), most)] if len(rest) else []
            nodes, known = np.concatenate([nodes, added]), joined
            bounds = np.concatenate([bounds, of_added])
            each += (most - each) * len(added) / len(nodes)
        at_once = max(1, min(_AT_ONCE, int(_WORK_AT_ONCE / each)))  # this takes a fraction of a second
        if len(nodes) > at_once:
            rest = np.arange(at_once, len(nodes))
            stack.append((nodes[rest], bounds[rest], known.take(rest), each))
            nodes, bounds, known = nodes[:at_once], bounds[:at_once], known.take(np.arange(at_once))
        if are_given:
            n_given -= len(nodes)
            nodes, bounds, known, again = bounded_again(method, nodes, bounds, known, incumbents)
            most_work -= again
            if not len(nodes):
                continue
        try:
            parts, _, alive, passed, part_bounds, work = expand(method, nodes, known, incumbents)
        except Halted:
            explored.leave(nodes, bounds, known)
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
            if explored.work <= most_work or not start:
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
            stack.append((parts[left], bounds[left], known.take(left), min(4.0 * work / len(nodes), each) + 1.0))
    return explored


def bounded_again(
    method: Method, nodes: IntArray, bounds: FloatArray, known: Known, incumbents: Incumbents
) -> tuple[IntArray, FloatArray, Known, float]:
    """Bound nodes again if that tells what their parts need: it was found with older incumbents, or forgotten.

    Returns:
        The nodes that are left, their bounds, what is known of them, and how much work it was; all as before if the
        search halts.
    """
    if type(known) is Known:
        return nodes, bounds, known, 0.0
    late = incumbents.are_late(method.axes.first_of(nodes))
    try:
        new, passed, work = method.bound(nodes, known, incumbents, late)
    except Halted:
        return nodes, bounds, known, 0.0
    left = np.flatnonzero(incumbents.are_alive(new, late))
    return nodes[left], np.minimum(new, bounds)[left], passed.take(left), work


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
