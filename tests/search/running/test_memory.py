"""The memory of a search stays within that of its plan, as the operating system counts it, in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
_SEARCH = """
import json, sys, threading

import numpy as np
import psutil

from minigrid import Grid, GridSearchTrainer, Network

def watch():
    global peak
    while not ended.wait(0.0005):
        peak = max(peak, process.memory_info().rss)

sizes, settings = json.loads(sys.argv[1])
X = np.random.default_rng(0).normal(size=(100_000, sizes[0]))
y = (X[:, 0] + np.random.default_rng(1).normal(size=len(X)) > 0.5).astype(int)
network = Network.dense(sizes, bias=True)
trainer = GridSearchTrainer(Grid.linspace(-3, 3, 9), time_limit=2.0, **settings)
trainer.fit(network, X[:2000], y[:2000])  # everything is loaded
process, ended = psutil.Process(), threading.Event()
watcher = threading.Thread(target=watch)
before = peak = process.memory_info().rss
watcher.start()
trainer.fit(network, X, y)
ended.set()
watcher.join()
used = peak - before
print(json.dumps([used, trainer.plan(network, X, y).memory, X.nbytes]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sizes", "settings"),
    [
        ([16, 1], {}),
        ([16, 2, 1], {}),
        ([16, 1], {"scoring": "log_loss"}),
        ([16, 1], {"scoring": "mean_squared_error"}),
        ([2, 2, 1], {"engine": "exact"}),
        ([16, 2, 1], {"engine": "batched"}),
        ([16, 2, 1], {"engine": "reference"}),
        ([16, 2, 1], {"strategy": "layerwise"}),
        ([16, 2, 1], {"strategy": "coordinate"}),
        ([16, 2, 1], {"strategy": "random"}),
    ],
    ids=repr,
)
def test_the_memory_of_a_search_stays_within_its_plan(sizes: list[int], settings: dict[str, str]) -> None:
    arguments = [sys.executable, "-c", _SEARCH, json.dumps([sizes, settings])]
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=ROOT, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    used, planned, data = json.loads(done.stdout)
    assert used < planned + data + 2**24, f"used {used >> 20} MiB, planned {planned >> 20} MiB"
    print(f"{sizes} {settings}: used {used >> 20} MiB, planned {planned >> 20} MiB, data {data >> 20} MiB")
