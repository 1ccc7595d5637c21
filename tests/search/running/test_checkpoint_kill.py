"""kill -9 of the whole program, at a hundred random instants, each time restarted on its file, until it is done."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# The program is forked off one that has imported everything, as it is begun a hundred times. It writes its file as
# often as it can, so that it is killed in the midst of that too.
_SCRIPT = """
import json, os, random, signal, sys, time
import numpy as np
from minigrid import *
from minigrid._base.strict_json import parse_json
from minigrid.search.running.checkpoint import _checksum
from minigrid.datasets import flip_labels, sum_threshold, xor
from tests.pacing import HASTY, paced

path, seed = sys.argv[1], int(sys.argv[2])
generator = random.Random(seed)
X, y = {data}
network = {network}
trainer = paced(GridSearchTrainer({arguments}), HASTY, chunk=0.003)

def told(result):
    return [
        result.index, result.score, result.parameters.tolist(), result.optimal, result.bound, result.n_scored,
        result.n_pruned, result.stop_reason, [[c.index, c.score] for c in result.top],
    ]

def program(checkpoint):
    return trainer.fit(network, X, y, checkpoint=checkpoint)

began = time.perf_counter()
whole = program(None)
most = min(0.08, (time.perf_counter() - began) / {kills})  # so that it is not done before
killed, read, finished, sizes = 0, 0, False, set()
while not finished:
    child = os.fork()
    if not child:
        result = program(path)
        with open(path + ".result", "w") as file:
            json.dump(told(result), file)
        os._exit(0)
    until = time.perf_counter() + generator.uniform(0.0, most) if killed < {kills} else float("inf")
    while time.perf_counter() < until:
        time.sleep(0.0005)  # to leave the processor to the child
        if os.path.exists(path):
            with open(path, "rb") as file:
                content = file.read()
            parsed = parse_json(content.decode("ascii"))
            assert parsed["checksum"] == _checksum(parsed["content"])
            read += 1
            sizes.add(len(content))
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert status == 0, status
            finished = True
            break
    else:
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status)
        finished = not os.WIFSIGNALED(status)
with open(path + ".result") as file:
    result = json.load(file)
print(json.dumps({{"whole": told(whole), "result": result, "killed": killed, "read": read, "sizes": len(sizes)}}))
"""
# Of the time that a process works, not of the clock, which a busy machine shares with others; and as a share of the
# time that the uninterrupted search takes, ten seconds on a usual machine.
_OFTEN_KILLED = """
import time
time.perf_counter = time.process_time
import os, random, signal, sys
import numpy as np
from minigrid import *
from minigrid.datasets import flip_labels, sum_threshold, xor

X, y = {data}
share = random.Random(sys.argv[2]).uniform(0.2, 0.3)
end = time.process_time() + share * float(sys.argv[3])  # imports are over

def look(event):
    if event.kind == "progressed" and time.process_time() > end:
        os.kill(os.getpid(), signal.SIGKILL)

checkpoint, callbacks = (sys.argv[1], [look]) if sys.argv[1] else (None, [])
result = GridSearchTrainer({arguments}, callbacks=callbacks).fit({network}, X, y, checkpoint=checkpoint)
print(result.index, result.score, result.n_scored, result.n_pruned, result.optimal, result.seconds)
"""
_TWO_INTO_ONE = {
    "data": "(lambda X, y: (X, flip_labels(y)))(*sum_threshold(500, 2, 1.0))",
    "network": "Network.dense([2, 2, 1])",
}
_ONE_NEURON = {
    "data": "sum_threshold(500, 4, 2.0)[0], np.random.default_rng(0).integers(0, 2, 500)",
    "network": "Network.dense([4, 1], bias=True)",
}
_CASES: dict[str, dict[str, Any]] = {
    "proof": {"arguments": 'Grid.linspace(-10, 10, 20), engine="exact"', **_ONE_NEURON},
    "chunks on threads": {"arguments": 'Grid.linspace(-3, 3, 16), engine="batched", top=3', **_TWO_INTO_ONE},
    "plain loop": {"arguments": 'Grid.linspace(-3, 3, 5), engine="reference"', **_TWO_INTO_ONE},
    "stages": {
        "arguments": 'Grid.linspace(-3, 3, 40), strategy=Coordinate(restarts=12), engine="exact"',
        **_TWO_INTO_ONE,
    },
}


_OF_TEN_SECONDS: dict[str, dict[str, Any]] = {
    "proof": {"arguments": 'Grid.linspace(-10, 10, 50), engine="exact"', **_ONE_NEURON},
    "chunks on threads": {"arguments": 'Grid.linspace(-3, 3, 15), engine="batched"', **_TWO_INTO_ONE},
    "plain loop": {"arguments": 'Grid.linspace(-3, 3, 6), engine="reference"', **_TWO_INTO_ONE},
    "stages": {
        "arguments": 'Grid.linspace(-3, 3, 60), strategy=Coordinate(restarts=25), engine="exact"',
        **_TWO_INTO_ONE,
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("case", _OF_TEN_SECONDS)
def test_a_search_of_ten_seconds_killed_every_two_to_three_finishes(tmp_path: Path, case: str) -> None:
    code = _OFTEN_KILLED.format(**_OF_TEN_SECONDS[case])
    # Compiled kernels take more than that to load, so that only the uninterrupted search would have them.
    environment = {**os.environ, "MINIGRID_FAST": "0"}

    def run(path: str, number: int, of: float) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", code, path, str(number), str(of)]
        return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=environment)

    whole = run("", 0, 0.0)
    assert whole.returncode == 0, whole.stderr
    *found, seconds = whole.stdout.split()
    assert float(seconds) > 6.0
    for killed in range(25):
        one = run(str(tmp_path / "search.json"), killed, float(seconds))
        if not one.returncode:
            break
        assert one.returncode == -signal.SIGKILL, one.stderr
    assert one.stdout.split()[:-1] == found
    assert killed >= 2


@pytest.mark.parametrize(
    ("case", "kills"), [("proof", 10), *(pytest.param(case, 100, marks=pytest.mark.slow) for case in _CASES)]
)
def test_killed_again_and_again_it_comes_to_the_uninterrupted_result(tmp_path: Path, case: str, kills: int) -> None:
    path = tmp_path / "search.json"
    code = _SCRIPT.format(kills=kills, **_CASES[case])
    done = subprocess.run([sys.executable, "-c", code, str(path), "1"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["result"] == answer["whole"]
    assert answer["killed"] == kills
    assert answer["read"] > kills
    assert answer["sizes"] > 5  # it was killed at many stages of its work, and came further each time
