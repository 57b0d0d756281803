"""The page: one self-contained HTML file that plays a graph, and the same in a frame for a notebook.

No network, no ``eval``: the file's policy allows the one script in it, by its hash, and nothing else. Data is JSON that
no markup can end. Without scripts the static picture stays.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from ..codegen.escapes import html_text
from ..codegen.javascript import table_source
from ..codegen.sources import TranslationError
from .style import DARK, LIGHT, SANS, SERIF
from .svg import STYLE, to_svg

if TYPE_CHECKING:
    from .payload import Payload
    from .style import Palette

__all__ = ["asset", "json_text", "playable", "player_style", "script_source", "style_sheet", "to_frame", "to_html"]

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body class="compgraph-page">
<main id="player">{picture}</main>
<script type="application/json" id="data">{data}</script>
<script type="module">{script}</script>
</body>
</html>
"""

_START = """
const place = document.getElementById("player");
place.replaceChildren(); // the static picture, which was there in case no script may run
mount(place, JSON.parse(document.getElementById("data").textContent), {table});
if (parent !== window) {
  // A notebook shows the page in a frame, which follows the page's height; it asks when it is ready to.
  const tell = () => parent.postMessage({compgraph: place.scrollHeight}, "*");
  new ResizeObserver(tell).observe(place);
  addEventListener("message", tell);
}
"""

_BODY = (
    f"body.compgraph-page{{margin:0;background:{LIGHT.page}}}"
    f"@media (prefers-color-scheme:dark){{body.compgraph-page{{background:{DARK.page}}}}}"
)

# What the notebook runs once the frame is there: the static picture makes room, and the height follows.
_FOLLOW = (
    "this.previousElementSibling.hidden=true;"
    "window.addEventListener('message',event=>{"
    "if(event.source===this.contentWindow&&event.data&&event.data.compgraph)"
    "this.style.height=Math.min(4000,event.data.compgraph+24)+'px'});"
    "this.contentWindow.postMessage('height?','*')"
)


def to_html(payload: Payload, picture: str) -> str:
    """The page as one HTML file.

    Args:
        payload: What it plays.
        picture: The static picture, as SVG.

    Where an op cannot be computed in a page, the page says so, has the steps, and no sliders.
    """
    data, table = playable(payload)
    script = f"{table}\n{asset('player.js')}{_START}"
    policy = f"default-src 'none'; script-src {script_source(script)}; style-src 'unsafe-inline'; img-src data:"
    return _PAGE.format(
        policy=policy,
        title=html_text(data["title"]),
        style=style_sheet(),
        picture=picture,
        data=json_text(data),
        script=script,
    )


def to_frame(page: str, picture: str, title: str) -> str:
    """The page in a frame, with the static picture under it, for a notebook.

    Where scripts or frames are not allowed, as in a notebook that is not trusted, the picture stays.

    Args:
        page: The page's HTML.
        picture: The static picture, as SVG.
        title: What the picture shows, in words.

    >>> to_frame("<p>", "<svg/>", "a < b")[:60]
    '<div><img alt="a &lt; b" style="max-width:100%" src="data:im'
    """
    encoded = base64.b64encode(picture.encode()).decode()
    name = html_text(title)
    return (
        f'<div><img alt="{name}" style="max-width:100%" src="data:image/svg+xml;base64,{encoded}">'
        f'<iframe title="{name}" style="width:100%;height:560px;border:0" sandbox="allow-scripts" '
        f'onload="{html_text(_FOLLOW)}" srcdoc="{html_text(page)}"></iframe></div>'
    )


def playable(payload: Payload) -> tuple[dict[str, Any], str]:
    """The data of a page, with its pictures, and the table of its ops; where an op has none, data that say so.

    >>> from .payload import Payload
    >>> playable(Payload({"title": "nothing", "views": []}, (), ()))[0]
    {'title': 'nothing', 'views': []}
    """
    pictures = [to_svg(scene, is_live=True) for scene in payload.scenes]
    views = [{**view, "svg": svg} for view, svg in zip(payload.data["views"], pictures, strict=True)]
    data = {**payload.data, "views": views}
    try:
        return data, table_source(payload.ops)
    except TranslationError as error:
        return {**data, "live": f"Numbers stay as they were drawn: {error.message}"}, table_source(())


def script_source(script: str) -> str:
    """How a page's policy names the one script that may run in it, by its hash.

    >>> script_source("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def style_sheet() -> str:
    """The style of the player, of the pictures in it, and of a page that is nothing else."""
    return f"{STYLE}{player_style()}{_BODY}"


def player_style() -> str:
    """The style of the player: its colours and fonts are those of the pictures."""
    return (
        f".compgraph-player{{{_variables(LIGHT)};--sans:{SANS};--serif:{SERIF}}}"
        f"@media (prefers-color-scheme:dark){{.compgraph-player{{{_variables(DARK)}}}}}\n{asset('player.css')}"
    )


def _variables(palette: Palette) -> str:
    colours = {
        **{name: getattr(palette, name) for name in ("page", "text", "muted", "rule", "forward", "backward")},
        "card": palette.inner[0],
        "parameter": palette.parameter[1],
        "data": palette.data[1],
        "on-forward": palette.page,
    }
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())


def json_text(data: Any) -> str:
    r"""JSON that stands inside a script element as it is: nothing in it can end the element, or begin a comment.

    >>> json_text({"name": "</script><!--"})
    '{"name":"\\u003c/script>\\u003c!--"}'
    """
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


@functools.cache
def asset(name: str) -> str:
    """A text file that belongs to the page."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
