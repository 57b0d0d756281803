"""`draw` and `Drawing`: what a user calls."""

from __future__ import annotations

import os
import sys
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import graphviz
import pytest

from compgraph import graph
from compgraph.diagrams import Drawing, draw
from compgraph.errors import DiagramError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from compgraph.node import Node


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        (".svg", b"<svg"),
        (".png", b"\x89PNG"),
        (".dot", b"digraph"),
        (".mmd", b"%%{init"),
        (".SVG", b"<svg"),
        (".txt", "┌──".encode()),
    ],
)
def test_save_writes_what_the_suffix_says(lecture: Node, tmp_path: Path, suffix: str, start: bytes) -> None:
    path = tmp_path / f"lecture{suffix}"
    assert draw(lecture).save(path) == path
    assert path.read_bytes().startswith(start)


def test_save_takes_a_path_as_text(lecture: Node, tmp_path: Path) -> None:
    assert draw(lecture).save(f"{tmp_path}/lecture.svg").read_text(encoding="utf-8") == draw(lecture).svg


def test_pdf_without_graphviz_names_the_remedies(lecture: Node, tmp_path: Path) -> None:
    with pytest.raises(DiagramError, match=r"save \.svg.*print that to PDF, or install Graphviz"):
        draw(lecture).save(tmp_path / "lecture.pdf")
    assert not (tmp_path / "lecture.pdf").exists()


@pytest.mark.parametrize("name", ["lecture.gif", "lecture", ".svg"])
def test_an_unknown_suffix_names_those_there_are(lecture: Node, tmp_path: Path, name: str) -> None:
    with pytest.raises(DiagramError, match=r"names no format; write one of \.svg, \.png, \.pdf, \.dot"):
        draw(lecture).save(tmp_path / name)


def test_save_makes_no_folder(lecture: Node, tmp_path: Path) -> None:
    with pytest.raises(DiagramError, match=r"folder .*missing does not exist; make it first"):
        draw(lecture).save(tmp_path / "missing" / "lecture.svg")
    assert not (tmp_path / "missing").exists()


def test_a_save_that_fails_leaves_the_old_file(lecture: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lecture.svg"
    path.write_text("old")

    def refuse(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fdopen", refuse)
    with pytest.raises(OSError, match="disk full"):
        draw(lecture).save(path)
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["lecture.svg"]


def test_a_drawing_is_of_the_graph_as_it_was(lecture: Node) -> None:
    drawing = draw(lecture)
    graph.find(lecture, "w1").value = 5.0
    assert "w₁ = −0.8" in drawing.dot
    assert "w₁ = 5" in draw(lecture).dot


def test_to_graphviz_gives_a_digraph_of_ones_own(lecture: Node) -> None:
    drawing = draw(lecture)
    diagram = drawing.to_graphviz()
    diagram.node("mine")
    assert isinstance(diagram, graphviz.Digraph)
    assert "mine" not in drawing.dot
    assert diagram.pipe("svg", encoding="utf-8").count(">mine</text>") == 1


def test_a_notebook_gets_the_picture_and_a_line_of_text(lecture: Node) -> None:
    bundle = draw(lecture)._repr_mimebundle_(include=None, exclude=None)
    assert ET.fromstring(bundle["image/svg+xml"]).get("class") == "compgraph"
    assert bundle["text/plain"] == "<Drawing of L: 9 boxes, 8 edges>"


def test_a_drawing_prints_as_text(lecture: Node) -> None:
    drawing = draw(lecture)
    assert f"{drawing}\n" == drawing.text
    assert "│ a = σ(z) = 0.1824 │" in drawing.text


def test_a_drawing_gives_its_mermaid_text(lecture: Node) -> None:
    assert draw(lecture).mermaid.splitlines()[1] == "flowchart LR"


def test_repr_lays_nothing_out(lecture: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wasmtime", None)
    drawing = draw(lecture)
    assert repr(drawing) == "<Drawing of L: 9 boxes, 8 edges>"
    with pytest.raises(DiagramError, match="pip install"):
        _ = drawing.svg


def test_threads_draw_at_once(lecture: Node) -> None:
    expected = draw(lecture).svg
    with ThreadPoolExecutor(4) as pool:
        pictures = list(pool.map(lambda _: Drawing(draw(lecture).scene).svg, range(12)))
        pages = list(pool.map(lambda _: draw(lecture).html, range(8)))
    assert set(pictures) == {expected}
    assert set(pages) == {draw(lecture).html}


def test_a_network_of_hundreds_of_operations_is_drawn(network: Callable[..., Node]) -> None:
    root = network(3, 10, 7, 1)
    drawing = draw(root, "ops", max_nodes=400)
    assert 300 < len(drawing.scene.boxes) <= 400
    assert drawing.svg.count('class="box ') == len(drawing.scene.boxes)


def test_more_boxes_than_anybody_can_read_are_collapsed_and_the_picture_says_so(network: Callable[..., Node]) -> None:
    scene = draw(network(4, 30, 10, 1), "ops").scene
    assert (scene.level, len(scene.boxes) <= 150) == ("collapsed", True)
    assert scene.notes[0].startswith("Collapsed, for 1")
    assert "boxes are more than max_nodes=150" in scene.notes[0]
