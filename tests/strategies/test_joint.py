"""The joint strategy is the plain loop."""

import pytest
from hypothesis import given

from minigrid import Joint, NoScoreError
from minigrid.search.problem import Problem
from tests.problems import loop, problems
from tests.profile import examples
from tests.strategies.promises import fit


@pytest.mark.parametrize("engine", ["auto", "batched", "reference"])
@examples(25)
@given(problem=problems(most_candidates=150))
def test_joint_is_the_plain_loop(engine: str, problem: Problem) -> None:
    try:
        index, score = loop(problem)
    except NoScoreError:
        with pytest.raises(NoScoreError):
            fit(problem, Joint(), engine=engine)
        return
    result = fit(problem, Joint(), engine=engine)
    assert (result.index, result.score.hex()) == (index, score.hex())
    assert result.parameters.tobytes() == problem.space[index].tobytes()
    assert result.optimal
    assert result.gap == 0.0
