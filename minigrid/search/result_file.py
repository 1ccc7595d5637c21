"""Results as files: the best network, whether it is proven best, and how the search found it.

A result is a document like that of a network (`model/file.py`): readable, versioned, exact, and without code.
"""

import dataclasses
from typing import cast, get_args

from minigrid._base.document import as_data, read_document, write_document
from minigrid._base.fields import Fields
from minigrid._base.typing import Data
from minigrid.exceptions import ShapeError
from minigrid.model.file import FilePath, network_data, read_layers
from minigrid.model.network import Network
from minigrid.search.candidate import Candidate, Improvement, StopReason
from minigrid.search.result import SearchResult, result_data

_KIND = "minigrid result"
_VERSION = 1
_OTHERWISE = ("gap", "objective", "parameters", "topology", "top")  # of the plain data: the rest gives them


def save_result(result: SearchResult, path: FilePath) -> None:
    """Write a result to a file, all of it or nothing.

    Raises:
        InvalidTypeError: `path` is neither text nor a path.
        InvalidValueError: `path` is not the path of a file, or an activation has no name.
        OSError: the file could not be written. An earlier file stays as it was.
    """
    content = {name: as_data(value) for name, value in result_data(result).items() if name not in _OTHERWISE}
    history = content.pop("history")
    top: list[Data] = [
        {
            "index": as_data(one.index),
            "score": as_data(one.score),
            "objective": as_data(one.objective),
            "parameters": list[Data](one.parameters.tolist()),
        }
        for one in result.top
    ]
    network = network_data(result.network.layers)
    write_document(path, _KIND, _VERSION, {**content, "network": network, "top": top, "history": history})


def load_result(path: FilePath) -> SearchResult:
    """Read what `save_result` wrote.

    Raises:
        InvalidTypeError: `path` is neither text nor a path.
        InvalidValueError: `path` is not the path of a file.
        FileFormatError: the file is damaged, comes from a newer version, or does not hold a result.
        UnknownNameError: a custom activation is not registered.
        OSError: the file could not be read, for example because it does not exist (FileNotFoundError).
    """
    fields = read_document(path, _KIND, _VERSION)
    needed = [field.name for field in dataclasses.fields(SearchResult) if field.name not in ("parameters", "hints")]
    fields.only(needed, ["hints"])
    layers = read_layers(fields.part("network"))
    try:
        network = Network(layers)
    except ShapeError as error:
        raise fields.error("network", "layers that fit each other", f"{error}") from None
    size, optimal = fields.integer("n_candidates"), fields.flag("optimal")
    n_scored, n_pruned = fields.integer("n_scored"), fields.integer("n_pruned")
    if optimal and n_scored + n_pruned != size:
        raise fields.error("optimal", "false, as not all candidates were scored or pruned", "true")
    top = tuple(_candidate(one, network, size) for one in fields.parts("top"))
    score, cost = fields.score("score"), fields.decimal("cost")
    greater_is_better = fields.flag("greater_is_better")
    objective = score - cost if greater_is_better else score + cost
    best = Candidate(_index(fields, size), network.parameters, score, objective)
    if top[:1] != (best,):
        raise fields.error("top", "the best candidate first, as the network has it", "another")
    return SearchResult(
        network=network,
        parameters=best.parameters,
        index=best.index,
        score=best.score,
        optimal=optimal,
        bound=fields.score("bound"),
        n_candidates=size,
        n_scored=n_scored,
        n_pruned=n_pruned,
        seconds=fields.decimal("seconds"),
        stop_reason=_stop_reason(fields),
        top=top,
        history=tuple(_improvement(one, size) for one in fields.parts("history")),
        greater_is_better=greater_is_better,
        scores_path=fields.text("scores_path") if "scores_path" in fields else None,
        penalty=fields.text("penalty"),
        cost=cost,
        hints=tuple(fields.strings("hints")) if "hints" in fields else (),
        **{name: fields.text(name) for name in ("strategy", "engine", "engine_reason", "scoring")},
    )


def _index(fields: Fields, size: int) -> int | None:
    index = fields.integer("index") if "index" in fields else None
    if index is not None and index >= size:
        raise fields.error("index", "one of the space's", "a larger one")
    return index


def _stop_reason(fields: Fields) -> StopReason:
    text = fields.text("stop_reason")
    if text not in get_args(StopReason):
        raise fields.error("stop_reason", f"one of {', '.join(get_args(StopReason))}", repr(text))
    return cast(StopReason, text)


def _candidate(fields: Fields, network: Network, size: int) -> Candidate:
    fields.only(["index", "score", "objective", "parameters"])
    numbers = fields.decimals("parameters")
    if len(numbers) != network.n_parameters:
        expected = f"{network.n_parameters} numbers, as the network has parameters"
        raise fields.error("parameters", expected, f"{len(numbers)}")
    parameters = network.with_parameters(numbers).parameters
    return Candidate(_index(fields, size), parameters, fields.score("score"), fields.score("objective"))


def _improvement(fields: Fields, size: int) -> Improvement:
    fields.only(["seconds", "n_scored", "score", "index"])
    seconds, n_scored = fields.decimal("seconds"), fields.integer("n_scored")
    return Improvement(seconds, n_scored, fields.score("score"), _index(fields, size))
