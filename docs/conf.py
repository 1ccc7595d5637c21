"""How the docs become a site: `python -m sphinx -W --keep-going docs site`."""

import re
import tomllib
from pathlib import Path
from types import UnionType
from typing import Any, Literal, cast, get_args, get_type_hints

from docutils import nodes
from numpy.typing import NDArray
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.domains.python import PyObject, PythonDomain
from sphinx.environment import BuildEnvironment
from sphinx.ext.intersphinx import resolve_reference_any_inventory
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode
from sphinx.util.typing import stringify_annotation

import minigrid
import minigrid._base.typing as types
from minigrid import __version__, names
from minigrid._base.registry import Registry
from minigrid.scoring import penalty

DOCS = Path(__file__).parent
project = "minigrid"
author = "the minigrid authors"
copyright = author  # the name that Sphinx asks for
release = version = __version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
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
html_search_scorer = str(DOCS / "search_scorer.js")
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#2563a8", "color-brand-content": "#2563a8"},
    "dark_css_variables": {"color-brand-primary": "#7fb4ec", "color-brand-content": "#7fb4ec"},
}
default_role = "py:obj"  # a name between single backticks is a link; other code stands between double ones
nitpicky = True  # a name that leads nowhere is an error
nitpick_ignore_regex = [
    (r"py:.*", r"(?:.*\.)?(?:T|T_contra|A|SubproblemT|SolvedT|Self)"),  # type variables
    (r"py:class", r"numpy\.(?:_typing\..*|dtype|float64|int64|bool)"),  # of which array types consist
    (r"py:class", r"minigrid\.search\.\w+(?:\.\w+)*\.[A-Z]\w+"),  # what only minigrid itself makes
    (r"py:class", r"ModelProto|TensorProto"),  # ONNX describes them in its source only
]
# Each inventory lists the few names that minigrid's docs mention, so that a build needs no network.
intersphinx_mapping = {
    "python": ("https://docs.python.org/3", "_inventories/python.txt"),
    "numpy": ("https://numpy.org/doc/stable", "_inventories/numpy.txt"),
    "sklearn": ("https://scikit-learn.org/stable", "_inventories/sklearn.txt"),
    "matplotlib": ("https://matplotlib.org/stable", "_inventories/matplotlib.txt"),
}
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


def resolved(alias: object) -> Any:
    """The type that a string such as `list[JSON]` stands for, as deep as autodoc resolves it."""

    def example(thing: Any) -> None:
        """Take something of this type."""

    example.__annotations__ = {"thing": alias}
    return get_type_hints(example, vars(types))["thing"]


