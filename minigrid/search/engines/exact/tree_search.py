"""The search over trees of rows: take the most promising nodes, explore them depth first, and keep their open parts.

A method (`explore.py`) decides how the last layer is resolved at a node. Nodes are taken best bound first. Each is
explored depth first for a while, because everything known about a node also helps with its parts. The amount of work
done at a time grows with the work done before, and it is measured by counting operations, not in seconds. With several
threads, each one explores its own share of the nodes, and their results are combined in the order of the shares. The
number of threads and compiled kernels change the course of a search and the number of candidates that it scores, never
its answer.
"""

import contextlib
from typing import final

import numpy as np

from minigrid._base.codec import write_int
from minigrid._base.fields import Fields
from minigrid._base.halting import Halted
from minigrid._base.threads import n_threads, on_threads
from minigrid._base.typing import JSON, FloatArray, IntArray, override
from minigrid.search.engines.exact.axes import Boxes
from minigrid.search.engines.exact.estimate import Opened, work_ahead
from minigrid.search.engines.exact.explore import Explored, Known, Method, expand
from minigrid.search.engines.exact.frontier import OPEN_BYTES
from minigrid.search.engines.exact.incumbents import Incumbents
from minigrid.search.engines.exact.nodes import Numbers
from minigrid.search.engines.exact.proof import Proof
from minigrid.search.engines.exact.subproblem import SolvedSubproblem, Subproblem
from minigrid.search.engines.exact.tree_axes import TreeAxes
from minigrid.search.problem import Problem

_LEAST_WORK, _MOST_WORK = 2.0**18, 2.0**27  # samples to examine: for a node at first, and in a late step
_WORTH_THREADS = 2.0**24
_MOST_KNOWN, _KNOWN_BYTES = 2**26, 200  # bytes, of all that is kept, and of a node in addition to its own
_MOST_IN_ALL = 2**80  # samples, more than any machine can examine


