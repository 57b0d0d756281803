"""The widget in a real JupyterLab: sliders set Nodes, Nodes move the picture, a formula becomes a graph."""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

expect = pytest.importorskip("playwright.sync_api").expect
pytest.importorskip("jupyterlab")
pytest.importorskip("anywidget")

ROOT = Path(__file__).parents[2]
NOTEBOOK = {
    "cells": [],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
# What asks the network for news, and what no cell needs.
SWITCHED_OFF = [
    "@jupyterlab/apputils-extension:announcements", "@jupyterlab/extensionmanager-extension",
    "@jupyterlab/lsp-extension", "@jupyterlab/debugger-extension", "@jupyterlab/terminal-extension",
]  # fmt: skip


class Notebook:
    """A notebook with a running kernel; cells are added at its end."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._cells = page.locator(".jp-Notebook .jp-CodeCell")

    def run(self, code: str) -> Locator:
        """Run a new cell; its output once it is done."""
        number = self._cells.count() - 1
        cell = self._cells.nth(number)
        cell.locator(".cm-content").click()
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Shift+Enter")
        cell.locator(".jp-InputPrompt", has_text=re.compile(r"\[\d+\]")).wait_for()
        return cell.locator(".jp-OutputArea-output")

    def says(self, expression: str, what: str) -> None:
        """What an expression is, in Python."""
        output = self.run(f"print({expression})")
        output.wait_for()
        assert output.inner_text().strip() == what

    def show(self, program: str, **values: float) -> Locator:
        """A widget of a new graph, called shown in Python; the player."""
        self.run("\n".join([
            f"nodes = cg.parse({program!r})",
            *(f"nodes[{name!r}].value = {value}" for name, value in values.items()),
            "shown = cg.widget(list(nodes.values())[-1])",
        ]))  # fmt: skip
        output = self.run("shown")
        output.locator("svg .box").first.wait_for()
        return output


@pytest.fixture(scope="module")
def jupyterlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own, with nothing of the user's; the address of a notebook in it."""
    folder = tmp_path_factory.mktemp("jupyterlab")
    (folder / "play.ipynb").write_text(json.dumps(NOTEBOOK))
    config = folder / "config" / "labconfig"
    config.mkdir(parents=True)
    (config / "page_config.json").write_text(json.dumps({"disabledExtensions": dict.fromkeys(SWITCHED_OFF, True)}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_urlsafe()
    own = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}",
    ]  # fmt: skip
    environment = os.environ | own | {"IPYTHONDIR": str(folder / "ipython"), "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)
    log = []
    for line in server.stderr or ():
        log.append(line)
        if "is running at" in line:
            break
    else:
        pytest.fail("JupyterLab did not start:\n" + "".join(log))
    yield f"http://127.0.0.1:{port}/doc/tree/play.ipynb?token={token}"
    server.terminate()
    server.communicate()


@pytest.fixture(scope="module")
def notebook(browser: Browser, jupyterlab: str) -> Iterator[Notebook]:
    page = browser.new_page()
    page.goto(jupyterlab)
    page.get_by_text("| Idle").wait_for()  # the kernel is there; cells run before that are lost
    notebook = Notebook(page)
    notebook.run("import compgraph as cg")
    yield notebook
    page.close()


def drag(slider: Locator, *, by: int) -> None:
    """Move a slider's handle, from the middle of the slider, by so many pixels."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    middle, height = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    slider.page.mouse.move(middle, height)
    slider.page.mouse.down()
    slider.page.mouse.move(middle + by, height, steps=5)
    slider.page.mouse.up()


def test_dragging_a_slider_sets_the_node_s_value_in_python(notebook: Notebook) -> None:
    player = notebook.show("z = w*x", w=0.5, x=3.0)
    picture = player.locator("svg .box", has_text="z =").text_content()
    drag(player.get_by_role("slider", name="w, slider"), by=30)
    expect(player.locator("svg .box", has_text="z =")).not_to_have_text(picture)
    value = float(player.get_by_role("textbox", name="w", exact=True).input_value())
    assert value != 0.5
    notebook.says("nodes['w'].value, shown.root.value == 3*nodes['w'].value", f"{value} True")
    expect(player.locator(".compgraph-told")).to_contain_text(f"{value:.6g}")


def test_a_node_that_is_set_in_python_moves_picture_slider_and_derivation(notebook: Notebook) -> None:
    player = notebook.show("z = w*x", w=0.5, x=3.0)
    box = player.locator("svg .box", has_text="z =")
    expect(box).to_contain_text("1.5")
    notebook.run("nodes['w'].value = 2")
    expect(box).to_contain_text("6")
    expect(player.get_by_role("textbox", name="w", exact=True)).to_have_value("2")
    expect(player.locator(".compgraph-told")).to_contain_text("2·3")


def test_a_typed_formula_becomes_a_graph_in_the_page_and_in_python(notebook: Notebook) -> None:
    player = notebook.show("z = w*x", w=0.5, x=3.0)
    player.get_by_label("Formula").fill("z = w*x; a = tanh(z - c)")
    player.locator("svg .box", has_text="tanh").wait_for()
    notebook.says(
        "*shown.nodes, shown.nodes['w'] is nodes['w'], shown.root", "w x c z a True a = tanh(z − c) = 0.761594"
    )
    drag(player.get_by_role("slider", name="w, slider"), by=-30)
    expect(player.get_by_role("textbox", name="w", exact=True)).not_to_have_value("0.5")
    notebook.says("nodes['w'].value < 0.5, shown.root.args[0].args[0].args[0] is nodes['w']", "True True")


def test_keys_are_the_widget_s_and_not_the_notebook_s(notebook: Notebook) -> None:
    """Else x would cut the cell, and an arrow key on a slider leave it for the next."""
    player = notebook.show("z = w*x", w=0.5, x=3.0)
    cells = notebook.page.locator(".jp-Notebook .jp-Cell")
    count = cells.count()
    slider = player.get_by_role("slider", name="w, slider")
    slider.press("ArrowUp")
    expect(player.get_by_role("textbox", name="w", exact=True)).not_to_have_value("0.5")
    expect(slider).to_be_focused()
    player.get_by_label("Formula").press("Control+A")
    player.get_by_label("Formula").press_sequentially("y = add(x, x)")
    expect(player.locator("svg .box", has_text="y =")).to_contain_text("6")
    slider.press("x")
    player.get_by_role("button", name="First step").press("x")
    assert cells.count() == count


def test_what_is_wrong_with_a_formula_is_shown_at_its_column(notebook: Notebook) -> None:
    player = notebook.show("z = w*x", w=0.5, x=3.0)
    field = player.get_by_label("Formula")
    field.fill("z = w*x; a = tanhh(z)")
    expect(player.get_by_role("alert")).to_contain_text("did you mean tanh?")
    expect(player.locator(".program pre")).to_have_text(f"z = w*x; a = tanhh(z)\n{' ' * 13}^")
    notebook.says("shown.root", "z = w·x = 1.5")
    field.fill("z = w*x; a = tanh(z)")
    expect(player.get_by_role("alert")).to_have_count(0)


def test_a_formula_that_is_set_in_python_is_in_the_field(notebook: Notebook) -> None:
    player = notebook.show("z = w*x", w=0.5, x=3.0)
    notebook.run("shown.program = 'y = w**2'")
    expect(player.get_by_label("Formula")).to_have_value("y = w**2")
    expect(player.locator("svg .box", has_text="y =")).to_contain_text("0.25")


def test_two_widgets_of_one_graph_move_together(notebook: Notebook) -> None:
    first = notebook.show("z = w*x", w=0.5, x=3.0)
    second = notebook.run("cg.widget(shown.root)")
    second.locator("svg .box").first.wait_for()
    drag(second.get_by_role("slider", name="w, slider"), by=30)
    expect(second.get_by_role("textbox", name="w", exact=True)).not_to_have_value("0.5")
    value = second.get_by_role("textbox", name="w", exact=True).input_value()
    expect(first.get_by_role("textbox", name="w", exact=True)).to_have_value(value)
