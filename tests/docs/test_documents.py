"""Every Python block of README and docs runs, in order, and what it prints is what the page says it prints."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import EXAMPLES_RUN
from tests.docs.pages import PAGES, ROOT, run_blocks, shown_pictures

PLAIN = [page for page in PAGES if not shown_pictures(page)]  # the others are run where pictures are looked at
LONG = "faq.md", "scikit_learn.md", "08_your_own_data.md"


def marked(page: Path) -> object:
    """A page as a case, which a quick run leaves out where it is a long one."""
    return pytest.param(page, marks=pytest.mark.slow) if page.name in LONG else page


@pytest.mark.parametrize("page", [marked(page) for page in PLAIN], ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_does_what_it_says(page: Path, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    n_blocks = run_blocks(page, tmp_path)
    assert n_blocks
    record_property(EXAMPLES_RUN, n_blocks)


def test_readme_has_exactly_two_commands() -> None:
    commands = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(commands) == 2
    assert "examples/two_into_one.py" in commands[0]
    assert "pytest" in commands[1]


def test_the_examples_of_a_strategy_and_an_engine_are_short() -> None:
    for base, name in (("(Strategy):", "custom_strategies.md"), ("(Scorer):", "custom_engines.md")):
        page = (ROOT / "docs" / name).read_text(encoding="utf-8")
        blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
        (example,) = [block for block in blocks if base in block]
        assert len(example.splitlines()) < 40
