"""Results as files: the network with the best parameters, how sure that is, and all that led to it.

The same kind of document as a network's (`io.py`): readable, versioned, numbers to the bit, nothing in it is run.
"""

from typing import TypedDict, cast, get_args

from minigrid._base.document import Part, float_data, int_data, read_document, write_document
from minigrid._base.files import as_file_path
from minigrid._base.typing import Data, FloatArray
from minigrid.exceptions import ShapeError
from minigrid.model.file import FilePath, network_data, read_layers
from minigrid.model.network import Network
from minigrid.search.candidate import Candidate, Improvement, StopReason

_KIND = "minigrid result"
_VERSION = 1
_MEND = 'Pass a path, such as "result.json".'


class ResultFields(TypedDict):
    """What a `SearchResult` is made of, by its names."""

    network: Network
    parameters: FloatArray
    index: int | None
    score: float
    optimal: bool
    bound: float
    n_candidates: int
    n_scored: int
    n_pruned: int
    seconds: float
    stop_reason: StopReason
    top: tuple[Candidate, ...]
    history: tuple[Improvement, ...]
    strategy: str
    engine: str
    engine_reason: str
    scoring: str
    greater_is_better: bool
    scores_path: str | None


_FIELDS = [name for name in ResultFields.__annotations__ if name != "parameters"]  # which the network has


def save_result(fields: ResultFields, path: FilePath) -> None:
    """Write a result, whole or not at all.

    Raises:
        InvalidTypeError, InvalidValueError: `path` is no path of a file, or an activation has no name.
        OSError: the file could not be written; one that was there is as it was.
    """
    where = as_file_path(path, "path", _MEND)
    top: list[Data] = [
        {**_place(one.index), "score": float_data(one.score), "parameters": list[Data](one.parameters.tolist())}
        for one in fields["top"]
    ]
    history: list[Data] = [
        {
            "seconds": moment.seconds,
            "n_scored": int_data(moment.n_scored),
            "score": float_data(moment.score),
            **_place(moment.index),
        }
        for moment in fields["history"]
    ]
    content: dict[str, Data] = {
        "score": float_data(fields["score"]),
        "optimal": fields["optimal"],
        "bound": float_data(fields["bound"]),
        **_place(fields["index"]),
        "n_candidates": int_data(fields["n_candidates"]),
        "n_scored": int_data(fields["n_scored"]),
        "n_pruned": int_data(fields["n_pruned"]),
        "seconds": fields["seconds"],
        "stop_reason": fields["stop_reason"],
        "strategy": fields["strategy"],
        "engine": fields["engine"],
        "engine_reason": fields["engine_reason"],
        "scoring": fields["scoring"],
        "greater_is_better": fields["greater_is_better"],
        "scores_path": fields["scores_path"],
        "network": network_data(fields["network"].layers),
        "top": top,
        "history": history,
    }
    write_document(where, _KIND, _VERSION, content)


def _place(index: int | None) -> dict[str, Data]:
    return {"index": None if index is None else int_data(index)}


def load_result(path: FilePath) -> ResultFields:
    """Read what `save_result` wrote.

    Raises:
        InvalidTypeError, InvalidValueError: `path` is no path of a file.
        FileFormatError: the file is damaged, newer, or no result.
        UnknownNameError: an activation of a user's own is not registered.
        OSError: it could not be read, as when there is none (FileNotFoundError).
    """
    part = read_document(as_file_path(path, "path", _MEND), _KIND, _VERSION).only(_FIELDS)
    layers = read_layers(part.part("network"))
    try:
        network = Network(layers)
    except ShapeError as error:
        raise part.error("network", "layers that fit each other", f"{error}", "It is damaged.") from None
    size = part.integer("n_candidates")
    fields: ResultFields = {
        "network": network,
        "parameters": network.parameters,
        "index": _index(part, size),
        "score": part.score("score"),
        "optimal": part.flag("optimal"),
        "bound": part.score("bound"),
        "n_candidates": size,
        "n_scored": part.integer("n_scored"),
        "n_pruned": part.integer("n_pruned"),
        "seconds": part.number("seconds"),
        "stop_reason": _stop_reason(part),
        "top": tuple(_candidate(own, network, size) for own in part.parts("top")),
        "history": tuple(_improvement(own, size) for own in part.parts("history")),
        "strategy": part.text("strategy"),
        "engine": part.text("engine"),
        "engine_reason": part.text("engine_reason"),
        "scoring": part.text("scoring"),
        "greater_is_better": part.flag("greater_is_better"),
        "scores_path": part.text("scores_path") if "scores_path" in part else None,
    }
    _check(part, fields)
    return fields


def _check(part: Part, fields: ResultFields) -> None:
    """Refuse what contradicts itself: a proof that does not add up, a best candidate that is not the first."""
    settled = fields["n_scored"] + fields["n_pruned"]
    if fields["optimal"] and settled != fields["n_candidates"]:
        raise part.error("optimal", "false, as not all candidates were scored or pruned", "true", "It is damaged.")
    best = Candidate(fields["index"], fields["parameters"], fields["score"])
    if not fields["top"] or fields["top"][0] != best:
        raise part.error("top", "the best candidate first, as the network has it", "another", "It is damaged.")


def _index(part: Part, size: int) -> int | None:
    if "index" not in part:
        return None
    index = part.integer("index")
    if index >= size:
        raise part.error("index", "one of the space's", "a larger one", "It is damaged.")
    return index


def _stop_reason(part: Part) -> StopReason:
    text = part.text("stop_reason")
    if text not in get_args(StopReason):
        raise part.error("stop_reason", f"one of {', '.join(get_args(StopReason))}", repr(text), "It is damaged.")
    return cast(StopReason, text)


def _candidate(part: Part, network: Network, size: int) -> Candidate:
    part.only(["index", "score", "parameters"])
    numbers = part.numbers("parameters")
    if len(numbers) != network.n_parameters:
        expected = f"{network.n_parameters} numbers, as the network has parameters"
        raise part.error("parameters", expected, f"{len(numbers)}", "It is damaged.")
    return Candidate(_index(part, size), network.with_parameters(numbers).parameters, part.score("score"))


def _improvement(part: Part, size: int) -> Improvement:
    part.only(["seconds", "n_scored", "score", "index"])
    return Improvement(part.number("seconds"), part.integer("n_scored"), part.score("score"), _index(part, size))
