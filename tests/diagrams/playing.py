"""A small page for the player's tests: L = (σ(w·x) − y)², drawn and told by hand, at two levels, one with a fold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import compgraph
from compgraph.diagrams.page import player_style
from compgraph.graph import number
from compgraph.node import Node
from compgraph.ops import sigmoid

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = Path(compgraph.__file__).parent / "diagrams"

TABLE = """
const sigma = (x) => x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
const table = {
  add: {value: (x, y) => x + y, partials: [() => 1, () => 1], selects: false},
  sub: {value: (x, y) => x - y, partials: [() => 1, () => -1], selects: false},
  mul: {value: (x, y) => x * y, partials: [(o, x, y) => y, (o, x, y) => x], selects: false},
  neg: {value: (x) => -x, partials: [() => -1], selects: false},
  log: {value: (x) => Math.log(x), partials: [(o, x) => 1 / x], selects: false},
  sigmoid: {value: sigma, partials: [(o, x) => o * sigma(-x)], selects: false},
  where: {value: (c, x, y) => c ? x : y, partials: [null, (o, c) => c ? 1 : 0, (o, c) => c ? 0 : 1], selects: true},
};
"""

PROGRAM = {
    "ops": ["add", "sub", "mul", "neg", "sigmoid"],
    "code": [
        [-1, 0.5], [-1, 2.0], [-1, 1.0],  # w, x, y
        [2, 0, 1], [4, 3], [1, 4, 2], [2, 5, 5],  # z = w·x, a = σ(z), a − y, L
        [-1, 1.0], [1, 7, 4], [2, 4, 8],  # a·(1 − a)
        [0, 5, 5], [3, 10],  # 2·(a − y) and its negative
    ],
    "root": 6,
}  # fmt: skip

Part = Any
_HEADS = {"z": "w·x", "a": "σ(z)", "L": "(a − y)²"}
_NODES = {"w": 0, "x": 1, "y": 2, "z": 3, "a": 4, "L": 6}
_PLACES = {"w": (20, 20), "x": (20, 140), "z": (240, 60), "a": (520, 60), "y": (520, 200), "L": (800, 60)}
_EDGES = {
    "zx0": ("w", "z", 1),
    "zx1": ("x", "z", 0),
    "ax0": ("z", "a", 9),
    "Lx0": ("a", "L", 10),
    "Lx1": ("y", "L", 11),
}


def value(box: str) -> Part:
    return {"value": box}


def text(words: str) -> Part:
    return ["upright", words]


def gradient(box: str) -> list[Part]:
    """``dz = da · ∂a/∂z = −0.5 · 0.25 = −0.125``, in the three-part form."""
    readers = [key for key, (source, _, _) in _EDGES.items() if source == box]
    if not readers:
        return [["italic", f"d{box}"], text(" = "), {"gradient": box}]
    products = [[{"gradient": _EDGES[key][1]}, {"slope": key, "brackets": True}] for key in readers]
    symbols = " + ".join(f"d{_EDGES[key][1]} · ∂{_EDGES[key][1]}/∂{box}" for key in readers)
    return [["italic", f"d{box}"], text(f" = {symbols} = "), {"sum": products, "of": box}, {"gradient": box}]


def payload() -> dict[str, Any]:
    """What Python gives to the player."""
    return {
        "title": "Computation graph of L",
        "program": PROGRAM,
        "live": "",
        "inputs": [
            {"node": node, "box": name, "name": name, "runs": [["italic", name]], "role": role, "value": start}
            for node, (name, role, start) in enumerate(
                [("w", "parameter", 0.5), ("x", "data", 2.0), ("y", "data", 1.0)]
            )
        ],
        "views": [
            _view("lecture", list("wxzayL")),
            _view("collapsed", ["w", "x", "s", "y", "L"]),
            _view("collapsed", list("wxzayL"), opened="s"),
        ],
        "first": 0,
    }


def _view(level: str, names: list[str], opened: str = "") -> dict[str, Any]:
    edges = {key: edge for key, edge in _EDGES.items() if {edge[0], edge[1]} <= {*names}}
    return {
        "level": level,
        "open": [opened] if opened else [],
        "svg": _svg(names, edges, opened),
        "boxes": {name: _box(name) for name in names},
        "edges": {
            key: {
                "source": source, "target": target, "slope": slope, "back": source in "wza",
                "rule": [[text(f"∂{target}/∂{source} = "), {"slope": key}]],
            }
            for key, (source, target, slope) in edges.items()
        },
        "frames": [
            *(
                {
                    "phase": "forward", "box": name, "edges": [key for key in edges if edges[key][1] == name],
                    "lines": [[["italic", name], text(f" = {_HEADS[name]} = "), value(name)]],
                }
                for name in "zaL" if name in names
            ),
            *(
                {
                    "phase": "backward", "box": name, "edges": [key for key in edges if edges[key][0] == name],
                    "lines": [gradient(name)],
                }
                for name in "Lazw" if name in names
            ),
        ],
    }  # fmt: skip


def _box(name: str) -> dict[str, Any]:
    if name == "s":
        return {"name": "layer", "node": None, "gradient": None, "fold": "open", "limits": [], "rule": []}
    # The rule of a box that has frames are their lines.
    rule = [[["italic", name], text(" = "), value(name)]] if name in "wxy" else []
    return {
        "name": name, "node": _NODES[name], "gradient": {"adjoint": _NODES[name]} if name in "wzaL" else None,
        "fold": "", "limits": [0, 1] if name == "a" else [], "rule": rule,
    }  # fmt: skip


def _svg(names: list[str], edges: dict[str, Any], opened: str) -> str:
    places = {**_PLACES, "s": (380, 60)}
    size = 'width="1000" height="300" viewBox="0 0 1000 300"'
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" class="compgraph" {size} role="img"><g>']
    if opened:
        lines.append(f'<g class="group" data-id="{opened}"><rect x="230" y="30" width="460" height="150"/></g>')
    for key, (source, target, _) in edges.items():
        (x, y), (to_x, to_y) = places[source], places[target]
        path = f"M{x + 160} {y + 40}L{to_x} {to_y + 40}"
        lines.append(
            f'<g class="edge" data-id="{key}"><title>t</title><path class="road forward" d="{path}"/>'
            f'<path class="road backward" d="{path}"/><text class="label" x="{(x + to_x) / 2 + 80}" y="{y + 20}">'
            '<tspan class="upright">= </tspan><tspan class="number" data-slot="slope">0.25</tspan></text></g>'
        )
    for name in names:
        x, y = places[name]
        head = '<tspan class="sign"> = </tspan><tspan class="number" data-slot="value">7</tspan>'
        rows = f'<text class="value" x="{x}" y="{y + 50}"><tspan class="number" data-slot="value">7</tspan></text>'
        lines.append(
            f'<g class="box inner" data-id="{name}"><title>t</title><rect x="{x}" y="{y}" width="160" height="80"/>'
            f'<text class="head" x="{x}" y="{y + 20}">{name}{head if name in "wxy" else ""}</text>'
            f'{rows if name in "zaL" else ""}<text class="gradient" x="{x}" y="{y + 70}">'
            '<tspan class="number" data-slot="gradient">7</tspan></text></g>'
        )
    return "".join([*lines, "</g></svg>"])


def html(data: dict[str, Any] | None = None, players: int = 1) -> str:
    """A page in which ``players`` is the list of what ``mount`` returned, and ``changes`` what readers have changed."""
    # In a script of a page nothing may look like its end.
    data_text = json.dumps(payload() if data is None else data).replace("</", "<\\/")
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>L</title>
<style>body {{ margin: 0 }} {player_style()}</style></head>
<body>{"<main></main>" * players}<script type="module">{(FOLDER / "player.js").read_text("utf-8")}
{TABLE}
const data = {data_text};
Object.assign(window, {{ number, evaluate, mount, table, data, changes: [], programs: [] }});
window.players = [...document.querySelectorAll("main")].map((element) =>
  mount(element, structuredClone(data), {{ table, onInput: (values) => window.changes.push(values) }}));
</script></body></html>"""