ALIASES = {
    name: resolved(getattr(types, name))
    for name in ("ArrayLike", "FloatArray", "IntArray", "BoolArray", "Data", "JSON")
}
ALIASES |= {name: getattr(names, name) for name in ("ActivationName", "EngineName", "ScoringName", "StrategyName")}
ALIASES |= {"NDArray": NDArray[Any]}
# How each reads where it is written out: in signatures, in lists of attributes, behind the names of properties.
WRITTEN_OUT = {
    " | ".join(stringify_annotation(part, mode) for part in parts): name
    for name, alias in ALIASES.items()
    for mode in ("smart", "fully-qualified-except-typing", "fully-qualified")
    for parts in ([alias], get_args(alias) if isinstance(alias, UnionType | type(Literal[1] | Literal[2])) else [alias])
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
    """Shorten the types of a function, and leave out arguments that nobody can pass."""
    if getattr(thing, "_is_protocol", False):  # nobody makes an object of it
        return "", None
    short = shortened(signature or "")
    short = short.replace(", *others: ~typing.Never, ", ", *, ").replace(", *others: ~typing.Never", "")
    short = short.replace("<function RandomSample.<lambda>>", "...")
    return signature and short, returns and shortened(returns)


def fix_fields(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Shorten the types of attributes, and keep the underscore at the end of names such as `classes_`."""
    for k, line in enumerate(lines):
        short = shortened(line) if line.startswith(":vartype ") else line
        lines[k] = LAST_UNDERSCORE.sub(r"\1\_:", short)
    if what == "property":  # napoleon takes the words before a colon for a type
        for line in [line for line in lines if line.startswith(":type: ")]:
            lines.remove(line)
            lines[0] = f"{line.removeprefix(':type: ')}: {lines[0]}"


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


ELSEWHERE = {  # names that stand without their modules
    "NDArray": "numpy.typing.NDArray",
    "ArrayLike": "numpy.typing.ArrayLike",
    "numpy.typing.ArrayLike": "numpy.typing.ArrayLike",
    "NotFittedError": "sklearn.exceptions.NotFittedError",
    "Axes": "matplotlib.axes.Axes",
    "Figure": "matplotlib.figure.Figure",
    "QuadMesh": "matplotlib.collections.QuadMesh",
    "Line2D": "matplotlib.lines.Line2D",
    "QuadContourSet": "matplotlib.contour.QuadContourSet",
    "Future": "concurrent.futures.Future",
}


CLASSES = {"trainer": "GridSearchTrainer", "result": "SearchResult"}  # and network is a Network, and so on


def of_its_class(target: str) -> str:
    """The method that a call such as `runner.stopped()` calls: `Runner.stopped`."""
    owner, _, method = target.removesuffix("()").rpartition(".")
    owner = owner.removesuffix("_")
    return f"{CLASSES.get(owner, owner.capitalize())}.{method}" if owner.isidentifier() else target


def find_name(
    app: Sphinx, env: BuildEnvironment, link: addnodes.pending_xref, shown: nodes.TextElement
) -> nodes.reference | None:
    """Find a name that stands without its module: one of minigrid's, or a type that all signatures use."""
    if link.get("refdomain") != "py":
        return None
    target: str = link["reftarget"]
    if target in ELSEWHERE:
        link["reftarget"] = ELSEWHERE[target]
        link["reftype"] = "obj"
        return resolve_reference_any_inventory(env, honor_disabled_refs=False, node=link, contnode=shown)
    known = cast(PythonDomain, env.get_domain("py")).objects
    last = target.rpartition(".")[2]
    places = ("minigrid", "minigrid.exceptions", "minigrid.datasets")
    for name in (
        *(f"{place}.{target}" for place in places),
        f"minigrid.{of_its_class(target)}",
        f"minigrid.{last}",
        last,
    ):
        if name in known and (name != last or name in ALIASES):
            entry = known[name]
            return make_refnode(app.builder, link["refdoc"], entry.docname, entry.node_id, shown, name)
    return None


class Summary(SphinxDirective):
    """`.. summary::` stands for a table of the page's entries, a line each."""

    def run(self) -> list[nodes.Node]:
        """Leave a mark, as the entries are not there yet."""
        mark = nodes.container(classes=["summary"])
        mark["is_summary"] = True
        return [mark]


def first_line(entry: addnodes.desc) -> list[nodes.Node]:
    """The first paragraph of an entry, which says what the thing is or does."""
    content = next(entry.findall(addnodes.desc_content))
    paragraphs = [child for child in content if isinstance(child, nodes.paragraph)]
    said = [paragraph for paragraph in paragraphs if not paragraph.astext().startswith("Bases: ")]
    return [child.deepcopy() for child in said[0]] if said else []


def fill_summaries(app: Sphinx, document: nodes.document) -> None:
    """Put a table of a page's classes, functions and names in the place of `.. summary::`."""
    for mark in [node for node in document.findall(nodes.container) if node.get("is_summary")]:
        body = nodes.tbody()
        for entry in document.findall(addnodes.desc):
            if isinstance(entry.parent.parent, addnodes.desc):
                continue  # a method
            for signature in entry.findall(addnodes.desc_signature, siblings=False):
                if signature.parent is not entry or not signature["ids"]:
                    continue
                link = nodes.reference("", "", nodes.literal("", signature["fullname"]), internal=True)
                link["refid"] = signature["ids"][0]
                cells = ([link], first_line(entry))
                body += nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *cell)) for cell in cells))
        columns = [nodes.colspec(colwidth=width) for width in (30, 70)]
        table = nodes.table("", nodes.tgroup("", *columns, body, cols=2), classes=["summary"])
        mark.replace_self(table)


class AddSearchWords(SphinxTransform):
    """Add the words of `search_words.toml` to the index, as main entries: the site's search lists those first."""

    default_priority = 500  # before Sphinx collects the entries of the index

    def apply(self, **kwargs: Any) -> None:
        """Put an entry for each word at the top of its section."""
        sections = {place: node for node in self.document.findall(nodes.section) for place in node["ids"]}
        words_of = tomllib.loads((DOCS / "search_words.toml").read_text(encoding="utf-8"))
        for place, words in words_of.items():
            page, _, anchor = place.partition("#")
            if page != self.env.current_document.docname:
                continue
            if anchor not in sections:
                logging.getLogger(__name__).warning("search_words.toml: no section %r", place, location=page)
                continue
            sections[anchor].insert(
                1, addnodes.index(entries=[("single", word, anchor, "main", None) for word in words])
            )


REGISTRIES: dict[str, Registry[Any]] = {
    "activations": names.ACTIVATIONS,
    "scorings": names.SCORINGS,
    "strategies": names.STRATEGIES,
}
OF_ALL = "bounds, monotonic, splits_at_zero"  # what the base says already


def entries(kind: str) -> str:
    """Write an entry for each class that is built in, in the order of their definition."""
    if kind == "penalties":  # they have no names, as each needs a number
        classes = [name for name in penalty.__all__ if name in minigrid.__all__ and name != "Penalty"]
    else:
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
    """Have types shortened, names kept whole and linked, and all that is built in listed."""
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"  # Sphinx would call them variables
    app.add_directive("built-in", BuiltIn)
    app.add_directive("summary", Summary)
    app.add_transform(AddSearchWords)
    app.connect("doctree-read", fill_summaries)
    app.connect("missing-reference", find_name)
    app.connect("autodoc-process-signature", shorten_signature)
    app.connect("autodoc-process-docstring", fix_fields, priority=600)  # after napoleon
    app.connect("doctree-resolved", shorten_what_is_left)
