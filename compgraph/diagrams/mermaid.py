"""Scene to Mermaid: a flowchart that GitHub, GitLab and Jupyter draw where a text holds it in a ``mermaid`` block.

Values go along solid blue arrows; gradients come back along dotted red ones. Those are declared in the direction of
the values, with an arrowhead at each end of which the one in front is hidden: edges that were declared backwards would
turn the ranks around.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import style
from .scene import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .scene import Box, Edge, Group, Scene

__all__ = ["escape", "to_mermaid"]

#: More links than these Mermaid refuses to draw, wherever that is not configured.
_MOST_LINKS = 500

# Ems at which a line breaks: in a box, on an edge (where Mermaid itself breaks at 200 pixels), in a note.
_LIMIT, _EDGE_LIMIT, _NOTE_LIMIT = 19.0, 11.5, 60.0

# Mermaid's own width at which text in boxes wraps, in pixels: above any line of ours, else it would break them again.
_WRAP = 900

# Blue and red that stand out from a light and from a dark page. Boxes carry their own background.
_FORWARD, _BACKWARD = "#3b82f6", "#ef4444"

# Signs to which Mermaid, or the Markdown in its labels, gives a meaning, and the two between which it keeps entities.
_SPECIAL = re.compile(r"[!-'*\-:-<>-@\[-`{-~ﬂ¶]|\.(?=\s|$)|(?i:(?<=www))\.|^[+=]|(?<=^\d)\)|(?<=^\d\d)\)")

# What has a meaning even as entity codes, for they are read first: a line break, a formula, an icon, a kept entity.
_PAIRS = re.compile(r"\\(?=n)|\$(?=\$)|:(?=fa-)|ﬂ(?=°)|¶(?=ß)")
_JOINER = "\N{WORD JOINER}"  # takes no room, and stands between two signs


def to_mermaid(scene: Scene) -> str:
    r"""The scene as a Mermaid flowchart.

    >>> from .scene import Box, Edge, Scene
    >>> w, z = Box("b0", "w1", "parameter", None, "2"), Box("b1", "z", "output", "w1^2", "4")
    >>> lines = to_mermaid(Scene("z", "lecture", (w, z), (Edge("b1x0", "b0", "b1", 0),))).splitlines()
    >>> print(*(line.strip() for line in lines if "b1" in line), sep="\n")
    b1["z = w₁²<br/>4"]
    b0 --> b1
    class b1 output
    """
    return "\n".join([
        f'%%{{init: {{"flowchart": {{"wrappingWidth": {_WRAP}, "nodeSpacing": 24, "rankSpacing": 56}}}}}}%%',
        "flowchart LR",
        f"  accTitle: Computation graph of {escape(style.wrapped(scene.root, _NOTE_LIMIT)[0])}",
        *(f"  {line}" for line in _statements(scene)),
        "",
    ])  # fmt: skip


def escape(text: str) -> str:
    """One line of any text so that a quoted Mermaid label shows it: signs with a meaning become entity codes.

    >>> escape('a<b> "c" #1; `d`'), escape("+ (1 − y)·0.5")
    ('a#60;b#62; #34;c#34; #35;1#59; #96;d#96;', '#43; (1 − y)·0.5')
    """
    apart = _PAIRS.sub(lambda match: match[0] + _JOINER, style.plain(text))
    return _SPECIAL.sub(lambda match: f"#{ord(match[0])};", apart)


def _statements(scene: Scene) -> Iterator[str]:
    grouped = {member for group in scene.groups for member in group.boxes}
    for box in scene.boxes:
        if box.id not in grouped:
            yield _node(box)
    yield from _groups(scene)
    yield from _links(scene)
    yield from _note(scene)
    yield from _classes(scene)


# --- boxes ---------------------------------------------------------------------------------------------------------


def _node(box: Box) -> str:
    return f'{box.id}["{_label(_rows(box))}"]'


def _rows(box: Box) -> Iterator[str]:
    sign = "" if box.finite else "⚠ "
    if box.computed:
        yield box.head
        yield f"{sign}{box.number}"
    else:
        yield f"{sign}{box.equation}"
    if box.gradient is not None:
        yield str(box.gradient)
    yield from box.details
    if box.digits:
        yield f"⚠ {box.digits}"


def _label(rows: Iterable[str], limit: float = _LIMIT) -> str:
    lines = [style.pretty(line) for row in rows for line in style.lines(row, limit)]
    return "<br/>".join(map(escape, lines))


def _groups(scene: Scene) -> Iterator[str]:
    boxes = {box.id: box for box in scene.boxes}
    for group in scene.groups:
        yield f'subgraph {_frame(group)}["{escape(style.wrapped(group.name, _LIMIT)[0])}"]'
        for member in group.boxes:
            yield f"  {_node(boxes[member])}"
        yield "end"


def _frame(group: Group) -> str:
    """A name of its own: the box that was opened has the group's."""
    return f"{group.id}g"


