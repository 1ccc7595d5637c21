"""Draw which part of the package imports which: `python -m tests.make_architecture`.

The script reads the imports from the code, those inside functions and those for types included. A part is a folder, or
a file that is in no folder. The package's own `__init__.py` is left out: it gathers names from every part. Each part
stands below all parts that import it, and an arrow is left out where a longer way of arrows says the same. The boxes
are light and the arrows of a middle grey, so that you can read the picture on light and on dark pages.
"""

import ast
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias, final
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "_static" / "packages.svg"
OPENED = "search"  # the folder whose parts are drawn, too
FILES = "its own files"

Graph: TypeAlias = Mapping[str, frozenset[str]]
"""Which parts each part imports."""
Size: TypeAlias = tuple[float, float]
"""A width and a height, in pixels."""

FILE, FOLDER, OPEN_FOLDER, TEXT, ARROW = "#ffffff", "#dbeafe", "#f1f6fe", "#1f2937", "#8a8f98"
LETTER, LINE, PADDING = 8.4, 18.0, 14.0  # pixels; letters of one width, so that it is known how much room they take
GAP, FLOOR, LANE = 26.0, 44.0, 10.0  # between boxes, between rows, and the width of an arrow that passes a row


def imported_modules(file: Path) -> Iterator[str]:
    """The dotted names of what a file imports, with what is taken from each module as the last part."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute here"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def parts_in(folder: Path) -> list[str]:
    """The folders and files of code in a folder."""
    found = [path.name for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()]
    return sorted(name for name in found if name != "__init__.py")


def imports_between_parts(package: Path, folder: Path) -> Graph:
    """Which parts of a folder import which others of the same folder.

    Args:
        package: the whole.
        folder: the package or a folder in it.
    """
    prefix = (package.name, *folder.relative_to(package).parts)
    parts = parts_in(folder)
    named = {part.removesuffix(".py"): part for part in parts}
    graph: dict[str, set[str]] = {part: set() for part in parts}
    for part in parts:
        files = (folder / part).rglob("*.py") if not part.endswith(".py") else [folder / part]
        for module in (tuple(name.split(".")) for file in files for name in imported_modules(file)):
            if module[: len(prefix)] == prefix and len(module) > len(prefix):
                graph[part] |= {named[name] for name in module[len(prefix) : len(prefix) + 1] if name in named} - {part}
    return {part: frozenset(imported) for part, imported in graph.items()}


def with_files_as_one(graph: Graph) -> Graph:
    """Let the files of a folder be one part, beside its folders."""
    name = {part: FILES if part.endswith(".py") else part for part in graph}
    return {
        one: frozenset(name[other] for part in graph if name[part] == one for other in graph[part]) - {one}
        for one in sorted({*name.values()})
    }


def levels(graph: Graph) -> dict[str, int]:
    """How far below the top each part stands: below all that import it. A circle is a `graphlib.CycleError`."""
    found: dict[str, int] = {}
    for part in reversed(tuple(TopologicalSorter(graph).static_order())):
        found[part] = 1 + max((found[other] for other in graph if part in graph[other]), default=-1)
    return found


def arrows(graph: Graph) -> list[tuple[str, str]]:
    """The imports to draw: those that no way through other parts amounts to."""
    reached: dict[str, frozenset[str]] = {}
    for part in TopologicalSorter(graph).static_order():
        reached[part] = graph[part].union(*(reached[other] for other in graph[part]))
    return [
        (part, other)
        for part in sorted(graph)
        for other in sorted(graph[part])
        if not any(other in reached[between] for between in graph[part])
    ]


@final
@dataclass(slots=True, eq=False)
class Item:
    """What stands in a row: a box, or an arrow that passes.

    Attributes:
        width: in pixels.
        height: in pixels; 0 for an arrow, until the row's height is known.
        wish: where its middle would best be, across.
        x: of its middle.
        y: of its middle.
        above: what arrows come from.
        below: what they lead to.
    """

    width: float
    height: float = 0.0
    wish: float = 0.0
    x: float = 0.0
    y: float = 0.0
    above: list["Item"] = field(default_factory=list)
    below: list["Item"] = field(default_factory=list)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """What a box shows below its name.

    Attributes:
        line: a second line of text.
        picture: a drawing below that.
        size: the drawing's width and height.
    """

    line: str = ""
    picture: ET.Element | None = None
    size: Size = (0.0, 0.0)


def arrange(rows: list[list[Item]]) -> None:
    """Give each item a place in its row, as near as may be to the middle of what it is connected with."""
    for row in rows:
        spread(row)
    for sweep in range(12):
        is_downward = sweep % 2 == 0
        for row in rows if is_downward else reversed(rows):
            for item in row:
                others = (item.above if is_downward else item.below) or item.below or item.above
                item.wish = sum(other.x for other in others) / len(others) if others else item.x
            row.sort(key=lambda item: item.wish)
            spread(row)


def spread(row: list[Item]) -> None:
    """Place a row's items in order, side by side, and move all of them to where they wish to be on average."""
    end = -math.inf
    for item in row:
        item.x = max(end + GAP, item.wish - item.width / 2.0) + item.width / 2.0
        end = item.x + item.width / 2.0
    shift = sum(item.wish - item.x for item in row) / len(row)
    for item in row:
        item.x += shift


