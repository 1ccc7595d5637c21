"""Networks and results in files: read back bit for bit, complete at every moment, and checked against tampering."""

import contextlib
import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from minigrid import (
    Activation,
    FileFormatError,
    FloatArray,
    FunctionActivation,
    Grid,
    GridSearchTrainer,
    InvalidTypeError,
    InvalidValueError,
    Layer,
    LeakyReLU,
    Network,
    Neuron,
    SearchResult,
    Sigmoid,
    UnknownNameError,
    Zoom,
    activation,
    register_activation,
)
from tests.problems import BUILT_IN, OWN, Staircase, cube, networks, signed, wave
from tests.profile import examples


@pytest.fixture(autouse=True)
def names(forget_names: None) -> None:
    """What users' activations are called here."""
    register_activation("wave_of_tests", wave)
    register_activation("cube_of_tests", cube)
    register_activation("signed_of_tests", signed)
    register_activation("staircase", Staircase)


FINITE = st.floats(allow_nan=False, allow_infinity=False)


def bits(array: FloatArray) -> bytes:
    return array.tobytes()


@examples(1000)
@given(networks(most_parameters=40), st.data())
def test_networks_come_back_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory, shape: Network, data: st.DataObject
) -> None:
    values = data.draw(st.lists(FINITE, min_size=shape.n_parameters, max_size=shape.n_parameters))
    network = shape.with_parameters(values)
    path = tmp_path_factory.getbasetemp() / "net.json"
    network.save(path)
    loaded = Network.load(path)
    assert loaded == network
    assert repr(loaded) == repr(network)
    assert bits(loaded.parameters) == bits(network.parameters)
    X = data.draw(
        st.lists(st.lists(FINITE, min_size=network.n_inputs, max_size=network.n_inputs), min_size=1, max_size=4)
    )
    with np.errstate(all="ignore"):
        assert bits(loaded(X)) == bits(network(X))


@pytest.mark.parametrize("own", [*BUILT_IN, *OWN], ids=repr)
def test_each_activation_comes_back(own: Activation, tmp_path: Path) -> None:
    network = Network([Layer([Neuron([1.0], activation=own)])])
    network.save(tmp_path / "net.json")
    (neuron,) = Network.load(tmp_path / "net.json").neurons
    assert type(neuron.activation) is type(own)
    assert neuron.activation == own


def test_a_person_can_read_it(tmp_path: Path) -> None:
    hidden = Layer([Neuron([0.1, -0.0], activation=LeakyReLU(slope=0.3)), Neuron([2.0], bias=1e-300, inputs=[1])])
    Network([hidden, Layer([Neuron([1 / 3, 1.0])])]).save(tmp_path / "net.json")
    assert (tmp_path / "net.json").read_text().splitlines() == [
        "{",
        '  "format": "minigrid network",',
        '  "version": 1,',
        '  "layers": [',
        "    {",
        '      "n_inputs": 2,',
        '      "neurons": [',
        '        {"weights": [0.1, -0.0], "activation": {"name": "leaky_relu", "settings": {"slope": 0.3}}},',
        '        {"weights": [2.0], "bias": 1e-300, "inputs": [1], "activation": "sigmoid"}',
        "      ]",
        "    },",
        '    {"n_inputs": 2, "neurons": [{"weights": [0.3333333333333333, 1.0], "activation": "sigmoid"}]}',
        "  ]",
        "}",
    ]


def test_a_neuron_that_changed_is_a_line_that_changed(tmp_path: Path) -> None:
    network = Network.dense([16, 16, 3], bias=True)
    numbers = np.random.default_rng(1).normal(size=network.n_parameters)
    lines = []
    for change in (0.0, 1e-16):
        numbers[20] += change * numbers[20] * 4
        network.with_parameters(numbers).save(tmp_path / "net.json")
        lines.append((tmp_path / "net.json").read_text().splitlines())
    assert sum(one != other for one, other in zip(*lines, strict=True)) == 1


