"""Scene to DOT: records that any Graphviz draws alike, through the ``graphviz`` package.

Values go from row to row in blue; gradients come back, dashed and red, along edges of their own. Those are declared
forward with ``dir=back``, so that the ranks stay those of the computation. There are no HTML-like labels: the
WebAssembly build of Graphviz has none.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from . import style
from .layout import Diagram
from .place import effort

if TYPE_CHECKING:
    from .scene import Box, Edge, Scene

__all__ = ["escape", "to_dot"]

# Font size, padding of a row at the side and above the text, in points; ems at which a line breaks.
_SIZE, _SIDE, _ABOVE, _LIMIT = 14.0, 11.0, 7.0, 19.0
_LABEL_SIZE = 11.0

_SPECIAL = re.compile(r'[&<>|{}"\\]')
# Graphviz reads entities first, and the backslash of what comes out once more.
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\\": "&#92;&#92;"}


def to_dot(scene: Scene) -> Diagram:
    """The scene as a ``graphviz.Digraph``: records with a row each for formula, value and gradient.

    >>> from .scene import Box, Scene
    >>> "<v> w₁ = 2" in to_dot(Scene("w1", "lecture", (Box("b0", "w1", "parameter", None, "2"),), ())).source
    True
    """
    nodesep, ranksep = ("0.2", "0.8") if scene.level == "lecture" else ("0.15", "0.45")
    colours = style.LIGHT
    diagram = Diagram(
        graph_attr={
            "rankdir": "LR",
            "nodesep": nodesep,
            "ranksep": ranksep,
            **effort(scene),
            "fontname": "Helvetica",
            "fontsize": f"{_LABEL_SIZE:g}",
            "bgcolor": colours.page,
        },
        node_attr={
            "shape": "record",
            "style": "rounded,filled",
            "fontname": "Helvetica",
            "fontsize": f"{_SIZE:g}",
            "fontcolor": colours.text,
            "margin": "0.08,0.04",
        },
        edge_attr={"fontname": "Helvetica", "fontsize": f"{_LABEL_SIZE:g}", "arrowsize": "0.7", "penwidth": "1.3"},
    )
    if scene.told:
        lines = [line for text in scene.told for line in style.wrapped(text, 80)]
        diagram.graph_attr.update(label="".join(f"{escape(line)}\\l" for line in lines), labeljust="l")
    readers = Counter(edge.source for edge in scene.edges)
    shared = {edge.target for edge in scene.edges if readers[edge.source] > 1}
    for box in scene.boxes:  # arguments of one reader only stand in the order of its formula
        _add_box(diagram, box, ordering=None if box.id in shared or not box.computed else "in")
    for group in scene.groups:
        attributes = {"label": escape(group.name), "style": "rounded,dashed", "color": colours.rule}
        with diagram.subgraph(name=f"cluster_{group.id}", graph_attr={"id": f"{group.id}g", **attributes}) as frame:
            for member in group.boxes:
                frame.node(member)
    boxes = {box.id: box for box in scene.boxes}
    for edge in scene.edges:
        _add_edge(diagram, edge, boxes[edge.source], boxes[edge.target])
    return diagram


def escape(text: str) -> str:
    r"""Any text so that a DOT label shows it: what Graphviz would read as markup becomes an entity.

    >>> escape('R&D <b> "x" | {y}\\N')
    'R&amp;D &lt;b&gt; &quot;x&quot; &#124; &#123;y&#125;&#92;&#92;N'
    """
    return _SPECIAL.sub(lambda match: _ENTITIES.get(match[0]) or f"&#{ord(match[0])};", style.plain(text))


def _add_box(diagram: Diagram, box: Box, ordering: str | None) -> None:
    rows = _rows(box)
    lines = {port: _lines(text) for port, text in rows.items()}
    widest = max(_width(line) for row in lines.values() for line in row)
    height = sum(len(row) * 1.2 * _SIZE + 2 * _ABOVE for row in lines.values())
    fill, outline = style.LIGHT.role(box.role)
    emphasis = {} if box.finite else {"penwidth": "3", "color": style.LIGHT.backward}
    if box.lost:
        emphasis = {"penwidth": "2", "color": style.LIGHT.backward, "style": "rounded,filled,dashed"}
    if box.is_on_path:
        emphasis = {"penwidth": "3", **emphasis}
    attributes = {
        "id": box.id,
        "class": " ".join(box.kinds),
        "width": _inches(widest + 2 * _SIDE),
        "height": _inches(height),
        "fillcolor": fill,
        "color": outline,
        "ordering": ordering,
        **emphasis,
    }
    label = " | ".join(f"<{port}> {_field(row)}" for port, row in lines.items())
    diagram.node(box.id, label, **attributes)


def _lines(text: str) -> list[str]:
    return [style.pretty(line) for line in style.lines(text, _LIMIT)]


def _field(lines: list[str]) -> str:
    """The text of one field. Graphviz 2 loses blanks in a field that begins beyond ASCII, as θ = 0.5 does."""
    text = "\\n".join(map(escape, lines))
    return text if text[0].isascii() or " " not in text else f"&#{ord(text[0])};{text[1:]}"


def _rows(box: Box) -> dict[str, str]:
    """The rows of a record by port: f(ormula), v(alue), g(radient), and d(etails)."""
    rows = {"f": box.head, "v": box.number} if box.computed else {"v": box.equation}
    if box.gradient is not None:
        rows["g"] = str(box.gradient)
    if box.remarks:
        rows["d"] = "; ".join(box.remarks)
    return rows


def _add_edge(diagram: Diagram, edge: Edge, source: Box, target: Box) -> None:
    colours = style.LIGHT
    hint = {"tooltip": escape(edge.rule)} if edge.rule else {}
    weight = "3" if source.computed else None
    emphasis = {"penwidth": "3"} if edge.is_on_path else {}
    diagram.edge(
        f"{edge.source}:v:e",
        f"{edge.target}:v:w",
        id=f"{edge.id}f",
        **{"class": "forward", "color": colours.forward, "weight": weight},
        **emphasis,
    )
    if edge.backward:
        label = {}
        from_, to = ("g" if box.gradient is not None else "v" for box in (source, target))
        if edge.labelled and edge.local is not None:
            text = "".join(f" {escape(line)} \\n" for line in _lines(edge.rule))
            label = {"label": text, "fontcolor": colours.backward}
        diagram.edge(
            f"{edge.source}:{from_}:e",
            f"{edge.target}:{to}:w",
            id=f"{edge.id}b",
            dir="back",
            style="dashed",
            **{"class": "backward", "color": colours.backward},
            **label,
            **hint,
            **emphasis,
        )


def _width(line: str) -> float:
    """Room for a line in every Graphviz: the WebAssembly build takes each byte beyond ASCII for a space."""
    ascii_only = "".join(character for character in line if character.isascii())
    beyond = len(line.encode(errors="replace")) - len(ascii_only)
    return max(style.width(line, _SIZE), style.width(ascii_only + " " * beyond, _SIZE))


def _inches(points: float) -> str:
    return f"{points / 72:.2f}"
