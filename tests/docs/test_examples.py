"""Every example runs by itself, without a warning, and prints the output that this file lists."""

import ast
import re
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
SCRIPTS = sorted(EXAMPLES.glob("**/*.py"))
LONG = ("dask_cluster", "in_a_pipeline", "risk_score", "two_into_one")  # other tests cover quickly what they show

MEASURED = "<n>"
"""Stands for a number that is measured: seconds and estimates from them, in a column of any width."""

EXPECTED = {
    "another_parameter": """\
Data: 1000 samples of numbers from 0 to 1, labelled 1 if three of them add up to more than 1.5,
or four of them to more than 1.75. 'Always 1' is the accuracy if you always predict 1.

                              values,                             accuracy
  parameters               -10 to 10    candidates  always 1  training  test  seconds
  3 features: 3 weights           100     1,000,000     0.522     0.603  0.56     <n>
    best:  weight0 -5.354   weight1 9.192   weight2 2.727
  4 features: 4 weights           100   100,000,000     0.660     0.706  0.73     <n>
    best:  weight0 2.323   weight1 2.121   weight2 1.515   weight3 -2.323
  3 features: 3 weights, bias     100   100,000,000     0.522     0.996  0.99     <n>
    best:  weight0 5.960   weight1 6.162   weight2 5.960   bias -8.990

A fourth weight alone helps little: 'always 1' is nearly as good. A bias helps a lot: only
with a bias can the neuron express 'more than 1.5'.

For each of the last two searches, a plain loop over all 100,000,000 candidates would take
<n> hours on this computer.
""",
    "custom_activation": """\
The margin of a network is how far its least convincing answer is on the right side of 0.5.
If it is above 0, every answer is right.

1. Is exactly one of two inputs 1? A single neuron with two weights and a bias

With sigmoid, the best candidate on the grid outputs 0.5 for every sample:
  margin 0.000; proven best of 45: yes

  layer0.neuron0.weight0   0.0
  layer0.neuron0.weight1   0.0
  layer0.neuron0.bias      0.0

  inputs  output  label  true
  0 0      0.500      0     0
  0 1      0.500      0     1
  1 0      0.500      0     1
  1 1      0.500      0     0

With bump, every answer is right:
  margin 0.500; proven best of 45: yes

  layer0.neuron0.weight0  -1.0
  layer0.neuron0.weight1  -1.0
  layer0.neuron0.bias      1.0

  inputs  output  label  true
  0 0      0.000      0     0
  0 1      1.000      1     1
  1 0      1.000      1     1
  1 1      0.000      0     0

2. Is an odd number of three inputs 1? Three neurons, connected by hand
  first layer  Neuron([0.0, 0.0], bias=0.0, activation=FunctionActivation(bump), inputs=[0, 1])
               Neuron([0.0], bias=0.0, activation=Switch(steepness=8.0), inputs=[2])
  last layer   Neuron([0.0, 0.0], bias=0.0, activation=FunctionActivation(bump))

With the best weights and biases:
  margin 0.482; proven best of 30,375: yes

  layer0.neuron0.weight0  -1.0
  layer0.neuron0.weight1  -1.0
  layer0.neuron0.bias      1.0
  layer0.neuron1.weight0  -1.0
  layer0.neuron1.bias      0.5
  layer1.neuron0.weight0  -1.0
  layer1.neuron0.weight1   1.0
  layer1.neuron0.bias      0.0

  inputs  output  label  true
  0 0 0    0.018      0     0
  0 0 1    0.982      1     1
  0 1 0    0.982      1     1
  0 1 1    0.018      0     0
  1 0 0    0.982      1     1
  1 0 1    0.018      0     0
  1 1 0    0.018      0     0
  1 1 1    0.982      1     1
""",
    "dask_cluster": """\
Here:       accuracy 0.955, candidate 328,021, <n> s
By workers: accuracy 0.955, candidate 328,021, <n> s
Proven best of 4,096,000,000 candidates: yes.
Both searches found the same network: yes.
""",
    "expanded_grid": """\
One neuron with three weights: how long does a larger grid take, and does it help?

  values for             number of   predicted seconds    measured
  each weight           candidates  plain loop  minigrid   seconds  accuracy
   25 from -10 to 10         15,625  <n>  <n>  <n>     0.602
      best weights: -3.333, 5.833, 1.667
   50 from -10 to 10        125,000  <n>  <n>  <n>     0.602
      best weights: -5.102, 8.776, 2.653
  100 from -10 to 10      1,000,000  <n>  <n>  <n>     0.603
      best weights: -5.354, 9.192, 2.727
  200 from -10 to 10      8,000,000  <n>  <n>  <n>     0.603
      best weights: -5.377, 9.196, 2.764
  200 from -20 to 20      8,000,000  <n>  <n>  <n>     0.603
      best weights: -10.754, 18.392, 5.528

Twice as many values for each of three weights make 2 x 2 x 2 = 8 times as many candidates.
The accuracy hardly changes, and a wider range does not help: without a bias, weights twice as large
give the same labels, and the search of the last grid finds exactly twice the weights of the one
before. See another_parameter.py for a change that does help.
""",
    "in_a_pipeline": """\
Two half moons, 200 samples: mean accuracy on the quarter that was not used for training

  hidden neurons    sigmoid     tanh     relu
  0                    0.84     0.84     0.84
  1                    0.84     0.84     0.83
  2                    0.88     0.90     0.83
  3                    0.93     0.94     0.93
  4                    0.94     0.95     0.95

The best: 4 hidden neurons, tanh
Network 2-4-1, 17 parameters
layer       neurons  inputs  activation  parameters
----------  -------  ------  ----------  --------------------
0           4        2       Tanh()      8 weights + 4 biases
1 (output)  1        4       Sigmoid()   4 weights + 1 bias

Its accuracy on all samples: 0.98
Between the moons, at 0.5, 0.25: lower 0.42, upper 0.58
""",
    "one_neuron": """\
Data: 1000 samples of three numbers from 0 to 1, labelled 1 if they add up to more than 1.5
  0.588 + 0.699 + 0.188 = 1.475  label 0
  0.044 + 0.205 + 0.106 = 0.355  label 0
  0.727 + 0.679 + 0.474 = 1.880  label 1

1. The activation: sigmoid squeezes any weighted sum into the range from 0 to 1
  sum         -10.0     -1.0      0.0      1.0     10.0
  output    0.00005  0.26894  0.50000  0.73106  0.99995

2. The prediction: the label is 1 if the output is above 0.5
  weights 1, 1, 1 give the outputs 0.814, 0.588, 0.868, so the labels [1 1 1]

3. The accuracy: the fraction of labels that are predicted correctly
  weights 1, 1, 1 have an accuracy of 0.522: they predict 1 for every sample

4. The grid search: 100 values from -10 to 10 for each weight
  Best weights: [-5.35353535  9.19191919  2.72727273]
  Best accuracy: 0.603
  Candidates: 1,000,000, done in <n> s
  Proven to be the best on the grid: yes

5. The test: 100 new samples
  Accuracy on the test data: 0.56
""",
    "other_activations": """\
One neuron, three weights with 31 values from -5 to 5 each: 29,791 candidates for each activation

                         label is 1 where      accuracy
  activation             weighted sum is   training  test   best weights
  Sigmoid()              above  0.00         0.602  0.56  -2.667   4.667   1.333
  ReLU()                 above  0.50         1.000  1.00   0.333   0.333   0.333
  LeakyReLU(slope=0.01)  above  0.50         1.000  1.00   0.333   0.333   0.333
  ELU(alpha=1.0)         above  0.50         1.000  1.00   0.333   0.333   0.333
  SELU()                 above  0.48         0.938  0.94   0.333   0.333   0.333
  SiLU()                 above  0.74         0.858  0.92   0.333   0.667   0.667
  GELU()                 above  0.67         0.872  0.86   0.333   0.667   0.333
  Softplus()             above -0.43         0.587  0.58  -4.333   5.000   2.333
  Identity()             above  0.50         1.000  1.00   0.333   0.333   0.333
  Step()                 above  0.00         0.602  0.56  -2.667   4.667   1.333
  HardSigmoid()          above  0.00         0.602  0.56  -2.667   4.667   1.333
  Tanh()                 above  0.55         0.873  0.86   0.333   0.333   0.333
  HardTanh()             above  0.50         1.000  1.00   0.333   0.333   0.333
  Softsign()             above  1.00         1.000  1.00   0.667   0.667   0.667
  Gaussian()             -0.83 to 0.83       0.537  0.51  -1.667   1.333   0.333
  Sine()                 0.52 to 2.62        0.949  0.93   0.333   0.333   0.333

ReLU beats sigmoid by far, but not by its shape. A label is 1 where the output is above 0.5:
for sigmoid, where the weighted sum is above 0; for ReLU, where it is above 0.5. The data need
such a threshold above 0 (their numbers must add up to more than 1.5). ReLU reaches it with
three weights of 1/3; sigmoid could only do so with a bias, see another_parameter.py.
Gaussian and sine predict 1 within a band of sums (sine within many), not above a threshold.
""",
    "risk_score": """\
feature                            points
mean texture above its median           2
area error above its median             3
worst radius above its median           4
worst smoothness above its median       2
worst concavity above its median        3

total   risk
    0  <0.1%
    2   0.1%
    3   0.2%
    4   0.7%
    5   1.8%
    6   4.7%
    7  11.9%
    8  26.9%
    9  50.0%
   10  73.1%
   11  88.1%
   12  95.3%
   14  99.3%

risk = Sigmoid(total - 9)
For features that are 0 or 1. The risk is that of label 1.

log loss 0.1616, accuracy 0.946, proven best: True
a logistic regression's five largest weights, fitted again and rounded: log loss 0.1869
""",
    "two_into_one": """\
Network 2-2-1, 6 parameters
layer       neurons  inputs  activation  parameters
----------  -------  ------  ----------  ----------
0           2        2       Sigmoid()   4 weights
1 (output)  1        2       Sigmoid()   2 weights

With 100 values for each of six weights there are 1,000,000,000,000 candidates:
a plain loop over all of them would take about <n> years on this computer.

Three ways to search:
  joint       all six weights at once
  layerwise   one neuron at a time, as if it were the output
  coordinate  one neuron at a time, judged by the whole network, again and again until nothing
              improves, from 3 random starts

                     candidates                 accuracy           proven best
  strategy             there are   scored  training   test  seconds  of its grid
  joint       1,000,000,000,000  <n>     1.000  1.000  <n>  yes
  layerwise   1,000,000,000,000  <n>     0.588  0.562  <n>  no
  coordinate  1,000,000,000,000  <n>     0.995  0.990  <n>  no

Joint finds the first of the best networks and proves it. It scores only a few of the candidates
and prunes the others. Layerwise is quick, but its neurons are only good together, and it searches
each one alone. Coordinate finds a good network, without a proof.

The best of the three:
score                   1, proven best of the grid
layer0.neuron0.weight0  -10
layer0.neuron0.weight1  -10
layer0.neuron1.weight0  -9.191919192
layer0.neuron1.weight1  -9.191919192
layer1.neuron0.weight0  -8.383838384
layer1.neuron0.weight1  3.737373737
index                   4,040,868
scoring                 Accuracy(), higher is better
candidates              1,000,000,000,000: <n> scored, <n> pruned
strategy                Joint()
engine                  exact: boxes of candidates can be bounded, so most need no score
stopped                 completed
seconds  <n>

The outputs of its neurons, and its predictions:
  inputs     sum      first layer       output  predicted  true
  0.1, 0.2   0.3   4.7e-02, 6.0e-02  0.4564510          0     0
  0.9, 0.0   0.9   1.2e-04, 2.6e-04  0.4999799          0     0
  0.3, 0.6   0.9   1.2e-04, 2.6e-04  0.4999799          0     0
  0.6, 0.5   1.1   1.7e-05, 4.1e-05  0.5000030          1     1
  0.2, 0.9   1.1   1.7e-05, 4.1e-05  0.5000030          1     1
  0.9, 0.8   1.7   4.1e-08, 1.6e-07  0.5000001          1     1

A label is 1 if the output is above 0.5, even by very little. The outputs of both hidden neurons are
nearly 0, but their ratio changes with the sum, and the third neuron compares them.

With a bias in each neuron (bias=True), even layerwise does well:
training accuracy 1.000, test accuracy 1.000.
""",
}