def test_what_a_person_writes_is_read(tmp_path: Path) -> None:
    layer = '{"neurons": [{"activation": "tanh", "weights": [1, -2.50]}], "n_inputs": 2}'
    text = f'{{"version": 1, "layers": [{layer}], "format": "minigrid network"}}'
    (tmp_path / "net.json").write_text(text, encoding="utf-8-sig")
    assert Network.load(tmp_path / "net.json").parameters.tolist() == [1.0, -2.5]


@activation
def unnamed(z: FloatArray) -> FloatArray:
    return z * 2.0


@final
@dataclass(frozen=True)
class Table(Activation):
    """Has a setting that no file holds."""

    values: tuple[float, ...] = (0.0, 1.0)

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.interp(z, [-1.0, 1.0], self.values)


@final
class Forgetful(Activation):
    """Does not show its settings."""

    def __init__(self, power: int) -> None:
        self._odd = 2 * power + 1

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.asarray(np.clip(z, -1.0, 1.0) ** self._odd, dtype=np.float64)


def one_neuron(own: Activation) -> Network:
    return Network([Layer([Neuron([1.0], activation=own)])])


def test_an_activation_without_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidValueError, match=r'FunctionActivation\(unnamed\).*register_activation\("unnamed", unnamed\)'
    ):
        one_neuron(unnamed).save(tmp_path / "net.json")
    assert not list(tmp_path.iterdir())


def test_settings_that_no_file_holds_are_refused(tmp_path: Path) -> None:
    register_activation("table_of_tests", Table)
    with pytest.raises(InvalidValueError, match=r"values=\(0\.0, 1\.0\).*Register the activation itself"):
        one_neuron(Table()).save(tmp_path / "net.json")
    register_activation("half_table", Table((0.0, 0.5)))
    one_neuron(Table((0.0, 0.5))).save(tmp_path / "net.json")
    assert Network.load(tmp_path / "net.json") == one_neuron(Table((0.0, 0.5)))


def test_a_class_that_does_not_tell_its_settings_is_saved_by_an_object(tmp_path: Path) -> None:
    register_activation("cubic", Forgetful(1))
    one_neuron(Forgetful(1)).save(tmp_path / "net.json")
    assert Network.load(tmp_path / "net.json") == one_neuron(Forgetful(1))
    with pytest.raises(InvalidValueError, match="register_activation"):
        one_neuron(Forgetful(2)).save(tmp_path / "net.json")


def test_a_missing_activation_says_what_to_import(tmp_path: Path) -> None:
    one_neuron(wave).save(tmp_path / "net.json")
    load = f"from minigrid import Network; Network.load({str(tmp_path / 'net.json')!r})"
    done = subprocess.run([sys.executable, "-c", load], capture_output=True, text=True, check=False)
    assert "UnknownNameError" in done.stderr
    assert "Import tests.workers before you load the network" in done.stderr
    assert 'register_activation("wave_of_tests", wave)' in done.stderr


def test_an_activation_of_a_script_is_asked_for_there(tmp_path: Path) -> None:
    swish = {"name": "swish", "from": "__main__.Swish"}
    write(tmp_path / "net.json", lambda whole: neuron(whole).update(activation=swish))
    with pytest.raises(UnknownNameError, match=r"Swish of the script that saved it. Define Swish in this script too"):
        Network.load(tmp_path / "net.json")


