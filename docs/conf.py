"""How the docs become a site: `python -m sphinx -W --keep-going docs site`."""

import re
from typing import Any

from docutils import nodes
from numpy.typing import NDArray
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import stringify_annotation

import minigrid._base.typing as types
from minigrid import __version__
from minigrid._base.registry import Registry
from minigrid.names import ACTIVATIONS, SCORINGS, STRATEGIES

project = "minigrid"
author = "the minigrid authors"
copyright = author  # the name that Sphinx asks for
release = version = __version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "minigrid"
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["wide.css"]
html_favicon = "_static/icon.svg"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#2563a8", "color-brand-content": "#2563a8"},
    "dark_css_variables": {"color-brand-primary": "#7fb4ec", "color-brand-content": "#7fb4ec"},
}
default_role = "literal"  # docstrings put names between single backticks
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True}
maximum_signature_line_length = 88
python_use_unqualified_type_names = True
napoleon_use_ivar = True
napoleon_use_rtype = False
napoleon_google_docstring = True
napoleon_numpy_docstring = False
copybutton_exclude = ".linenos, .gp, .go"
linkcheck_ignore = ["https?://"]  # what is elsewhere is not ours to check, and the build needs no network

ALIASES = {
    name: getattr(types, name) for name in ("ArrayLike", "FloatArray", "IntArray", "BoolArray", "IntSequence", "Data")
} | {"NDArray": NDArray[Any]}
# How each reads where it is written out: in signatures, in lists of attributes, behind the names of properties.
WRITTEN_OUT = {
    stringify_annotation(alias, mode): name
    for name, alias in ALIASES.items()
    for mode in ("smart", "fully-qualified-except-typing", "fully-qualified")
}
LAST_UNDERSCORE = re.compile(r"^(:(?:ivar|vartype|param|type) \w+)_:")


def shortened(text: str) -> str:
    """Write the names of array types, not what they stand for."""
    for long, alias in WRITTEN_OUT.items():
        text = text.replace(long, alias)
    return text


def shorten_signature(
    app: Sphinx, what: str, name: str, thing: object, options: object, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    """Shorten the types of a function."""
    return signature and shortened(signature), returns and shortened(returns)


def fix_fields(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Shorten the types of attributes, and keep the underscore at the end of names such as `classes_`."""
    for k, line in enumerate(lines):
        short = shortened(line) if line.startswith(":vartype ") else line
        lines[k] = LAST_UNDERSCORE.sub(r"\1\_:", short)


def shorten_what_is_left(app: Sphinx, document: nodes.document, page: str) -> None:
    """Shorten the types of properties, of arguments that are functions, and of overloads: autodoc asks nobody."""
    unqualified = {long.replace("numpy.", "").replace("typing.", ""): alias for long, alias in WRITTEN_OUT.items()}
    unqualified |= {re.sub(r"~?(?:\w+\.)+", "", long): alias for long, alias in WRITTEN_OUT.items()}
    kinds = (addnodes.desc_annotation, addnodes.desc_sig_name, addnodes.desc_returns, addnodes.desc_parameter)
    for part in [node for kind in kinds for node in document.findall(kind)]:
        text = part.astext()
        for long, alias in unqualified.items():
            text = text.replace(long, alias)
        if text != part.astext():
            part.children = [nodes.Text(text.removeprefix(" -> "))]


REGISTRIES: dict[str, Registry[Any]] = {"activations": ACTIVATIONS, "scorings": SCORINGS, "strategies": STRATEGIES}
OF_ALL = "bounds, monotonic, splits_at_zero"  # what the base says already


def entries(kind: str) -> str:
    """Write an entry for each class that is built in, in the order of their definition."""
    registry = REGISTRIES[kind]
    classes = [type(registry.make(name)).__name__ for name in registry.built_in]
    return "\n".join(f".. autoclass:: minigrid.{name}\n   :exclude-members: {OF_ALL}" for name in classes)


class BuiltIn(SphinxDirective):
    """`.. built-in:: activations` stands for an entry each."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Put the entries in its place."""
        return self.parse_text_to_nodes(entries(self.arguments[0]))


def setup(app: Sphinx) -> None:
    """Have types shortened, names kept whole, and what is built in listed."""
    app.add_directive("built-in", BuiltIn)
    app.connect("autodoc-process-signature", shorten_signature)
    app.connect("autodoc-process-docstring", fix_fields, priority=600)  # after napoleon
    app.connect("doctree-resolved", shorten_what_is_left)