@final
class TreeSearch(Proof):
    """A search over tuples of tree nodes, batch by batch.

    Attributes:
        method: bounds nodes, and scores leaves.
    """

    _STATE = ("work",)
    _UNIT = 64

    def __init__(self, problem: Problem, method: Method, top: int, *, nodes_at_once: int = 16) -> None:
        """Open the root; arguments as for `Proof`, the method that bounds nodes, and how many a processor takes."""
        super().__init__(problem, method.axes, method.n_inner, top)
        self.method: Method = method
        self._trees: TreeAxes = method.axes
        self._n_threads = n_threads() if problem.is_builtin else 1  # custom functions are called on one thread
        self._nodes_at_once = nodes_at_once
        self._work = 0
        self._n_estimates = 0
        self._has_started = False  # whether it has searched for good first candidates
        self._known: dict[bytes, Numbers] = {}  # of open nodes, which spares work
        self._n_known = 0  # bytes

    @override
    def _own_state(self) -> dict[str, JSON]:
        return {"work": write_int(self._work)}

    @override
    def _restore_own(self, fields: Fields) -> None:
        self._work = fields.integer("work", _MOST_IN_ALL)
        self._has_started = self.n_scored > 0
        self._forget()

    @override
    def _most_examined(self) -> int:
        return self.n_scored + self._top

    @override
    def _begin(self, subproblem: Subproblem) -> None:
        super()._begin(subproblem)
        self._forget()  # it may be due to a better candidate, whose subproblem was lost
        self._work = 16 * int(_MOST_WORK)

    @override
    def _solved(self, subproblem: Subproblem) -> SolvedSubproblem:
        left = self._take(len(self._frontier))
        return SolvedSubproblem(
            left, self.best, self.n_processed, self.n_scored, self.steps - subproblem.steps, self._UNIT
        )

    @override
    def _count_scored(self, solved: SolvedSubproblem) -> None:
        self._add(n_scored=solved.n_scored)
        self._work += solved.steps * self._work // max(self.steps - solved.steps, 1)  # about as much as for those here
        self._leave_out_twice_scored()

    def _leave_out_twice_scored(self) -> None:
        """Count at most as many candidates as scored as are processed: those scored at the start are scored again.

        The limit is at least 1, so that a search that waits for one scored candidate can end.
        """
        self._add(n_scored=min(max(self.n_processed, 1) - self.n_scored, 0))

    @override
    def _advance(self) -> None:
        if not self._work and not self._has_started:
            self._has_started = True
            with contextlib.suppress(Halted):
                self._add(n_scored=self.method.start(self._incumbents))
            self._leave_out_twice_scored()
            if self.best:
                return
        count = max(self._nodes_at_once * self._n_threads, len(self._frontier) // 4)
        boxes, bounds = self._frontier.take(min(count, len(self._frontier)))
        order = np.argsort(-bounds, kind="stable")
        nodes, bounds = self._trees.nodes(boxes)[order], bounds[order]
        self._mark_processed(boxes)
        for part, incumbents in self._explore(nodes, bounds):
            self._note(part)
            self._incumbents.merge(incumbents.best)
            self._add(n_scored=part.n_scored, steps=part.n_explored)
            self._work += int(part.work)
            left = self._trees.boxes(np.concatenate(part.nodes))
            self._add(n_processed=-self._count(left))
            self._open(left, np.concatenate(part.bounds))
        self._prune()
        self._leave_out_twice_scored()

    def _explore(self, nodes: IntArray, bounds: FloatArray) -> list[tuple[Explored, Incumbents]]:
        """Explore nodes with all threads: thread k of n takes every n-th node, starting with the k-th."""
        budget = min(max(_LEAST_WORK * self._nodes_at_once, float(self._work)), _MOST_WORK)
        count = min(self._n_threads, len(nodes)) if budget >= _WORTH_THREADS else 1
        known = [self._known.pop(node.tobytes(), None) for node in nodes]
        self._n_known -= sum(own.nbytes + _KNOWN_BYTES for own in known if own is not None)

        def explored(k: int) -> tuple[Explored, Incumbents]:
            own, incumbents = slice(k, None, count), self._incumbents.copy()
            joined = self.method.join(known[own])
            return self.method.explore(nodes[own], bounds[own], incumbents, budget, joined), incumbents

        return on_threads(explored, count, count, "minigrid-tree")

    def _note(self, part: Explored) -> None:
        """Keep the knowledge about the remaining nodes, while there is room."""
        if self._n_known > _MOST_KNOWN:
            self._forget()
        for nodes, known in zip(part.nodes, part.known, strict=True):
            for node, piece in zip(nodes, known.pieces(), strict=False):
                self._known[node.tobytes()] = piece.copy()
                self._n_known += piece.nbytes + _KNOWN_BYTES

    def _forget(self) -> None:
        self._known.clear()
        self._n_known = 0

    def steps_ahead(self) -> float:
        """Estimate how many nodes are still to be explored, assuming that each takes as much work as those before."""
        count = len(self._frontier)
        if not count:
            return 0.0
        self._n_estimates += 1
        away = sum(len(subproblem.boxes) for subproblem in self._away.values())
        with np.errstate(all="ignore"):
            seconds = self._seconds_to_estimate
            work = work_ahead(self._frontier, self._expand, self._n_estimates, seconds, self._known_of)
        return work * ((count + away) / count) * (self.steps / self._work if self._work else 1.0)

    def _known_of(self, boxes: Boxes) -> Known:
        """Return further knowledge about open boxes."""
        return self.method.join([self._known.get(node.tobytes()) for node in self._trees.nodes(boxes)])

    def _expand(self, opened: Opened) -> tuple[Opened, float]:
        """Expand nodes, see `estimate.py`."""
        nodes = self._trees.nodes(opened.boxes)
        parts, _, alive, known, bounds, work = expand(self.method, nodes, opened.known, self._incumbents)
        leaves = self._trees.are_leaves(parts)
        done = np.flatnonzero(alive & leaves)
        work += self.method.work_of_leaves(parts[done], known.take(done))
        left = np.flatnonzero(alive & ~leaves)
        return Opened(self._trees.boxes(parts[left]), bounds[left], known.take(left)), work

    @property
    def memory(self) -> int:
        """Estimate the most memory that it needs, in bytes."""
        return self.method.memory + _MOST_KNOWN + 2 * OPEN_BYTES
