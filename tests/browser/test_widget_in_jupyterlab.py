"""The widget in a real JupyterLab: sliders set Nodes, Nodes move the picture, a formula becomes a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.browser.notebooks import Notebook

expect = pytest.importorskip("playwright.sync_api").expect
pytest.importorskip("jupyterlab")
pytest.importorskip("anywidget")


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
    slider.press("x")
    expect(slider).to_be_focused()
    player.get_by_label("Formula").press("Control+A")
    player.get_by_label("Formula").press_sequentially("y = add(x, x)")
    expect(player.locator("svg .box", has_text="y =")).to_contain_text("6")
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
