"""How the docs become a site: `python -m sphinx -W --keep-going docs site`."""

from sphinx.application import Sphinx
from sphinx.util.typing import stringify_annotation

import minigrid._typing as types
from minigrid import __version__

project = "minigrid"
author = "The minigrid authors"
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
html_favicon = "_static/icon.svg"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#2563a8", "color-brand-content": "#2563a8"},
    "dark_css_variables": {"color-brand-primary": "#7fb4ec", "color-brand-content": "#7fb4ec"},
}
default_role = "literal"  # docstrings put names between single backticks
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "show-inheritance": True}
maximum_signature_line_length = 88
python_use_unqualified_type_names = True
napoleon_use_ivar = True
napoleon_use_rtype = False
napoleon_google_docstring = True
napoleon_numpy_docstring = False
copybutton_exclude = ".linenos, .gp, .go"
linkcheck_ignore = ["https?://"]  # what is elsewhere is not ours to check, and the build needs no network

ALIASES = ("ArrayLike", "FloatArray", "IntArray", "BoolArray", "IntSequence", "Data")


def with_aliases(
    app: Sphinx, what: str, name: str, thing: object, options: object, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    """Write the names of array types in signatures, not what they stand for."""
    texts = [signature, returns]
    for alias in ALIASES:
        for mode in ("smart", "fully-qualified-except-typing"):
            long = stringify_annotation(getattr(types, alias), mode)
            texts = [text and text.replace(long, alias) for text in texts]
    return texts[0], texts[1]


def setup(app: Sphinx) -> None:
    """Have signatures shortened."""
    app.connect("autodoc-process-signature", with_aliases)
