"""Scene to SVG: cards with the formula in serif maths, values in blue, gradients in red, two-lane roads between them.

One file without scripts, references or ids (several pictures may share a page); light and dark by the reader's
setting; the same bytes in every run.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from . import style
from .place import Label, arrange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .place import Place, Plan, Point
    from .scene import Box, Edge, Scene

__all__ = ["escape", "to_svg"]

# Font sizes: maths, numbers, gradients' maths, labels and small print. Serif letters are narrower than Helvetica's.
_SIZES = {"head": 18.0, "number": 15.0, "gradient": 16.0, "label": 15.0, "small": 13.0}
_SERIF = 0.94
_LINES = {"head": 24.0, "value": 21.0, "gradient": 21.0, "label": 19.0, "small": 18.0}

# Padding of a card, above and below a rule, and around the picture; ems at which a formula and a label break.
_SIDE, _ABOVE, _RULE, _MARGIN, _LIMIT, _LABEL_LIMIT = 15.0, 8.0, 7.0, 20.0, 13.0, 9.5

# Half the distance of the two lanes of a road, length and half the width of an arrow's tip.
_LANE, _TIP, _WING = 2.75, 7.0, 3.5

# A difference in height that nobody sees.
_LEVEL = 0.5

# How far the baseline moves down.
_SHIFTS = {"index": 4, "power": -6}

# The words for a larger picture leave its inputs out.
_MOST_TOLD = 15


class _Row(NamedTuple):
    """One line of text: head, value, gradient, label or small."""

    kind: str
    runs: list[style.Run]

    @property
    def width(self) -> float:
        return sum(
            style.width(text, _SIZES["number"]) if kind == "number" else style.width(text, _SIZES[self.kind]) * _SERIF
            for text, kind in self.runs
        )


class _Card(NamedTuple):
    """What a card says, and its size."""

    rows: tuple[_Row, ...]
    ruled: bool
    width: float
    height: float


def to_svg(scene: Scene) -> str:
    """The scene as SVG text.

    Raises:
        DiagramError: There is no Graphviz here at all, or the layout takes too long.

    >>> from .scene import Box, Scene
    >>> to_svg(Scene("x", "lecture", (Box("b0", "x", "parameter", None, "2"),), ())).splitlines()[2]
    '<title>Computation graph of x</title>'
    """
    cards = {box.id: _card(box) for box in scene.boxes}
    labels = _labels(scene)
    rooms = {key: Label(max(row.width for row in rows) + 14, 2 * _label_height(rows)) for key, rows in labels.items()}
    plan = arrange(scene, {key: (card.width, card.height) for key, card in cards.items()}, rooms)
    footer = list(_footer(scene))
    width = round(max([plan.width, *(length for length, _ in footer)]) + 2 * _MARGIN)
    height = round(plan.height + 2 * _MARGIN + len(footer) * _LINES["small"] + (12 if footer else 0))
    title = escape(f"Computation graph of {scene.root}")
    size = f'width="{width}" height="{height}"'
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" class="compgraph" {size} viewBox="0 0 {width} {height}"',
        f'role="img" aria-label="{title}">',
        f"<title>{title}</title>",
        f"<desc>{escape(_description(scene))}</desc>",
        f"<style>{_STYLE}</style>",
        f'<rect class="page" {size}/>',
        f'<g transform="translate({_MARGIN:g} {_MARGIN:g})">',
        *(line for edge in scene.edges for line in _edge(edge, plan, labels.get(edge.id, []))),
        *(line for box in scene.boxes for line in _box(box, cards[box.id], plan.cards[box.id])),
        "</g>",
        *(
            f'<g transform="translate({_MARGIN:g} {height - _MARGIN - 4 - above * _LINES["small"]:g})">{line}</g>'
            for above, (_, line) in zip(range(len(footer) - 1, -1, -1), footer, strict=True)
        ),
        "</svg>\n",
    ])  # fmt: skip


def escape(text: str) -> str:
    """Any text as XML shows it, inside of an element or of a quoted attribute.

    >>> escape('a<b> & "c"')
    'a&lt;b&gt; &amp; &quot;c&quot;'
    """
    for special, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(special, entity)
    return style.plain(text)


# --- cards ---------------------------------------------------------------------------------------------------------


def _card(box: Box) -> _Card:
    rows = [_Row("head", line) for line in style.lines(box.head, _LIMIT)] if box.head else []
    value = box.value or "?"
    if box.computed:
        rows.append(_Row("value", [_number_run(value)]))
    elif rows:
        rows[-1].runs.append(_number_run(f" = {value}"))
    else:
        rows = [_Row("head", [_number_run(value)])]
    if box.gradient:
        mark = f" ({box.gradient.mark})" if box.gradient.mark else ""
        chain = [_Row("gradient", line) for line in style.lines(box.gradient.chain, _LIMIT)]
        chain[-1].runs.extend([style.Run(" = ", "upright"), _number_run(box.gradient.value + mark)])
        rows += chain
    height = sum(_LINES[row.kind] for row in rows) + 2 * _ABOVE + (_RULE if box.computed else 0)
    return _Card(tuple(rows), box.computed, math.ceil(max(row.width for row in rows)) + 2 * _SIDE, height)


def _number_run(text: str) -> style.Run:
    return style.Run(text, "number")


def _box(box: Box, card: _Card, at: Place) -> Iterator[str]:
    left, top = at.x - at.width / 2, at.y - at.height / 2
    kind = f"box {box.role}" if box.finite else f"box {box.role} nonfinite"
    yield f'<g class="{kind}" data-id="{box.id}">'
    yield f"<title>{escape(str(box))}</title>"
    yield (
        f'<rect x="{left:g}" y="{top:g}" width="{at.width:g}" height="{at.height:g}" '
        f'rx="{12 if len(card.rows) > 1 else 18}"/>'
    )
    y = at.y - card.height / 2 + _ABOVE
    previous = "head"
    for row in card.rows:
        if card.ruled and previous == "head" != row.kind:
            y += _RULE
            yield f'<path class="rule" d="M{left + 12:g} {y - 2:g}H{left + at.width - 12:g}"/>'
        y += _LINES[row.kind]
        yield _text(row, at.x, y - 6)
        previous = row.kind
    yield "</g>"


def _text(row: _Row, x: float, y: float) -> str:
    """A centred line of text."""
    spans, back = [], 0
    for text, kind in row.runs:
        shift = _SHIFTS.get(kind, 0)
        rise = back + shift
        move = f' dy="{rise}"' if rise else ""
        back = -shift
        spans.append(f'<tspan class="{"raised" if shift else kind}"{move}>{escape(text)}</tspan>')
    return f'<text class="{row.kind}" x="{x:g}" y="{y:g}">{"".join(spans)}</text>'


# --- roads ---------------------------------------------------------------------------------------------------------


def _labels(scene: Scene) -> dict[str, list[_Row]]:
    return {
        edge.id: [_Row("label", line) for line in style.lines(edge.local, _LABEL_LIMIT)]
        for edge in scene.edges
        if edge.labelled and edge.local is not None
    }


def _label_height(rows: list[_Row]) -> float:
    return len(rows) * _LINES["label"] + 8


def _edge(edge: Edge, plan: Plan, label: list[_Row]) -> Iterator[str]:
    points, bend = plan.roads[edge.id], plan.bends[edge.id]
    lane = _LANE if edge.backward else 0.0
    yield f'<g class="edge" data-id="{edge.id}">'
    if edge.local is not None:
        yield f"<title>{escape(edge.local)}</title>"
    yield f'<path class="road forward" d="{_road(points, bend, -lane, end=-_TIP)}"/>'
    yield f'<path class="tip forward" d="{_tip(points[-1], -lane, -_TIP)}"/>'
    if edge.backward:
        yield f'<path class="road backward" d="{_road(points, bend, lane, start=_TIP)}"/>'
        yield f'<path class="tip backward" d="{_tip(points[0], lane, _TIP)}"/>'
    if label:
        at = plan.labels[edge.id]
        for line, row in enumerate(label):
            yield _text(row, at.x, at.y - _label_height(label) + _LINES["label"] * (line + 1) - 2)
    yield "</g>"


def _road(points: tuple[Point, ...], bend: float, lane: float, *, start: float = 0.0, end: float = 0.0) -> str:
    """A path through points at which it is horizontal, shifted sideways by a lane: straight or an S between them."""
    xs = [point.x for point in points]
    xs[0] += start
    xs[-1] += end
    path = [f"M{xs[0]:g} {_number(points[0].y + lane)}"]
    for i in range(1, len(points)):
        (here, there), (y, next_y) = xs[i - 1 : i + 1], (points[i - 1].y, points[i].y)
        if abs(y - next_y) < _LEVEL:
            path.append(f"L{_number(there)} {_number(next_y + lane)}")
            continue
        middle = here + bend * (there - here)
        # Where the road is steep, lanes that are only shifted up and down would touch.
        slope = math.atan2(2 * (next_y - y), there - here)
        middle -= lane * math.sin(slope) / 0.75
        path.append(
            f"C{_number(middle)} {_number(y + lane)} {_number(middle)} {_number(next_y + lane)} "
            f"{_number(there)} {_number(next_y + lane)}"
        )
    return "".join(path)


def _tip(point: Point, lane: float, length: float) -> str:
    y = point.y + lane
    return f"M{_number(point.x)} {_number(y)}l{length:g} {-_WING:g}v{2 * _WING:g}z"


def _number(value: float) -> str:
    return f"{round(value, 1):g}"


# --- words ---------------------------------------------------------------------------------------------------------


def _description(scene: Scene) -> str:
    """The picture in words, for those who do not see it."""
    boxes = [f"{box}." for box in scene.boxes if box.computed or len(scene.boxes) <= _MOST_TOLD]
    return " ".join([f"{len(scene.boxes)} boxes, from the inputs to the output.", *boxes, *scene.notes])


_LEGEND = (
    '<path class="road forward" d="M0 -4H20"/><path class="tip forward" d="M27 -4l-7 -3.5v7z"/>'
    '<text class="small" x="34">value</text>'
    '<path class="road backward" d="M87 -4H107"/><path class="tip backward" d="M80 -4l7 -3.5v7z"/>'
    '<text class="small" x="114">gradient</text>'
)


def _footer(scene: Scene) -> Iterator[tuple[float, str]]:
    """Lines under the picture with their widths: what the lanes mean, and the notes."""
    if any(edge.backward for edge in scene.edges):
        yield 190.0, _LEGEND
    for note in scene.notes:
        for line in style.wrapped(note, 60):
            yield style.width(line, _SIZES["small"]), f'<text class="small">{escape(line)}</text>'


def _colours(palette: style.Palette) -> str:
    rules = {
        ".page": f"fill:{palette.page}",
        "text": f"fill:{palette.text}",
        ".label,.small": f"fill:{palette.muted}",
        ".value,.number": f"fill:{palette.forward}",
        ".gradient,.gradient .number": f"fill:{palette.backward}",
        ".road.forward": f"stroke:{palette.forward}",
        ".road.backward": f"stroke:{palette.backward}",
        ".tip.forward": f"fill:{palette.forward}",
        ".tip.backward": f"fill:{palette.backward}",
        "path.rule": f"stroke:{palette.rule}",
        **{
            f".{role} rect": "fill:{};stroke:{}".format(*getattr(palette, role))
            for role in ("inner", "parameter", "data", "constant", "output")
        },
        ".nonfinite rect": f"stroke:{palette.backward}",
    }
    return "".join(f"{_scoped(selector)}{{{rule}}}" for selector, rule in rules.items())


def _scoped(selector: str) -> str:
    return ",".join(f".compgraph {part}" for part in selector.split(","))


_STYLE = (
    ".compgraph text{{text-anchor:middle;font-variant-numeric:tabular-nums}}"
    ".compgraph .small{{font:{small:g}px {sans};text-anchor:start}}"
    ".compgraph .head{{font:italic {head:g}px {serif}}}"
    ".compgraph .gradient{{font:italic {gradient:g}px {serif}}}"
    ".compgraph .label{{font:italic {label:g}px {serif}}}"
    ".compgraph .upright,.compgraph .raised{{font-style:normal}}"
    ".compgraph .raised{{font-size:70%}}"
    ".compgraph .value,.compgraph .number{{font:{number:g}px {sans}}}"
    ".compgraph path{{fill:none;stroke-width:1.8}}"
    ".compgraph rect{{stroke-width:1.5}}"
    ".compgraph .nonfinite rect{{stroke-width:4}}"
    ".compgraph .road.backward{{stroke-dasharray:6 3}}"
    ".compgraph path.rule{{stroke-width:1}}"
).format(**_SIZES, sans=style.SANS, serif=style.SERIF)
_STYLE += _colours(style.LIGHT) + f"@media (prefers-color-scheme:dark){{{_colours(style.DARK)}}}"