def _note(scene: Scene) -> Iterator[str]:
    """What stands under other pictures, in a box without an outline."""
    if scene.told:
        lines = [line for text in scene.told for line in style.wrapped(text, _NOTE_LIMIT)]
        yield f'notes["{"<br/>".join(map(escape, lines))}"]'
        yield f"style notes fill:{style.LIGHT.page},stroke:none,color:{style.LIGHT.muted},text-align:left"


# --- links ---------------------------------------------------------------------------------------------------------


def _links(scene: Scene) -> Iterator[str]:
    """The edges, and how each is drawn: Mermaid numbers them in the order in which they are declared."""
    apart = len(scene.edges) + sum(edge.backward for edge in scene.edges) <= _MOST_LINKS
    links = [link for edge in scene.edges for link in _links_of(edge, apart=apart)]
    for link, _ in links:
        yield link
    for look in dict.fromkeys(look for _, look in links):
        yield f"linkStyle {','.join(str(number) for number, link in enumerate(links) if link[1] == look)} {look}"


def _links_of(edge: Edge, *, apart: bool) -> Iterator[tuple[str, str]]:
    """A link for the value and one for the gradient, or where these would be too many one with two heads."""
    width = "4px" if edge.is_on_path else "1.5px"
    count = f'|"×{edge.count}"|' if edge.count > 1 else ""
    arrow = "<-->" if edge.backward and not apart else "-->"
    yield f"{edge.source} {arrow}{count} {edge.target}", f"stroke:{_FORWARD},stroke-width:{width}"
    if edge.backward and apart:
        label = f'|"{_label([edge.rule], _EDGE_LIMIT)}"|' if edge.labelled and edge.rule else ""
        yield f"{edge.source} <-.->{label} {edge.target}", f"stroke:{_BACKWARD},stroke-width:{width},marker-end:none"


# --- looks ---------------------------------------------------------------------------------------------------------


def _classes(scene: Scene) -> Iterator[str]:
    """The class of each box, and what those in use look like. Later ones win, so emphasis comes last."""
    light = style.LIGHT
    looks: dict[str, str] = {
        role: "fill:{},stroke:{}".format(*light.role(role)) + f",color:{light.text}" for role in ROLES
    }
    looks["scope"] += ",stroke-width:2.5px"
    looks["more"] += ",stroke-dasharray:5 4"
    looks["path"] = "stroke-width:3px"
    looks["lossy"] = f"stroke:{light.backward},stroke-width:3px,stroke-dasharray:2 3"
    looks["nonfinite"] = f"stroke:{light.backward},stroke-width:4px"
    for name, look in looks.items():
        members = [box.id for box in scene.boxes if name in box.kinds]
        if members:
            yield f"classDef {name} {look}"
            yield f"class {','.join(members)} {name}"
    for group in scene.groups:
        yield f"style {_frame(group)} fill:none,stroke:{light.data[1]},stroke-dasharray:5 4"