def rows_of(boxes: Mapping[str, Item], graph: Graph) -> tuple[list[list[Item]], dict[tuple[str, str], list[Item]]]:
    """Put boxes into rows, with room for the arrows that pass; return the rows, and each arrow's way through them."""
    level = levels(graph)
    rows: list[list[Item]] = [[] for _ in range(max(level.values()) + 1)]
    for part in sorted(graph):
        rows[level[part]].append(boxes[part])
    ways = {}
    for one, other in arrows(graph):
        passed = rows[level[one] + 1 : level[other]]
        way = [boxes[one], *(Item(LANE) for _ in passed), boxes[other]]
        for row, item in zip(passed, way[1:-1], strict=True):
            row.append(item)
        for upper, lower in pairwise(way):
            upper.below.append(lower)
            lower.above.append(upper)
        ways[one, other] = way
    arrange(rows)
    return rows, ways


def drawing(graph: Graph, contents: Mapping[str, Content]) -> tuple[ET.Element, Size]:
    """Draw the parts in rows, with arrows down to what they import; return the drawing and its size."""
    boxes = {part: Item(*box_size(part, contents[part])) for part in graph}
    rows, ways = rows_of(boxes, graph)
    left = min(item.x - item.width / 2.0 for row in rows for item in row)
    top = 0.0
    for row in rows:
        height = max(item.height for item in row)
        for item in row:
            item.x -= left
            item.y = top + height / 2.0
            item.height = item.height or height  # an arrow passes the whole row upright
        top += height + FLOOR
    picture = ET.Element("g")
    for (one, other), way in ways.items():
        draw_arrow(picture, way, f"{one} imports {other}")
    for part, box in sorted(boxes.items()):
        draw_box(picture, box, part, contents[part])
    return picture, (max(item.x + item.width / 2.0 for row in rows for item in row), top - FLOOR)


def is_file(part: str) -> bool:
    """Whether a part is a file, or several."""
    return part.endswith(".py") or part == FILES


def label_of(part: str) -> str:
    """What is written on a part's box: folders end with a slash."""
    return part if is_file(part) else f"{part}/"


def box_size(part: str, content: Content) -> Size:
    """The size of a part's box."""
    width = max(LETTER * len(label_of(part)), 0.85 * LETTER * len(content.line), content.size[0]) + 2.0 * PADDING
    height = LINE * (2.0 if content.line else 1.0) + PADDING
    return width, height + (content.size[1] + PADDING if content.picture is not None else 0.0)


