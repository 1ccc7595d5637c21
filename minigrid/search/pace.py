"""The timing of a running search: when it checks its clock, saves its file and estimates, and how much workers get.

None of this changes the result of a search. Tests pass other values, so that all of it happens at once.
"""

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True, slots=True)
class Pace:
    """The timing of a running search. Numbers are in seconds unless another unit is stated.

    Attributes:
        chunk: how long one chunk of candidates should take. The search checks its limits between chunks.
        most_growth: how many times larger than the chunk before a chunk may be.
        alone: how long a stage runs in this process before it uses workers; many stages end by then.
        wait_first: how long the search waits for the first answer of a worker before it continues in this process.
        wait: how long it waits once a worker has answered, or four times as long as the longest task if that is longer.
        sent: how long a worker should be busy with one task.
        sent_of_little: the same while there is too little work for all workers.
        most_chunks: the largest number of chunks in one task.
        first_units: the size of the first task of a divided search, in units of its open work.
        least_units: the smallest size of such a task, because small parts are searched slowly.
        save_first: how long a process searches before it first saves a checkpoint.
        save_growth: the shortest time between the next saves, as a fraction of the time that the process has searched.
        save_every: the shortest time between two saves once a process has searched for long.
        save_share: the largest fraction of the time that saving may then cost.
        save_share_early: the same for a process that has just begun, because it may be killed soon.
        log_every: the longest time between two lines of the log.
        event_every: the longest time between two events, if the search could stop in between.
        bar_after: how long a search runs before it shows a progress bar.
        bar_every: the shortest time between two updates of the progress bar.
        estimate_every: the shortest time between two estimates of when a proof ends.
        estimate_share: about the fraction of the time that these estimates cost; near the end up to twice as much.
        judged_after: when each process decides whether to refuse an unlimited proof that would take more than a day.
        judged_if_huge: when it first decides this if the space is huge.
        fallback_after: when the search first compares a proof with scoring every candidate.
        fallback_worth: how many times faster scoring must be to replace the proof, as estimates are rough.
        fallback_risk: how many times longer than the proof so far scoring may take.
        plan_scoring: how long a plan times the scoring.
        plan_proof: how long a plan runs a proof, which often ends by then.
        plan_most: how long a plan may take in all; each of several stages gets its share.
        plan_least: how long it may take in any case, after it has checked the data.
        plan_estimates: how long the plan then estimates the rest.
    """

    chunk: float = 0.1
    most_growth: float = 16.0
    alone: float = 0.5
    wait_first: float = 0.0
    wait: float = 1.0
    sent: float = 0.5
    sent_of_little: float = 0.1
    most_chunks: int = 64
    first_units: int = 2**12
    least_units: int = 2**8
    save_first: float = 0.25
    save_growth: float = 0.5
    save_every: float = 5.0
    save_share: float = 0.02
    save_share_early: float = 0.2
    log_every: float = 5.0
    event_every: float = 0.5
    bar_after: float = 1.0
    bar_every: float = 0.2
    estimate_every: float = 0.5
    estimate_share: float = 0.05
    judged_after: tuple[float, ...] = (5.0, 60.0)
    judged_if_huge: tuple[float, ...] = (0.5, 2.0, 20.0)
    fallback_after: float = 0.1
    fallback_worth: float = 2.0
    fallback_risk: float = 10.0
    plan_scoring: float = 0.2
    plan_proof: float = 0.8
    plan_estimates: float = 0.2
    plan_most: float = 1.25
    plan_least: float = 0.25