def settle(printed: str, expected: str) -> str:
    """Replace measured numbers by the mark, so that other differences are easy to see."""
    processed = []
    for line, wanted in zip_longest(printed.splitlines(keepends=True), expected.splitlines(keepends=True)):
        pattern = r" *\d[\d,]*(\.\d+)?".join(map(re.escape, re.split(f" *{MEASURED}", wanted or "")))
        processed.append(wanted if line and re.fullmatch(pattern, line) else line or "")
    return "".join(processed)


def test_each_script_has_an_expectation_and_each_expectation_a_script() -> None:
    assert sorted(EXPECTED) == [script.stem for script in SCRIPTS]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_says_how_to_run_it(script: Path) -> None:
    description = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8")))
    assert description
    assert f"python examples/{script.name}" in description


@pytest.mark.parametrize(
    "script",
    [pytest.param(one, marks=pytest.mark.slow) if one.stem in LONG else one for one in SCRIPTS],
    ids=lambda script: script.stem,
)
def test_a_script_prints_what_is_expected(script: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", str(script)]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert run.stderr == ""
    assert run.returncode == 0
    assert settle(run.stdout, EXPECTED[script.stem]) == EXPECTED[script.stem]
    assert not list(tmp_path.iterdir())  # an example leaves nothing behind
