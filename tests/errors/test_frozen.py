"""Objects that never change say so, whatever attribute a user sets, and say what to do instead."""

import copy
import dataclasses
import pickle
from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import pytest

import minigrid
from minigrid import Activation, Grid, GridSearchTrainer, LeakyReLU, Network, SearchEvent, SearchSpace
from minigrid._base.typing import FloatArray, override
from minigrid._base.values import Frozen
from minigrid.datasets import xor

X, Y = xor(40)
NETWORK = Network.dense([2, 2, 1], bias=True)
EVENTS: list[SearchEvent] = []
TRAINER = GridSearchTrainer(Grid([-1.0, 0.0, 1.0]), callbacks=[EVENTS.append])
RESULT = TRAINER.fit(NETWORK, X, Y)
OBJECTS: dict[str, Any] = {
    type(one).__name__: one
    for one in (
        NETWORK,
        NETWORK[0],
        NETWORK[0][0],
        SearchSpace(NETWORK, Grid([0.0, 1.0])),
        Grid([0.0, 1.0]),
        TRAINER,
        RESULT,
        RESULT.top[0],
        RESULT.history[0],
        EVENTS[0],
        TRAINER.plan(NETWORK, X, Y),
        minigrid.Coordinate(),
        minigrid.Zoom(),
        minigrid.Joint(),
        minigrid.Accuracy(),
        minigrid.LogLoss(),
        minigrid.L0(),
        minigrid.Sigmoid(),
        LeakyReLU(),
    )
}
NAMES = ["parameters", "weights", "time_limit", "scoring", "slope", "stop", "anything"]


@pytest.mark.parametrize("kind", OBJECTS)
@pytest.mark.parametrize("name", NAMES)
def test_no_attribute_can_be_set(kind: str, name: str) -> None:
    one = OBJECTS[kind]
    before = repr(one)
    with pytest.raises(FrozenInstanceError, match=rf"^cannot change {kind}\.{name}: this object never changes\. \w"):
        setattr(one, name, 1)
    assert repr(one) == before


@pytest.mark.parametrize(
    ("kind", "fix"),
    [
        ("Network", r"Use network\.with_parameters\(vector\), which returns another"),
        ("SearchEvent", "return True from the callback"),
        ("GridSearchTrainer", "Create another trainer"),
        ("LeakyReLU", "dataclasses.replace"),
    ],
)
def test_the_error_says_what_to_do_instead(kind: str, fix: str) -> None:
    with pytest.raises(FrozenInstanceError, match=fix):
        OBJECTS[kind].anything = 1
    assert dataclasses.replace(LeakyReLU(), slope=0.2) == LeakyReLU(0.2)
    assert NETWORK.with_parameters(RESULT.parameters) == RESULT.network


@pytest.mark.parametrize("kind", sorted(OBJECTS.keys() - {"GridSearchTrainer"}))
def test_no_attribute_can_be_deleted(kind: str) -> None:
    for field in dataclasses.fields(OBJECTS[kind]):
        with pytest.raises(FrozenInstanceError, match="this object never changes"):
            delattr(OBJECTS[kind], field.name)


@pytest.mark.parametrize("kind", OBJECTS)
def test_copies_are_made_as_before(kind: str) -> None:
    for again in (copy.copy(OBJECTS[kind]), copy.deepcopy(OBJECTS[kind])):
        assert repr(again) == repr(OBJECTS[kind])
    if kind != "GridSearchTrainer":  # whose callback is a method of a list
        assert repr(pickle.loads(pickle.dumps(OBJECTS[kind]))) == repr(OBJECTS[kind])


def test_every_public_frozen_class_says_it() -> None:
    public = [getattr(minigrid, name) for name in minigrid.__all__]
    frozen = [kind for kind in public if isinstance(kind, type) and dataclasses.is_dataclass(kind)]
    assert len(frozen) > 20
    assert [kind.__name__ for kind in frozen if not issubclass(kind, Frozen)] == []


@dataclass(frozen=True, slots=True)
class Scaled(Activation):
    """A custom activation that never changes."""

    factor: float = 2.0

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        """Multiply."""
        return self.factor * z


class Changing(Activation):
    """A custom activation whose attributes can be set."""

    def __init__(self) -> None:
        self.factor = 2.0

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        """Multiply."""
        return self.factor * z


def test_custom_classes_decide_for_themselves() -> None:
    frozen: Any = Scaled()
    with pytest.raises(FrozenInstanceError, match=r"Scaled\.other: this object never changes"):
        frozen.other = 1
    changing = Changing()
    changing.factor = 3.0
    assert changing.factor == 3.0
