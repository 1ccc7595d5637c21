"""A soak test: does the memory of a very long search stay flat? `python -m tests.benchmarks.soak`, ten minutes.

It runs one endless proof (two into one with biases, on xor data) in several processes, and one short search after
another in other processes, as a server would. Every second, it measures the memory of this process and of its workers.
The memory of a proof (bounds, open boxes) first grows to a limit, and is sometimes released and filled again. So the
test compares the peak of the last third of the time with that of the first two thirds. It may be a twentieth and 40 MiB
higher, because the open boxes may need an array of twice the size at any time, the last of which has 32 MiB.
"""

import argparse
import sys
import threading
import time
from dataclasses import dataclass
from typing import final

import psutil

from minigrid import Coordinate, GridSearchTrainer, Joint, SearchEvent, Strategy
from minigrid.search.engines.exact.frontier import OPEN_BYTES
from tests.benchmarks.tables import find

_MIB = 2.0**20
_SHARE, _MIB_MORE = 1.05, 8.0 + OPEN_BYTES / _MIB  # what the last third may have more than the first two


@final
@dataclass(frozen=True, slots=True)
class Sample:
    """The memory at a moment.

    Attributes:
        seconds: since the soak began.
        own: of this process, in MiB.
        workers: of all that it started, in MiB.
        n_workers: how many these are.
    """

    seconds: float
    own: float
    workers: float
    n_workers: int


@final
class Watch:
    """Measures the memory once a second, on its own thread."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self._began = time.perf_counter()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="soak", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop measuring."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        this = psutil.Process()
        while not self._over.wait(1.0):
            sizes = []
            for process in this.children(recursive=True):
                try:
                    sizes.append(process.memory_info().rss / _MIB)
                except psutil.NoSuchProcess:  # it has ended meanwhile
                    continue
            seconds = time.perf_counter() - self._began
            self.samples.append(Sample(seconds, this.memory_info().rss / _MIB, sum(sizes), len(sizes)))


def is_flat(sizes: list[float]) -> bool:
    """Compare the peak of the last third with that of the first two."""
    third = len(sizes) // 3
    return max(sizes[2 * third :]) <= _SHARE * max(sizes[: 2 * third]) + _MIB_MORE


def long_search(seconds: float, workers: int) -> list[Sample]:
    """Run one search for a number of seconds."""
    job = find("P8")
    X, y = job.data.make()
    watch, next_line = Watch(), [0.0]

    def tell(event: SearchEvent) -> None:
        if event.seconds >= next_line[0] and watch.samples:
            next_line[0] = event.seconds + 30.0
            print(f"{watch.samples[-1]}  {event}", file=sys.stderr, flush=True)

    trainer = GridSearchTrainer(job.grid(), time_limit=seconds, workers=workers, callbacks=[tell])
    trainer.fit(job.network(), X, y)
    watch.close()
    return watch.samples


def short_searches(seconds: float, workers: int) -> tuple[list[Sample], int]:
    """Run one search after the other for a number of seconds; return how many there were."""
    job = find("P6").resized(n_values=30)
    X, y = job.data.make()
    watch, began, count = Watch(), time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        strategy: Strategy = Joint() if count % 2 else Coordinate(restarts=3)
        GridSearchTrainer(job.grid(), strategy=strategy, workers=workers).fit(job.network(), X, y)
        count += 1
    watch.close()
    return watch.samples, count


def main() -> int:
    """Run the soak test, print the result, and exit with 0 if the memory stayed flat."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    seconds = 30.0 * options.minutes
    samples = {"one long search": long_search(seconds, options.workers)}
    samples["short searches"], count = short_searches(seconds, options.workers)
    flat = True
    for name, taken in samples.items():
        # The workers of short searches come and go, so only the memory of this process must not grow.
        for what in ("own", "workers") if name == "one long search" else ("own",):
            sizes = [float(getattr(sample, what)) for sample in taken]
            third = len(sizes) // 3
            peaks = [max(sizes[:third]), max(sizes[third : 2 * third]), max(sizes[2 * third :])]
            flat &= is_flat(sizes)
            verdict = "flat" if is_flat(sizes) else "GROWING"
            print(f"{name}, {what}: peaks of the three thirds {', '.join(f'{p:.0f}' for p in peaks)} MiB: {verdict}")
    print(f"{count} short searches")
    return 0 if flat else 1


if __name__ == "__main__":
    sys.exit(main())
