"""The hints of a search, in the words of an estimator: a pipeline scales, and ``hidden`` has the sizes of layers."""

import re
from collections.abc import Sequence

from minigrid._base.tables import called
from minigrid.search.running.hints_of_data import with_column_names

_NOT_PROVEN = "not proven: with a grid of your own and strategy='joint', fit proves the best of that grid"
_SCALER = "sklearn.preprocessing.StandardScaler()"
_PIPELINE = f"sklearn.pipeline.make_pipeline({_SCALER}, estimator)"
_OF_TARGETS = "sklearn.compose.TransformedTargetRegressor({}, transformer=" + _SCALER + ")"
_WORDS = (  # what a trainer's hint says, and what to say instead
    (r"X = np\.asarray\(X.*; y = .*$", _OF_TARGETS.format(_PIPELINE)),
    (r"X = np\.asarray\(X.*$", _PIPELINE),
    (r"y = np\.asarray\(y.*$", _OF_TARGETS.format("estimator")),
    (r"Network\.dense\(\[\d+, (\d+), \d+\], bias=True.*\)$", r"hidden=(\1,)"),
    (r"as in Network\.dense\(.*\), or hidden=(\(.*\)) of an estimator", r"with hidden=\1"),
    (r"\bresult\.parameters", "estimator.result_.parameters"),
)


def in_own_words(hints: Sequence[str], names: Sequence[str] | None, *, is_default: bool) -> tuple[str, ...]:
    """Say what a trainer's hints say, so that a user of an estimator can follow them.

    Args:
        hints: those of a plan or a result.
        names: of the features; None: they have none.
        is_default: whether the search had a grid and a strategy of its own, so that no other strategy has that grid.
    """
    said = []
    for hint in with_column_names(hints, None if names is None else called(names)):
        own = _NOT_PROVEN if is_default and hint.startswith("not proven: strategy='joint'") else hint
        for words, instead in _WORDS:
            own = re.sub(words, instead, own)
        said.append(own)
    return tuple(said)