def write(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Write a sound file, changed."""
    Network([Layer([Neuron([1.0, 2.0], 0.5), Neuron([1.0], inputs=[1])]), Layer([Neuron([1.0, 1.0])])]).save(path)
    whole = json.loads(path.read_text())
    change(whole)
    path.write_text(json.dumps(whole))
    return path


def neuron(whole: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = whole["layers"][0]["neurons"][0]
    return found


Change = Callable[[dict[str, Any]], object]

CHANGES: dict[str, tuple[Change, str]] = {
    "newer": (lambda whole: whole.update(version=2), r"version 1 of the format at most, got the newer 2"),
    "version of text": (lambda whole: whole.update(version="1"), "a whole number from 1 on, got '1'"),
    "version true": (lambda whole: whole.update(version=True), "got True"),
    "no version": (lambda whole: whole.pop("version"), "got None"),
    "a result": (lambda whole: whole.update(format="minigrid result"), "got a minigrid result"),
    "another format": (lambda whole: whole.update(format="keras"), "got something else"),
    "more fields": (lambda whole: whole.update(code="import os"), "no fields but layers, got 'code'"),
    "no layers": (lambda whole: whole.update(layers=[]), "at least one layer, got none"),
    "layers of numbers": (lambda whole: whole.update(layers=[1]), r"layers\[0\]: expected an object"),
    "no neurons": (lambda whole: whole["layers"][0].update(neurons=[]), r"layers\[0\]: .*at least one neuron"),
    "neurons missing": (lambda whole: whole["layers"][0].pop("neurons"), "the field 'neurons'"),
    "another width": (lambda whole: whole["layers"][0].update(n_inputs=3), r"layers\[0\]"),
    "layers that do not fit": (lambda whole: whole["layers"].reverse(), "fit"),
    "weights of text": (lambda whole: neuron(whole).update(weights=["1", "2"]), r"weights\[0\]: .* got '1'"),
    "weights true": (lambda whole: neuron(whole).update(weights=[True, 1.0]), "got True"),
    "weights null": (lambda whole: neuron(whole).update(weights=None), r"neurons\[0\].weights: expected a list"),
    "weights of weights": (lambda whole: neuron(whole).update(weights=[[1.0], [2.0]]), "expected a number, got a list"),
    "no weights": (lambda whole: neuron(whole).update(weights=[]), r"neurons\[0\]"),
    "a whole number beyond floats": (lambda whole: neuron(whole).update(weights=[2**53 + 1, 1.0]), r"beyond 2\^53"),
    "inputs below 0": (lambda whole: neuron(whole).update(inputs=[-1, 0]), "from 0 on, got -1"),
    "inputs twice": (lambda whole: neuron(whole).update(inputs=[1, 1]), "different column numbers"),
    "inputs of floats": (lambda whole: neuron(whole).update(inputs=[0.0, 1.0]), r"inputs\[0\]"),
    "inputs in hexadecimal": (lambda whole: neuron(whole).update(inputs=["0x0", "0x9"]), "neurons"),
    "unknown activation": (lambda whole: neuron(whole).update(activation="sigmoyd"), "sigmoyd"),
    "activation of a list": (lambda whole: neuron(whole).update(activation=["sigmoid"]), "expected an object"),
    "activation by code": (
        lambda whole: neuron(whole).update(activation={"name": "__import__('os').system('true')"}),
        "the name of an activation",
    ),
    "settings too many": (
        lambda whole: neuron(whole).update(activation={"name": "sigmoid", "settings": {"slope": 1}}),
        "settings of 'sigmoid'",
    ),
    "settings of text": (
        lambda whole: neuron(whole).update(activation={"name": "leaky_relu", "settings": {"slope": "1"}}),
        "settings of 'leaky_relu'",
    ),
    "settings nested": (
        lambda whole: neuron(whole).update(activation={"name": "leaky_relu", "settings": {"slope": [1]}}),
        "slope: expected a number, text, true, false or null",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_no_network_is_refused(name: str, tmp_path: Path) -> None:
    change, expected = CHANGES[name]
    path = write(tmp_path / "net.json", change)
    before = path.read_bytes()
    with pytest.raises(FileFormatError, match=expected) as caught:
        Network.load(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before


STRINGS = {
    "empty": ("", "an empty file"),
    "truncated": ('{"format": "minigrid network", "version": 1', "JSON"),
    "deep": ("[" * 200_000 + "]" * 200_000, "nested too deep"),
    "twice": ('{"format": "minigrid network", "version": 1, "version": 1, "layers": []}', "comes twice"),
    "NaN": ('{"format": "minigrid network", "version": 1, "layers": NaN}', "the number NaN"),
    "infinite": ('{"format": "minigrid network", "version": 1, "layers": 1e999}', "the number 1e999"),
    "minus infinity": ('{"format": "minigrid network", "version": 1, "layers": -Infinity}', "the number -Infinity"),
    "long": (f'{{"format": "minigrid network", "version": {"9" * 100_000}}}', "JSON"),
    "a list": ("[]", "something else"),
    "null": ("null", "something else"),
}


@pytest.mark.parametrize("name", STRINGS)
def test_what_is_no_document_is_refused(name: str, tmp_path: Path) -> None:
    text, expected = STRINGS[name]
    (tmp_path / "net.json").write_text(text)
    for load in (Network.load, SearchResult.load):
        with pytest.raises(FileFormatError, match=expected):
            load(tmp_path / "net.json")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "net.json").write_bytes(b"\xff\xfe\x00{")
    with pytest.raises(FileFormatError, match="UnicodeDecodeError"):
        Network.load(tmp_path / "net.json")


JSONS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["sigmoid", "0x10", "inf"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """List every (container, key) of a parsed document."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        found.append((value, key))
        places(inner, found)
    return found


def a_result() -> SearchResult:
    trainer = GridSearchTrainer(Grid([-1, 0, 0.5]), top=3)
    return trainer.fit(Network.dense([2, 1], activation=LeakyReLU(), bias=True), [[0.0, 1.0], [1.0, 0.25]], [0, 1])


def assert_whole(read: Network | SearchResult, path: Path) -> None:
    """Check that what was read from a file is as good as what never was in one: it comes back when it is saved."""
    assert repr(read)
    read.save(path)
    assert type(read).load(path) == read


@examples(400)
@given(st.data())
def test_a_changed_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.getbasetemp() / "changed.json"
    load: Callable[[Path], Network | SearchResult] = Network.load
    if data.draw(st.booleans()):
        write(path, lambda whole: None)
    else:
        a_result().save(path)
        load = SearchResult.load
    whole = json.loads(path.read_text())
    container, key = data.draw(st.sampled_from(places(whole, [])))
    if isinstance(container, dict) and data.draw(st.booleans()):
        del container[key]
    else:
        container[key] = data.draw(JSONS)
    path.write_text(json.dumps(whole))
    with contextlib.suppress(FileFormatError, UnknownNameError):
        assert_whole(load(path), path)


@examples(300)
@given(st.data())
def test_a_file_with_other_bytes_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.json"
    write(path, lambda whole: None)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with contextlib.suppress(FileFormatError, UnknownNameError):
        assert_whole(Network.load(path), path)


def test_no_truncation_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "net.json", lambda whole: None)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(FileFormatError):
            Network.load(path)


