"""The times of a running search: when it looks at its clock, its file and what is left, and how much workers are sent.

None of this changes what a search finds, only how it gets there. Tests pass other values, to see all of it at once.
"""

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True, slots=True)
class Pace:
    """Times of a running search, in seconds unless said otherwise.

    Attributes:
        chunk: how long scoring one chunk of candidates is meant to take; limits are looked at between chunks.
        most_growth: how many times larger one chunk may be than the one before.
        alone: how long a stage runs in this process before workers are asked: many need no more.
        wait_first: how long they may take to answer at first before this process searches on until one does.
        wait: the same once one has answered, at the least: four times as long as the longest of their tasks, if longer.
        sent: how long a worker is busy with what it is sent.
        sent_of_little: the same while there is too little work to go round.
        most_chunks: how many chunks are sent at once at most.
        first_units: how much of a divided search is sent at first, in units of its open work.
        least_units: how much of it is sent at the least: little is searched slowly.
        save_first: how long a process searches before it first writes a checkpoint.
        save_growth: how long it then waits between two writings, at the least: a part of the time that it has searched.
        save_every: between two writings of a checkpoint, once it has searched for long.
        save_share: the part of the time, at most, that writing it then costs.
        save_share_early: the same for a process that has searched for a moment: it may be killed soon.
        log_every: between two lines of the log, at most.
        bar_after: how long a search runs before the progress bar is shown.
        bar_every: between two changes of the progress bar, at least.
        look_every: between two estimates of when a proof ends, at least.
        look_share: about the part of the time that these estimates cost; near the end up to twice as much.
        judged_after: when an unlimited proof is judged, in each process: one that takes more than a day is refused.
        judged_if_huge: when it is judged, too, if the space is huge.
        fallback_after: when a proof is first compared with scoring every candidate.
        fallback_worth: how many times sooner scoring must be to take the proof's place, as estimates are rough.
        fallback_risk: how many times as long as the proof so far scoring may take.
        plan_scoring: how long a plan times scoring.
        plan_proof: how long a plan runs a proof; it is often over by then.
        plan_most: how long a plan may take in all; a stage of several gets its share.
        plan_looks: how long it then estimates what is left.
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
    bar_after: float = 1.0
    bar_every: float = 0.2
    look_every: float = 0.5
    look_share: float = 0.05
    judged_after: tuple[float, ...] = (5.0, 60.0)
    judged_if_huge: tuple[float, ...] = (0.5, 2.0, 20.0)
    fallback_after: float = 0.1
    fallback_worth: float = 2.0
    fallback_risk: float = 10.0
    plan_scoring: float = 0.2
    plan_proof: float = 0.8
    plan_looks: float = 0.2
    plan_most: float = 1.5
