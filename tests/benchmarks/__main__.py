"""Run the benchmark: `python -m tests.benchmarks`, with `--help` for what it takes."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence

from tests.benchmarks.child import Failure
from tests.benchmarks.jobs import SearchJob
from tests.benchmarks.measure import (
    ROOT,
    Settings,
    answer,
    available_modes,
    growth,
    import_seconds,
    proof,
    rival,
    series,
)
from tests.benchmarks.report import Report, SearchReport, render, write
from tests.benchmarks.solvers import SOLVER_NAMES, Answer
from tests.benchmarks.tables import IMPORT, LETTERS, SEARCHES, SPARSE, Letter, letter_of, number_of, numbers

PAGE = ROOT / "docs" / "benchmarks.md"


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="table P in under two minutes: short limits, one run each")
    parser.add_argument("--only", default="", help="some jobs or whole tables, such as P1,P3 or R,S; all by default")
    parser.add_argument("--repeat", type=int, default=None, help="runs of each search at most (5; quick: 1)")
    parser.add_argument("--engine", default="auto", help="minigrid's engine: auto, exact, batched, reference")
    parser.add_argument("--without-fast", action="store_true", help="measure with NumPy only, even if numba is there")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    options = parser.parse_args(arguments)
    named = [name.strip().upper() for name in options.only.split(",") if name.strip()]
    unknown = sorted(set(named) - set(numbers()) - set(LETTERS))
    if unknown:
        parser.error(f"--only: expected some of {', '.join([*LETTERS, *numbers()])}; got {', '.join(unknown)}")
    if not named:
        named = ["P"] if options.quick else [*LETTERS]
    options.only = [number for number in numbers() if number in named or letter_of(number) in named]
    parts = [letter for letter in LETTERS if 0 < len(set(numbers(letter)) & set(options.only)) < len(numbers(letter))]
    if options.write and parts:
        parser.error(f"--write: expected whole tables, such as --only {parts[0]}; got some jobs of {', '.join(parts)}")
    if options.repeat is not None and options.repeat < 1:
        parser.error(f"--repeat: expected at least 1; got {options.repeat}")
    return options


def tables_of(only: Sequence[str]) -> list[Letter]:
    """Return the tables that some jobs are in."""
    return [letter for letter in LETTERS if any(letter_of(number) == letter for number in only)]


def settings_of(options: argparse.Namespace) -> Settings:
    """Turn the command line into settings."""
    quick = bool(options.quick)
    repeat = (1 if quick else 5) if options.repeat is None else int(options.repeat)
    modes = ("plain",) if options.without_fast else available_modes()
    return Settings(quick=quick, repeat=repeat, engine=str(options.engine), modes=modes)


def measure(job: SearchJob, settings: Settings) -> SearchReport:
    """Measure one search, its rivals if its table has them, and other solvers if they can do it."""
    taken = job.quick() if settings.quick else job
    rivals = {}
    for who in ("loop", "batched", "brute") if letter_of(job.name) == "P" else ():
        whole = who == "batched" and taken.goal.of == "times batched NumPy"
        rivals[who] = rival(who, taken, taken.limit if whole else settings.slice_seconds)
    solvers: dict[str, Answer | Failure] = {who: answer(who, taken) for who in (SOLVER_NAMES if job in SPARSE else ())}
    return SearchReport(taken, rivals, {mode: series(taken, mode, settings) for mode in settings.modes}, solvers)


def run(settings: Settings, only: Sequence[str]) -> Report:
    """Measure some jobs, with a line on stderr for each step."""
    began = time.perf_counter()

    def tell(what: str) -> None:
        print(f"{time.perf_counter() - began:6.0f} s  {what}", file=sys.stderr, flush=True)

    def chosen() -> Iterator[SearchJob]:
        for job in SEARCHES:
            if number_of(job.name) in only:
                tell(f"{job.name}: {job.what}")
                yield job

    searches = [measure(job, settings) for job in chosen()]
    growths, proofs, imports = [], [], None
    if "P1" in only:
        tell("growth of P1 with grid values and samples")
        growths += [growth("grid values", mode, settings) for mode in settings.modes]
        growths += [growth("samples", mode, settings) for mode in settings.modes]
        if not settings.quick:
            tell("CP-SAT on P1")
            proofs = [proof(100, 60.0), proof(1000, 120.0)]
    if IMPORT.name in only:
        tell(f"{IMPORT.name}: {IMPORT.what}")
        imports = import_seconds(turns=7 if settings.quick else 25)
    tell("done")
    return Report(settings, searches, growths, proofs, imports)


def main() -> None:
    """Measure, print, and write if asked to."""
    options = parse()
    report = run(settings_of(options), options.only)
    for letter in tables_of(options.only):
        text = render(report, letter)
        print(text)
        if options.write:
            write(text, letter, PAGE)
            print(f"table {letter} is written to {PAGE}", file=sys.stderr)


if __name__ == "__main__":
    main()
