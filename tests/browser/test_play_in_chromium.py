"""``compgraph play`` in a browser: a formula is typed, numbers follow, mistakes are shown, nothing leaves the page."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from compgraph import parse
from compgraph.play import PROGRAM, VALUES, Playground

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator, Page

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """``opened(program, values)``: the page of a server of its own; nothing is on its console, no request leaves it."""
    with Playground(PROGRAM, VALUES) as playground:
        page, troubles = browser.new_page(), []
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: request.url.startswith(playground.address) or troubles.append(request.url))
        thread = threading.Thread(target=playground.serve_forever)
        thread.start()

        def go(program: str = PROGRAM, values: dict[str, float] | None = None, **options: Any) -> Page:
            playground.program, playground.values = program, VALUES if values is None else values
            page.set_viewport_size({"width": options.get("width", 1280), "height": 900})
            page.goto(playground.address)
            page.locator("svg .box").first.wait_for()
            return page

        yield go
        page.close()
        playground.shutdown()
        thread.join()
    assert troubles == []


def box(page: Page, name: str) -> Locator:
    return page.locator("svg").get_by_role("button", name=f"{name}: value")


def until(page: Page, is_so: Callable[[], object]) -> None:
    """Let the page go on until something is so."""
    for _ in range(500):
        if is_so():
            return
        page.wait_for_timeout(10)
    pytest.fail("nothing came")


def test_it_opens_with_program_picture_and_derivation(opened: Callable[..., Page]) -> None:
    page = opened()
    expect(page.get_by_label("Formula")).to_have_value(PROGRAM)
    expect(box(page, "L")).to_contain_text("0.8544")
    expect(page.locator("#derivation")).to_contain_text("= a − y")


def test_typing_a_program_draws_its_graph_and_keeps_the_values(opened: Callable[..., Page]) -> None:
    page = opened("z = w*x", {"w": 2.0, "x": 3.0})
    page.get_by_label("Formula").fill("z = w*x + c\na = tanh(z)")
    expect(box(page, "z")).to_contain_text("6.5")
    expect(box(page, "a")).to_contain_text("tanh")
    expect(page.get_by_role("textbox", name="c", exact=True)).to_have_value("0.5")
    expect(page.locator("#derivation")).to_contain_text("tanh(6.5)")


def test_a_slider_moves_picture_and_derivation_as_python_would(opened: Callable[..., Page]) -> None:
    page = opened()
    page.get_by_role("textbox", name="w1", exact=True).fill("3")
    page.get_by_role("textbox", name="w1", exact=True).press("Enter")
    nodes = parse(PROGRAM)
    for name, value in (VALUES | {"w1": 3.0}).items():
        nodes[name].value = value
    expect(box(page, "L")).to_contain_text(f"{nodes['L'].value:.4g}")
    expect(page.locator("#derivation")).to_contain_text(f"{nodes['L'].value:.6g}")


def test_a_moved_value_outlives_programs_in_which_it_is_not(opened: Callable[..., Page]) -> None:
    page = opened("z = w*x", {"w": 2.0, "x": 3.0})
    page.get_by_role("textbox", name="w", exact=True).fill("7")
    page.get_by_role("textbox", name="w", exact=True).press("Enter")
    page.get_by_label("Formula").fill("y = 2*x")
    expect(box(page, "y")).to_contain_text("6")
    page.get_by_label("Formula").fill("z = w*x")
    expect(box(page, "z")).to_contain_text("21")


def test_an_input_that_moves_before_the_graph_is_there_moves_its_derivation(opened: Callable[..., Page]) -> None:
    page, held = opened("z = w*x", {"w": 2.0, "x": 3.0}), []
    page.route("**/program", lambda route: held.append(route))  # noqa: PLW0108  # a method cannot be marked
    page.get_by_label("Formula").fill("z = w*x + 1")
    until(page, lambda: held)
    page.get_by_role("textbox", name="w", exact=True).fill("7")
    expect(page.locator("#derivation")).to_contain_text("= 21")
    held[0].continue_()
    expect(box(page, "z")).to_contain_text("22")
    expect(page.locator("#derivation")).to_contain_text("= 22")


def test_an_answer_that_is_overtaken_is_not_shown(opened: Callable[..., Page]) -> None:
    page, held = opened("z = w*x", {"w": 2.0, "x": 3.0}), []
    page.route("**/program", lambda route: held.append(route))  # noqa: PLW0108  # a method cannot be marked
    for count, program in enumerate(("z = w + x", "z = w - x"), 1):
        page.get_by_label("Formula").fill(program)
        until(page, lambda count=count: len(held) == count)
    for route in reversed(held):
        with page.expect_response("**/program"):
            route.continue_()
    page.get_by_role("textbox", name="w", exact=True).fill("7")
    expect(box(page, "z")).to_contain_text("4")
    expect(page.locator("#derivation")).to_contain_text("w − x")


def test_inputs_may_be_called_as_what_every_object_of_javascript_has(opened: Callable[..., Page]) -> None:
    page = opened("z = w*x", {"w": 2.0, "x": 3.0})
    page.get_by_label("Formula").fill("y = 4*constructor + 8*__proto__ + toString")
    expect(box(page, "y")).to_contain_text("6.5")
    for name in ("constructor", "__proto__", "toString"):
        page.get_by_role("textbox", name=name, exact=True).fill("1")
        page.get_by_role("textbox", name=name, exact=True).press("Enter")
    expect(box(page, "y")).to_contain_text("13")
    expect(page.locator("#derivation")).to_contain_text("= 13")


def test_a_mistake_is_marked_at_its_column_and_the_picture_stays(opened: Callable[..., Page]) -> None:
    page = opened("z = w*x", {"w": 2.0, "x": 3.0})
    page.get_by_label("Formula").fill("z = w*x\na = tanhh(z)")
    expect(page.locator(".program pre")).to_have_text("a = tanhh(z)\n    ^")
    expect(page.get_by_role("alert")).to_contain_text("did you mean tanh?")
    expect(box(page, "z")).to_contain_text("6")


@pytest.mark.parametrize("program", ["alert(1)", "z = '</script><img src=x onerror=alert(1)>'", "<b>x</b>"])
def test_what_is_typed_is_never_run(opened: Callable[..., Page], program: str) -> None:
    page = opened("z = w*x")
    page.get_by_label("Formula").fill(program)
    expect(page.get_by_role("alert")).not_to_be_empty()
    assert page.locator("img").count() == 0
    expect(box(page, "z")).to_contain_text("0.25")


def test_on_a_telephone_nothing_is_wider_than_the_page(opened: Callable[..., Page]) -> None:
    page = opened(width=390)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_command_s_own_page_says_when_the_command_has_ended(browser: Browser) -> None:
    command = [sys.executable, "-m", "compgraph", "play", "--no-browser", "z = w*x"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    page = browser.new_page()
    page.goto(process.stdout.readline().strip())
    expect(box(page, "z")).to_contain_text("0.25")
    process.terminate()
    process.communicate()
    page.get_by_label("Formula").fill("z = w + x")
    expect(page.get_by_role("alert")).to_contain_text("closed in the terminal")
    page.close()
