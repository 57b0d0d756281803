"""A drawing in a real JupyterLab: the page in a frame, and the static picture where no page may run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.notebooks import Notebook

expect = pytest.importorskip("playwright.sync_api").expect
pytest.importorskip("jupyterlab")


def test_where_frames_are_cleaned_away_the_picture_stays(notebook: Notebook) -> None:
    """As JupyterLab shows a notebook that is not trusted: without frames and scripts."""
    output = notebook.run(
        "from IPython.display import HTML\n"
        "bundle = cg.draw(cg.parse('z = w*x')['z'])._repr_mimebundle_()\n"
        "HTML(bundle['text/html'].partition('<iframe')[0] + '</div>')"
    )
    picture = output.locator("img")
    picture.wait_for()
    assert picture.evaluate("img => img.complete && img.naturalWidth > 100")
    assert picture.get_attribute("alt") == "Computation graph of z"


def test_a_drawing_is_a_page_as_high_as_it_needs_that_steps_and_the_picture_makes_room(notebook: Notebook) -> None:
    output = notebook.run("cg.draw(cg.parse('z = w*x')['z'])")
    output.locator("iframe").wait_for()
    page = output.frame_locator("iframe")
    page.locator("svg .box").first.wait_for()
    expect(output.locator("img")).to_be_hidden()
    expect(output.locator("iframe")).not_to_have_css("height", "560px")
    height = page.locator("main").evaluate("main => main.scrollHeight")
    box = output.locator("iframe").bounding_box()
    assert box is not None
    assert 0 <= box["height"] - height <= 30
    page.get_by_role("button", name="First step").click()
    page.get_by_role("button", name="Next step").click()
    expect(page.locator("[aria-live]").first).to_contain_text("Forward: z")