# --- what a reader sees ---------------------------------------------------------------------------------------------


def graph(w: float = 0.5, x: float = 2.0, y: float = 1.0) -> dict[str, tuple[str, str]]:
    """Value and gradient of every box, as compgraph has them."""
    leaves = Node(w, "w"), Node(x, "x"), Node(y, "y")
    z = leaves[0] * leaves[1]
    a = sigmoid(z)
    root = (a - leaves[2]) * (a - leaves[2])
    root.backward()
    nodes = dict(zip("wxyzaL", [*leaves, z, a, root], strict=True))
    return {name: (number(node.value, 4), number(node.grad, 4)) for name, node in nodes.items()}


def shown(page: Page) -> dict[str, tuple[str, str]]:
    """Value and gradient of every box, as the picture shows them."""
    found = page.evaluate("""() => [...document.querySelectorAll("g.box")].map((box) => [box.dataset.id,
        ["value", "gradient"].map((slot) => box.querySelector(`[data-slot=${slot}]`)?.textContent)])""")
    return {name: tuple(texts) for name, texts in found}


def step(page: Page, times: int) -> None:
    """Some steps from the start."""
    page.get_by_label("First step").click()
    for _ in range(times):
        page.get_by_label("Next step").click()


def sentence(page: Page) -> str:
    return " | ".join(page.locator(".sentence p").all_inner_texts())


def computed(page: Page, selector: str, what: str) -> str:
    return page.locator(selector).first.evaluate(f"(element) => getComputedStyle(element).{what}")