def draw_arrow(parent: ET.Element, way: list[Item], told: str) -> None:
    """Draw a curve that leaves, passes and arrives upright; it says what it means when pointed at."""
    x, y = way[0].x, way[0].y + way[0].height / 2.0
    path = f"M{x:.0f},{y:.0f}"
    for item in way[1:]:
        top, bottom = item.y - item.height / 2.0, item.y + item.height / 2.0
        end = top - 3.0 if item is way[-1] else top  # the arrow's head goes a little further
        middle = (y + end) / 2.0
        path += f" C{x:.0f},{middle:.0f} {item.x:.0f},{middle:.0f} {item.x:.0f},{end:.0f}"
        if item is not way[-1]:
            path += f" V{bottom:.0f}"
        x, y = item.x, bottom
    look = {"fill": "none", "stroke": ARROW, "stroke-width": "1.6", "marker-end": "url(#head)"}
    ET.SubElement(ET.SubElement(parent, "path", {"d": path, **look}), "title").text = told


def draw_box(parent: ET.Element, box: Item, part: str, content: Content) -> None:
    """Draw a part, with what it contains."""
    x, y = box.x - box.width / 2.0, box.y - box.height / 2.0
    place = {"x": f"{x:.0f}", "y": f"{y:.0f}", "width": f"{box.width:.0f}", "height": f"{box.height:.0f}", "rx": "6"}
    colour = FILE if is_file(part) else FOLDER if content.picture is None else OPEN_FOLDER
    ET.SubElement(parent, "rect", {**place, "fill": colour, "stroke": ARROW})
    write(parent, box.x, y + PADDING + 7.0, label_of(part), {"font-size": "14", "font-weight": "600"})
    if content.line:
        write(parent, box.x, y + PADDING + 7.0 + LINE, content.line, {"font-size": "12"})
    if content.picture is not None:
        left, top = box.x - content.size[0] / 2.0, y + box.height - PADDING - content.size[1]
        content.picture.set("transform", f"translate({left:.0f} {top:.0f})")
        parent.append(content.picture)


def write(parent: ET.Element, middle: float, y: float, text: str, look: Mapping[str, str]) -> None:
    """Write a line of text."""
    ET.SubElement(parent, "text", {"x": f"{middle:.0f}", "y": f"{y:.0f}", "text-anchor": "middle", **look}).text = text


def picture_of(package: Path) -> str:
    """Draw a package as SVG."""
    opened = package / OPENED
    inside = with_files_as_one(imports_between_parts(package, opened))
    inner = drawing(inside, contents_of(opened, inside))
    whole = imports_between_parts(package, package)
    outer, size = drawing(whole, {**contents_of(package, whole), OPENED: Content("", *inner)})
    width, height = size[0] + 2.0 * PADDING, size[1] + 2.0 * PADDING
    look = {"role": "img", "font-family": "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace", "fill": TEXT}
    measures = {"viewBox": f"0 0 {width:.0f} {height:.0f}", "width": f"{width:.0f}", "height": f"{height:.0f}"}
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **measures, **look})
    ET.SubElement(root, "title").text = f"What imports what in {package.name}"
    shape = {"id": "head", "viewBox": "0 0 8 8", "refX": "6", "refY": "4", "markerWidth": "6", "markerHeight": "6"}
    head = ET.SubElement(ET.SubElement(root, "defs"), "marker", {**shape, "orient": "auto"})
    ET.SubElement(head, "path", {"d": "M0,0 L8,4 L0,8 z", "fill": ARROW})
    outer.set("transform", f"translate({PADDING:.0f} {PADDING:.0f})")
    root.append(outer)
    ET.indent(root, " ")
    return ET.tostring(root, encoding="unicode") + "\n"


def contents_of(folder: Path, graph: Graph) -> dict[str, Content]:
    """What each part's box shows: the names of the folders in it."""
    folders = {part: [] if is_file(part) else parts_in(folder / part) for part in graph}
    return {part: Content(" ".join(f"{name}/" for name in folders[part] if not is_file(name))) for part in graph}


def main() -> None:
    """Put the picture where the page shows it."""
    PICTURE.write_text(picture_of(ROOT / "minigrid"), encoding="utf-8")
    print(f"{PICTURE.name}: {PICTURE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
