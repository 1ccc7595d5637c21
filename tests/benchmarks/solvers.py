"""Other methods for the sparse jobs: round a logistic regression, or use HiGHS or CP-SAT. These are general solvers for
integer linear programs, which prove their answers, as minigrid does.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, final, get_args

import numpy as np

from minigrid._base.typing import BoolArray, FloatArray, IntArray
from tests.benchmarks.jobs import SearchJob
from tests.benchmarks.programs import UNIT, Formulation, Program, formulate, most_used
from tests.benchmarks.rivals import score_of_one

SolverName: TypeAlias = Literal["rounded LogisticRegression", "HiGHS (scipy milp)", "CP-SAT (OR-tools)"]

SOLVER_NAMES: tuple[SolverName, ...] = get_args(SolverName)

SAME = 1e-6
"""Objectives and bounds that differ by less are the same: solvers keep their constraints to about that."""


@final
@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a solver, or of minigrid, to a sparse job.

    Attributes:
        seconds: it took.
        objective: of the best that it found, computed again from the parameters; None if it found nothing.
        bound: no candidate has a better one; None if it promises nothing.
    """

    seconds: float
    objective: float | None
    bound: float | None

    @property
    def is_proven(self) -> bool:
        """Whether the bound leaves no room for a better one."""
        return self.objective is not None and self.bound is not None and abs(self.objective - self.bound) < SAME


@final
@dataclass(frozen=True, slots=True)
class Solution:
    """The result of one call of a solver.

    Attributes:
        variables: of the best it found, if it found any.
        bound: the least total that it has not ruled out.
        is_done: whether it ended before its time was up.
    """

    variables: FloatArray | None
    bound: float
    is_done: bool


Solver: TypeAlias = Callable[[Program, float], Solution]


def solve(job: SearchJob, solver: Solver, seconds: float) -> Answer:
    """Solve a job's program, and refine it as long as its candidate's loss is not known to it and time is left."""
    X, y = job.data.make()
    sign = 1.0 if job.greater_is_better else -1.0
    began = time.perf_counter()
    best, bound = -np.inf, np.inf
    formulation = refined_by_fractions(formulate(job), seconds)
    while True:
        solution = solver(formulation.program(), max(0.01, seconds - (time.perf_counter() - began)))
        bound = min(bound, sign * formulation.objective(solution.bound))
        if solution.variables is None:
            break
        parameters = np.rint(solution.variables[: job.n_parameters])
        best = max(best, sign * objective_of(job, X, y, parameters))
        refined = formulation.refined(parameters)
        if refined is None or not solution.is_done:
            break
        formulation = refined
    spent = time.perf_counter() - began
    return Answer(spent, sign * best if np.isfinite(best) else None, sign * bound if np.isfinite(bound) else None)


def refined_by_fractions(formulation: Formulation, seconds: float) -> Formulation:
    """Refine a program until it knows what the best fractions cost, which takes HiGHS a second.

    Any solver then begins with the chords that matter about there.
    """
    solver, refined = highs(), formulation
    began = time.perf_counter()
    while (left := seconds - (time.perf_counter() - began)) > 0.0:
        program = refined.program()
        solution = solver(replace(program, whole=np.zeros_like(program.whole)), left)
        if solution.variables is None:
            break
        again = refined.refined(solution.variables[: refined.job.n_parameters])
        if again is None:
            break
        refined = again
    return refined


