"""The search over trees of rows: take the most promising nodes, look into them depth first, open what is left of them.

A method (`explore.py`) says how the last layer is settled at a node. Nodes are taken best bound first, and each is
looked into depth first for a while, as what is known of a node serves its parts. How much is done at a time grows with
what was done before, and is counted in work, not in seconds. On several processors each looks into its own share of
what is taken; what they find is put together in their order. How many there are, and whether kernels are compiled,
changes the course of a search and how many candidates it scores, never its answer.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import final

import numpy as np

from minigrid._base.codec import write_int
from minigrid._base.fields import Fields
from minigrid._base.signals import Interrupt
from minigrid._base.threads import n_threads
from minigrid._base.typing import JSON, FloatArray, IntArray, override
from minigrid.search.engines.exact.explore import Explored, Known, Method, look_into
from minigrid.search.engines.exact.frontier import OPEN_BYTES
from minigrid.search.engines.exact.incumbents import Incumbents
from minigrid.search.engines.exact.proof import Proof
from minigrid.search.engines.exact.subproblem import SolvedSubproblem, Subproblem
from minigrid.search.engines.exact.tree_axes import TreeAxes
from minigrid.search.problem import Problem

_LEAST_WORK, _MOST_WORK = 2.0**18, 2.0**27  # samples that are looked at, for a node at first, and in a step at last
_WORTH_THREADS = 2.0**24
_MOST_IN_ALL = 2**80  # samples: no machine looks at as many
_WALKS = 64
_ENOUGH = 1e30  # nodes: at a million a second, a million times the age of the universe


@final
class TreeSearch(Proof):
    """A search over tuples of tree nodes, one batch after another."""

    _STATE = ("work",)
    _UNIT = 64

    def __init__(self, problem: Problem, method: Method, top: int, *, nodes_at_once: int = 16) -> None:
        """Open the root; arguments as for `Proof`, the method that bounds nodes, and how many a processor takes."""
        super().__init__(problem, method.axes, method.n_inner, top)
        self._method = method
        self._trees: TreeAxes = method.axes
        self._n_threads = n_threads() if problem.is_builtin else 1  # a user's function is called on one thread
        self._nodes_at_once = nodes_at_once
        self._work = 0
        self._n_looks = 0

    @override
    def _own_state(self) -> dict[str, JSON]:
        return {"work": write_int(self._work)}

    @override
    def _restore_own(self, fields: Fields) -> None:
        self._work = fields.integer("work", _MOST_IN_ALL)

    @override
    def _n_looked_at(self) -> int:
        return self.n_scored + self._top

    @override
    def _begin(self, subproblem: Subproblem) -> None:
        super()._begin(subproblem)
        self._work = 16 * int(_MOST_WORK)

    @override
    def _solved(self, subproblem: Subproblem) -> SolvedSubproblem:
        left = self._take(len(self._frontier))
        return SolvedSubproblem(
            left, self.best, self.n_settled, self.n_scored, self.steps - subproblem.steps, self._UNIT
        )

    @override
    def _count_scored(self, solved: SolvedSubproblem) -> None:
        self._add(n_scored=solved.n_scored)
        self._leave_out_twice_scored()

    def _leave_out_twice_scored(self) -> None:
        """What was tried at the start comes again; but one was scored in any case, and who waits for one may end."""
        self._add(n_scored=min(max(self.n_settled, 1) - self.n_scored, 0))

    @override
    def _advance(self) -> None:
        if not self._work and not self.best:
            self._add(n_scored=self._method.start(self._incumbents))
        count = max(self._nodes_at_once * self._n_threads, len(self._frontier) // 4)
        boxes, bounds = self._frontier.take(min(count, len(self._frontier)))
        order = np.argsort(-bounds, kind="stable")
        nodes, bounds = self._trees.nodes(boxes)[order], bounds[order]
        self._settle(boxes)
        for part, incumbents in self._explore(nodes, bounds):
            self._incumbents.merge(incumbents.best)
            self._add(n_scored=part.n_scored, steps=part.n_looked)
            self._work += int(part.work)
            left = self._trees.boxes(np.concatenate(part.nodes))
            self._add(n_settled=-self._count(left))
            self._open(left, np.concatenate(part.bounds))
        self._prune()
        self._leave_out_twice_scored()

    def _explore(self, nodes: IntArray, bounds: FloatArray) -> list[tuple[Explored, Incumbents]]:
        """Look into nodes on every processor, each into every so-manieth."""
        budget = min(max(_LEAST_WORK * self._nodes_at_once, self._work / 4.0), _MOST_WORK)
        count = min(self._n_threads, len(nodes)) if budget >= _WORTH_THREADS else 1

        def explored(k: int) -> tuple[Explored, Incumbents]:
            own, incumbents = slice(k, None, count), self._incumbents.copy()
            with np.errstate(all="ignore"):  # a thread does not inherit what the caller ignores
                return self._method.explore(nodes[own], bounds[own], incumbents, budget), incumbents

        if count == 1:
            return [explored(0)]
        with Interrupt.held_back(), ThreadPoolExecutor(count - 1, thread_name_prefix="minigrid-tree") as pool:
            waiting: list[Future[tuple[Explored, Incumbents]]] = [pool.submit(explored, k) for k in range(1, count)]
            return [explored(0), *(future.result() for future in waiting)]

    def steps_ahead(self) -> float:
        """Estimate how many nodes are still to be looked into, from random walks (Knuth 1975, Math. Comp. 29).

        A walk begins at an open node drawn at random and goes on into one of its parts that are alive. What it meets
        stands for as many as there were choices.
        """
        count = len(self._frontier)
        if not count:
            return 0.0
        self._n_looks += 1
        generator = np.random.default_rng(self._n_looks)
        away = sum(len(subproblem.boxes) for subproblem in self._away.values())
        chosen = generator.integers(count, size=min(_WALKS, 4 * count))
        total, work, n_walked = 0.0, 0.0, 0
        while n_walked < len(chosen) and (not n_walked or work < _MOST_WORK):
            some = int(max(1.0, (_MOST_WORK - work) * n_walked / max(work, 1.0)))  # as many as there is time for
            own = chosen[n_walked : n_walked + some]
            with np.errstate(all="ignore"):
                found, looked = self._walk(self._trees.nodes(self._frontier.boxes(own)), generator)
            total, work, n_walked = total + found, work + looked, n_walked + len(own)
        return total * (count + away) / n_walked

    def _walk(self, nodes: IntArray, generator: "np.random.Generator") -> tuple[float, float]:
        """Walk from some nodes; return how many nodes there are below them together, as estimated, and the work."""
        weights, known, total, work = np.ones(len(nodes)), Known(), 0.0, 0.0
        while len(nodes) and total < _ENOUGH:
            total += float(weights.sum())
            parts, origin, alive, known, _, looked = look_into(self._method, nodes, known, self._incumbents)
            work += looked
            going = np.flatnonzero(alive & ~self._trees.are_leaves(parts))
            choices = np.bincount(origin[going], minlength=len(nodes))
            # One of the parts of each node: the first in an order drawn at random.
            going = going[np.lexsort((generator.random(len(going)), origin[going]))]
            going = going[np.unique(origin[going], return_index=True)[1]]
            weights = weights[origin[going]] * choices[origin[going]]
            nodes, known = parts[going], known.take(going)
        return total, work

    @property
    def memory(self) -> int:
        """About how many bytes it needs at the most."""
        return self._method.memory + 2 * OPEN_BYTES