@pytest.mark.parametrize("wrong", [None, 3, b"net.json", 1.5, ["net.json"]])
def test_paths_of_the_wrong_kind(wrong: Any) -> None:
    for call in (Network.dense([1, 1]).save, Network.load, a_result().save, SearchResult.load):
        with pytest.raises(InvalidTypeError, match=r"path: expected .*Pass a path, such as"):
            call(wrong)


def test_paths_of_no_file(tmp_path: Path) -> None:
    for wrong in ("", f"{tmp_path}", "a\0b"):
        with pytest.raises(InvalidValueError, match="path: expected the path of a file"):
            Network.dense([1, 1]).save(wrong)
    with pytest.raises(FileNotFoundError):
        Network.load(tmp_path / "none.json")
    with pytest.raises(FileNotFoundError):
        Network.dense([1, 1]).save(tmp_path / "none" / "net.json")


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_failed_writing_loses_nothing(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.json"
    Network.dense([1, 1]).save(path)
    before = path.read_bytes()

    def fail(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if call == "write":
        real = os.fdopen

        class Full:
            def __init__(self, descriptor: int, mode: str) -> None:
                self._file = real(descriptor, mode)

            def __enter__(self) -> "Full":
                return self

            def __exit__(self, *args: object) -> None:
                self._file.close()

            write = fail

        monkeypatch.setattr(os, "fdopen", Full)
    else:
        monkeypatch.setattr(os, call, fail)
    with pytest.raises(OSError, match="No space left"):
        Network.dense([2, 1]).save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_keeps_its_mode_and_a_link_its_target(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    Network.dense([1, 1]).save(real)
    real.chmod(0o640)
    link.symlink_to(real)
    Network.dense([2, 1]).save(link)
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert Network.load(real) == Network.dense([2, 1])


def test_results_come_back_to_the_bit(tmp_path: Path) -> None:
    X, y = [[0.0, 1.0], [1.0, 0.3], [0.2, 0.9]], [0, 1, 1]
    network = Network.dense([2, 2, 1])
    grid = Grid.linspace(-1, 1, 5)
    for trainer in (
        GridSearchTrainer(grid, top=4),
        GridSearchTrainer(grid, strategy=Zoom()),
        GridSearchTrainer(grid, scoring="log_loss", strategy="coordinate"),
        GridSearchTrainer(grid, scoring=lambda y_true, outputs: float(outputs[:, 0] @ y_true), max_candidates=7),
        GridSearchTrainer(Grid.linspace(-1, 1, 100), strategy="random"),
    ):
        result = trainer.fit(network, X, y)
        result.save(tmp_path / "result.json")
        loaded = SearchResult.load(tmp_path / "result.json")
        assert loaded == result
        assert str(loaded) == str(result)
        assert bits(loaded.parameters) == bits(result.parameters)
        assert loaded.to_dict() == result.to_dict()
        assert json.loads(json.dumps(result.to_dict())) == result.to_dict()


def test_results_of_any_size_come_back(tmp_path: Path) -> None:
    large = 10**6000
    found = replace(a_result(), n_candidates=large, n_pruned=large - 9, n_scored=9, bound=float("inf"), optimal=False)
    found.save(tmp_path / "result.json")
    assert SearchResult.load(tmp_path / "result.json") == found


RESULTS: dict[str, tuple[Change, str]] = {
    "a proof that does not add up": (lambda whole: whole.update(n_scored=1, n_pruned=1), "optimal: expected false"),
    "another best": (lambda whole: whole.update(score=0.25), "the best candidate first"),
    "no best": (lambda whole: whole.update(top=[]), "the best candidate first"),
    "an index beyond the space": (lambda whole: whole.update(index=10**9), "one of the space's"),
    "an unheard-of end": (lambda whole: whole.update(stop_reason="bored"), "one of completed, time_limit"),
    "parameters too few": (lambda whole: whole["top"][1]["parameters"].pop(), "as the network has parameters"),
    "a network": (lambda whole: whole.update(format="minigrid network"), "got a minigrid network"),
    "seconds of text": (lambda whole: whole.update(seconds="1"), "seconds: expected a number"),
    "layers that do not fit": (lambda whole: whole["network"]["layers"].append(whole["network"]["layers"][0]), "fit"),
}


@pytest.mark.parametrize("name", RESULTS)
def test_results_that_contradict_themselves_are_refused(name: str, tmp_path: Path) -> None:
    change, expected = RESULTS[name]
    path = tmp_path / "result.json"
    a_result().save(path)
    whole = json.loads(path.read_text())
    change(whole)
    path.write_text(json.dumps(whole))
    with pytest.raises(FileFormatError, match=expected):
        SearchResult.load(path)


def test_functions_are_named_as_they_are_registered(tmp_path: Path) -> None:
    register_activation("arc", FunctionActivation(np.arctan, monotonic=True))
    one_neuron(FunctionActivation(np.arctan, monotonic=True)).save(tmp_path / "net.json")
    assert '"name": "arc"' in (tmp_path / "net.json").read_text()
    with pytest.raises(InvalidValueError, match="arctan"):
        one_neuron(FunctionActivation(np.arctan)).save(tmp_path / "net.json")
    assert Network.load(tmp_path / "net.json").neurons[0].activation != Sigmoid()


ONE_WIRED = (
    '{"format": "minigrid network", "version": 1, "layers": [{"n_inputs": %s, "neurons": '
    '[{"weights": [1.0], "inputs": [%s], "activation": %s}]}]}'
)


@pytest.mark.parametrize(
    ("n_inputs", "column"),
    [("1" + "0" * 30, "5"), ('"0x' + "f" * 100_000 + '"', "5"), ("2", "9" * 4000), ("2", '"0x' + "f" * 100_000 + '"')],
)
def test_sizes_that_no_network_has_are_refused_shortly(n_inputs: str, column: str, tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_text(ONE_WIRED % (n_inputs, column, '"sigmoid"'))
    with pytest.raises(FileFormatError, match="at most") as caught:
        Network.load(path)
    assert len(str(caught.value)) < 600 + len(str(path))


def test_what_a_file_says_it_is_is_quoted_with_care(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    for kind in ("x" * 100_000, "\\u001b[31mred"):
        path.write_text(f'{{"format": "minigrid {kind}", "version": 1}}')
        with pytest.raises(FileFormatError) as caught:
            Network.load(path)
        assert len(str(caught.value)) < 600 + len(str(path))
        assert "\x1b" not in str(caught.value)


def test_where_a_missing_activation_was_defined_is_no_module(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_text(ONE_WIRED % (2, 1, '{"name": "swish", "from": "tools.make.<locals>.swish"}'))
    with pytest.raises(
        UnknownNameError, match=r"defined as swish inside of tools\.make\. Call register_activation"
    ) as caught:
        Network.load(path)
    assert "Import" not in str(caught.value)
    path.write_text(ONE_WIRED % (2, 1, '{"name": "swish", "from": "swish"}'))
    with pytest.raises(FileFormatError, match="expected the name of an activation, got 'swish'"):
        Network.load(path)


def test_a_path_that_is_no_text_comes_back_in_a_result(tmp_path: Path) -> None:
    odd = "\udce9"  # as Python writes the byte E9 of a name in Latin-1
    X, y = [[0.0, 1.0], [1.0, 0.0]], [0, 1]
    found = GridSearchTrainer(Grid([-1, 0, 1])).fit(Network.dense([2, 1]), X, y)
    found = replace(found, scores_path=f"/data/{odd}/scores.npy")
    found.save(tmp_path / "result.json")
    assert SearchResult.load(tmp_path / "result.json").scores_path == found.scores_path


def test_a_folder_that_is_not_there_is_told_by_the_users_own_path(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        Network.dense([2, 1]).save(tmp_path / "none" / "net.json")
    missing = tmp_path.resolve() / "none"
    assert caught.value.filename == str(missing / "net.json")
    assert f"got '{missing}'. Create it, or choose another path" in str(caught.value)
    missing.mkdir()
    Network.dense([2, 1]).save(missing / "net.json")


def test_a_field_by_another_name_is_told(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    Network.dense([2, 1]).save(path)
    path.write_text(path.read_text(encoding="utf-8").replace('"weights"', '"wieghts"'), encoding="utf-8")
    with pytest.raises(FileFormatError, match="expected the field 'weights', got none of that name, but 'wieghts'"):
        Network.load(path)


def test_no_sentence_of_an_error_ends_twice(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    Network.dense([2, 1]).save(path)
    path.write_text(path.read_text(encoding="utf-8").replace("[0.0, 0.0]", "[0.0, 0.0, 0.0]"), encoding="utf-8")
    with pytest.raises(FileFormatError, match="got an error from Layer: neuron 0: expected 2 weights") as caught:
        Network.load(path)
    assert ".." not in str(caught.value).partition(": expected")[2].replace("...", "")