def highs() -> Solver:
    """Load HiGHS as scipy has it."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    def solver(program: Program, seconds: float) -> Solution:
        found = milp(
            program.cost,
            integrality=program.whole.astype(np.int64),
            bounds=Bounds(program.lower, program.upper),
            constraints=LinearConstraint(program.rows, program.least),
            options={"time_limit": seconds, "mip_rel_gap": 0.0},
        )
        bound = -np.inf if found.mip_dual_bound is None else float(found.mip_dual_bound)
        variables = None if found.x is None else np.asarray(found.x, dtype=np.float64)
        return Solution(variables, bound, is_done=found.status == 0)

    return solver


def cp_sat() -> Solver:
    """Load OR-tools' CP-SAT. It counts losses in UNIT-ths, so that all its numbers are whole."""
    from ortools.sat.python import cp_model

    def solver(program: Program, seconds: float) -> Solution:
        model = cp_model.CpModel()
        scales = np.where(program.whole, 1.0, UNIT)
        ends = zip(_whole(program.lower * scales), _whole(program.upper * scales), strict=True)
        variables = [model.new_int_var(least, most, f"x{k}") for k, (least, most) in enumerate(ends)]
        for row, least in zip(program.rows, program.least, strict=True):
            used = np.flatnonzero(row)
            scale = 1.0 if program.whole[used].all() else UNIT
            terms = [
                variables[k] * factor for k, factor in zip(used, _whole((scale * row / scales)[used]), strict=True)
            ]
            model.add(sum(terms) >= round(scale * least))
        costs = _whole(program.cost * UNIT / scales)
        model.minimize(sum(variable * cost for variable, cost in zip(variables, costs, strict=True)))
        worker = cp_model.CpSolver()
        worker.parameters.max_time_in_seconds = seconds
        worker.parameters.num_workers = os.cpu_count() or 1
        status = worker.solve(model)
        bound = worker.best_objective_bound / UNIT
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return Solution(None, bound, is_done=False)
        values = np.array([worker.value(variable) for variable in variables], dtype=np.float64) / scales
        return Solution(values, bound, is_done=status == cp_model.OPTIMAL)

    return solver


def rounded_regression(job: SearchJob, seconds: float) -> Answer:
    """Drop the weakest feature of scikit-learn's logistic regression, fit it again, and so on; round each that may be.

    Each set of features that is small enough is fitted twice, with scikit-learn's regularisation and with next to none.
    The weights are rounded as they are if the grid has room for them, and multiplied so that the largest is at the
    grid's end. The best of all these counts. It takes a moment, ignores `seconds`, and has no bound.
    """
    from sklearn.linear_model import LogisticRegression

    X, y = job.data.make()
    sign, best = 1.0 if job.greater_is_better else -1.0, -np.inf
    began = time.perf_counter()
    kept = np.arange(X.shape[1])
    while len(kept):
        usual = LogisticRegression(max_iter=10_000).fit(X[:, kept], y)
        if len(kept) <= most_used(job):
            free = LogisticRegression(C=1e4, max_iter=10_000).fit(X[:, kept], y)
            for fitted in (usual, free):
                weights = np.append(np.zeros(X.shape[1]), fitted.intercept_)
                weights[kept] = fitted.coef_[0]
                to_the_end = job.span / np.abs(weights[:-1]).max()
                for factor in (min(1.0, to_the_end), to_the_end):
                    best = max(best, sign * objective_of(job, X, y, _rounded(job, factor * weights)))
        kept = np.delete(kept, np.argmin(np.abs(usual.coef_[0])))
    return Answer(time.perf_counter() - began, sign * best, None)


SOLVERS: Mapping[str, Callable[[SearchJob, float], Answer]] = {
    "rounded LogisticRegression": rounded_regression,
    "HiGHS (scipy milp)": lambda job, seconds: solve(job, highs(), seconds),
    "CP-SAT (OR-tools)": lambda job, seconds: solve(job, cp_sat(), seconds),
}


def objective_of(job: SearchJob, X: FloatArray, y: FloatArray | IntArray, parameters: FloatArray) -> float:
    """Compute what the job compares: the score, worse by what the weights cost."""
    score = score_of_one(job, X, y, parameters, count=np.count_nonzero)
    if job.penalty is None:
        return score
    cost = job.penalty(parameters, _is_weight(job))
    return score - cost if job.greater_is_better else score + cost


def _rounded(job: SearchJob, parameters: FloatArray) -> FloatArray:
    bias_span = job.span if job.biases is None else job.biases.span
    ends = np.where(_is_weight(job), job.span, bias_span)
    return np.asarray(np.clip(np.rint(parameters), -ends, ends))


def _is_weight(job: SearchJob) -> BoolArray:
    """All but the last one, the bias of the only neuron."""
    return np.arange(job.n_parameters) < job.n_parameters - 1


def _whole(numbers: FloatArray) -> list[int]:
    return [round(number) for number in numbers.tolist()]
