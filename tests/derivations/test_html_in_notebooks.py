"""A derivation on a page with JupyterLab's own rules for tables, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import compgraph as cg
from compgraph import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

# From JupyterLab 4.6, and from the pages that nbconvert makes.
JUPYTERLAB = """
.jp-RenderedHTMLCommon table {border: none; color: rgb(33, 33, 33); table-layout: fixed; margin-left: auto}
.jp-RenderedHTMLCommon td, .jp-RenderedHTMLCommon th, .jp-RenderedHTMLCommon tr
  {vertical-align: middle; padding: 0.5em; line-height: normal; white-space: normal; max-width: none; border: none}
:not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon td, :not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon th,
:not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon tr {text-align: right}
.jp-RenderedHTMLCommon th {font-weight: bold}
.jp-RenderedHTMLCommon tbody tr:nth-child(odd) {background: rgb(255, 0, 0)}
.jp-RenderedHTMLCommon tbody tr:nth-child(even) {background: rgb(245, 245, 245)}
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """The chain rule for w·x, in a notebook's output."""
    w, x = Node(2.0, "w"), Node(3.0, "x")
    derivation = cg.explain((w * x).named("z"), of=w)
    page = browser.new_page(viewport={"width": 900, "height": 700})
    page.set_content(
        f"<!doctype html><style>{JUPYTERLAB}</style><div class='jp-RenderedHTMLCommon'>{derivation.html}</div>"
    )
    yield page
    page.close()


def styles(page: Page, selector: str, rule: str) -> set[str]:
    """What the elements have as this rule."""
    every = f"elements => elements.map(element => getComputedStyle(element)['{rule}'])"
    found = page.locator(f".compgraph-derivation {selector}").evaluate_all(every)
    assert found
    return set(found)


def test_names_stand_right_and_formulas_left_beside_them(page: Page) -> None:
    assert styles(page, "th[scope=row]", "textAlign") == {"right"}
    assert styles(page, "td", "textAlign") == {"left"}


def test_rows_have_no_stripes(page: Page) -> None:
    assert styles(page, "tr", "backgroundColor") == {"rgba(0, 0, 0, 0)"}


def test_the_column_of_names_is_narrow(page: Page) -> None:
    widths = page.locator("th[scope=row]").evaluate_all("heads => heads.map(head => head.offsetWidth)")
    assert max(widths) < 100


def test_text_is_light_on_dark_where_the_reader_s_system_is_dark(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    assert styles(page, "td", "color") == {"rgb(232, 234, 237)"}


def test_names_are_no_headings(page: Page) -> None:
    assert styles(page, "th[scope=row]", "fontWeight") == {"400"}
