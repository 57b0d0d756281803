"""The page in Chromium: what a reader sees, hears and changes, and that nothing leaves it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from compgraph import graph
from compgraph.declaration import op
from compgraph.diagrams import draw
from compgraph.diagrams.page import json_text
from compgraph.node import Node
from compgraph.ops import exp, log, relu, sigmoid, tanh
from compgraph.reverse import adjoints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}

Open = "Callable[..., Page]"


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Open the page of a graph; when the test is over, it has asked for nothing and complained of nothing."""
    said: list[str] = []
    asked: list[str] = []
    context = browser.new_context(viewport=WIDE, reduced_motion="reduce")

    def open_page(root: Node, viewport: dict[str, int] | None = None, **options: Any) -> Page:
        path = draw(root, **options).save(tmp_path / "graph.html")
        page = context.new_page()
        page.set_viewport_size(viewport or WIDE)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        page.locator(".compgraph-player").wait_for()
        return page

    yield open_page
    context.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def sentence(page: Page) -> str:
    """What the page says of the present step, its paragraphs joined."""
    return page.locator("[aria-live]").first.inner_text().replace("\n\n", "\n").strip()


def click(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def steps(page: Page) -> list[str]:
    """All sentences, from the first step to the last."""
    click(page, "First step")
    said = [sentence(page)]
    while page.get_by_role("button", name="Next step", exact=True).is_enabled():
        click(page, "Next step")
        said.append(sentence(page))
    return said


def number_in(page: Page, box: str, slot: str) -> str:
    return page.locator(f"svg g.box[data-id='{box}'] [data-slot='{slot}']").first.inner_text()


def numbers(page: Page, slot: str = "value") -> dict[str, str]:
    """The number that each box shows."""
    spans: Locator = page.locator(f".compgraph-player g.box [data-slot='{slot}']")
    return dict(spans.evaluate_all("all => all.map(one => [one.closest('[data-id]').dataset.id, one.textContent])"))


def field(page: Page, name: str) -> Locator:
    return page.get_by_role("textbox", name=name, exact=True).or_(page.get_by_role("spinbutton", name=name, exact=True))


def expected(root: Node, slot: str) -> dict[str, str]:
    """The numbers that Python would draw for this graph now."""
    root.backward()
    boxes = draw(root).scene.boxes
    if slot == "value":
        return {box.id: box.value for box in boxes if box.value is not None}
    return {box.id: box.gradient.value for box in boxes if box.gradient is not None}


def until(page: Page, wanted: dict[str, str], slot: str = "value") -> None:
    """Wait until the page shows these numbers; a page draws once for each frame of the screen."""
    page.wait_for_function(
        """([wanted, slot]) => [...document.querySelectorAll(`.compgraph-player g.box [data-slot=${slot}]`)]
          .every(one => wanted[one.closest('[data-id]').dataset.id] === one.textContent)""",
        arg=[wanted, slot],
        timeout=5000,
    )


# --- steps ---------------------------------------------------------------------------------------------------------


def test_the_steps_are_the_lecture_s_sentences_in_its_order(opened: Open, lecture: Node) -> None:
    said = steps(opened(lecture))
    titles = [text.partition("\n")[0] for text in said]
    assert titles[1:-1] == [
        "Forward: z", "Forward: a", "Forward: L",
        "Backward: L", "Backward: a", "Backward: z", "Backward: w1", "Backward: w2", "Backward: b",
    ]  # fmt: skip
    assert "z = w1·x1 + w2·x2 + b = (−0.8)·1.5 + 1.2·(−0.5) + 0.3 = −1.5" in said[1]
    assert "dz = da·∂a/∂z = −5.482 · 0.1491 = −0.8176" in said[6]
    assert "∂a/∂z = a·(1 − a) = 0.1491" in said[6]
    assert "In short, dz = a − y" in said[6]


def test_stepping_back_says_the_same_as_stepping_forward(opened: Open, lecture: Node) -> None:
    page = opened(lecture)
    forward = steps(page)
    back = [sentence(page)]
    while page.get_by_role("button", name="Previous step", exact=True).is_enabled():
        click(page, "Previous step")
        back.append(sentence(page))
    assert back == forward[::-1]


def test_the_ops_have_a_step_for_every_operation(opened: Open, lecture: Node) -> None:
    page = opened(lecture, level="ops")
    said = steps(page)
    operations = [node for node in graph.order(lecture, typed=True, twins=False) if node.args]
    assert sum(text.startswith("Forward:") for text in said) == len(operations)
    assert any("da = dv4·∂v4/∂a + dv7·∂v7/∂a = " in text for text in said)


def test_what_is_not_reached_yet_shows_no_number(opened: Open, lecture: Node) -> None:
    page = opened(lecture)
    click(page, "First step")
    click(page, "Next step")
    seen = page.locator(".compgraph-player svg.compgraph").evaluate("""svg =>
      [...svg.querySelectorAll('g.box [data-slot]')].filter(span => getComputedStyle(span).visibility === 'visible'
        && getComputedStyle(span).display !== 'none' && getComputedStyle(span.parentNode).visibility === 'visible'
        && getComputedStyle(span.parentNode).display !== 'none'
        && Number(getComputedStyle(span.parentNode).opacity) > 0)
        .map(span => span.closest('[data-id]').dataset.id + ' ' + span.dataset.slot)""")
    names = {box.id: box.name for box in draw(lecture).scene.boxes}
    shown = {(names[text.split()[0]], text.split()[1]) for text in seen}
    assert shown == {(name, "value") for name in ("x1", "x2", "y", "w1", "w2", "b", "z")}


def test_the_keyboard_alone_leads_through_all_steps(opened: Open, lecture: Node) -> None:
    page = opened(lecture)
    by_buttons = steps(page)
    page.locator("body").press("Tab")
    page.keyboard.press("Home")
    said = [sentence(page)]
    for _ in by_buttons[1:]:
        page.keyboard.press("ArrowRight")
        said.append(sentence(page))
    assert said == by_buttons
    page.keyboard.press("ArrowLeft")
    assert sentence(page) == by_buttons[-2]


def test_every_control_can_be_reached_by_tab_and_has_a_name(opened: Open, lecture: Node) -> None:
    page = opened(lecture)
    controls = page.locator("button, input, [tabindex='0']")
    unnamed = controls.evaluate_all("""all => all.filter(one => !(one.ariaLabel || one.textContent.trim()
      || one.labels?.length || one.getAttribute('aria-labelledby'))).map(one => one.outerHTML)""")
    assert unnamed == []
    page.locator("body").press("Tab")
    reached = set()
    for _ in range(controls.count() + 10):
        reached.add(page.evaluate("document.activeElement.ariaLabel || document.activeElement.textContent"))
        page.keyboard.press("Tab")
    assert "Previous step" in reached
    assert any(label.startswith("z: value −1.5") for label in reached)


def test_paths_are_told_with_products_that_follow_the_inputs(opened: Open) -> None:
    x = Node(3.0, "x")
    page = opened(((x**2).named("u") + (2 * x).named("v")).named("f"), paths="x")
    assert "Along the paths, dx = 1 · 6 + 1 · 2 = 8" in steps(page)[-2]
    click(page, "Previous step")
    field(page, "x").fill("5")
    page.get_by_text("Along the paths, dx = 1 · 10 + 1 · 2 = ").wait_for()


# --- live numbers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"w1": 2.5}, {"b": -40.0, "y": 0.0}, {"w1": 800.0, "x2": 0.0}, {"x1": 1e-300}])
def test_a_number_that_is_typed_moves_the_picture_as_it_moves_python(
    opened: Open, lecture: Node, change: dict[str, float]
) -> None:
    page = opened(lecture)
    for name, value in change.items():
        field(page, name).fill(repr(value))
        graph.find(lecture, name).value = value
    until(page, expected(lecture, "gradient"), "gradient")
    assert numbers(page) == expected(lecture, "value")


def test_a_slider_that_is_moved_says_the_numbers_that_python_says(opened: Open, lecture: Node) -> None:
    page = opened(lecture)
    slider = page.get_by_role("slider", name="w1, slider", exact=True)
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    value = float(field(page, "w1").input_value().replace("−", "-"))
    assert value != graph.find(lecture, "w1").value
    graph.find(lecture, "w1").value = value
    until(page, expected(lecture, "gradient"), "gradient")
    assert numbers(page) == expected(lecture, "value")


def test_the_page_is_exact_where_the_typed_form_would_round(opened: Open) -> None:
    z, y = Node(0.5, "z"), Node(0.0, "y")
    a = (1 / (1 + exp(-z))).named("a")
    root = (-(y * log(a) + (1 - y) * log(1 - a))).named("L")
    page = opened(root)
    for value in (40.0, -800.0, 800.0):
        field(page, "z").fill(repr(value))
        z.value = value
        until(page, expected(root, "gradient"), "gradient")
        assert numbers(page) == expected(root, "value")


def test_near_1_is_not_written_as_1(opened: Open) -> None:
    z = Node(0.5, "z")
    page = opened(sigmoid(z).named("a"))
    field(page, "z").fill("40")
    page.get_by_text("rounds to 1").first.wait_for()


def test_a_term_that_is_lost_in_a_sum_is_told_as_python_tells_it(opened: Open) -> None:
    p = Node(0.25, "p")
    root = (1 - p).named("y")
    page = opened(root)
    for value in (4e-18, 2.0, 0.0):
        field(page, "p").fill(repr(value))
        p.value = value
        until(page, expected(root, "value"))


def test_text_that_is_no_number_is_refused_and_the_picture_stays(opened: Open, lecture: Node) -> None:
    page = opened(lecture)
    before = numbers(page)
    field(page, "w1").fill("one half")
    assert field(page, "w1").get_attribute("aria-invalid") == "true"
    assert numbers(page) == before


def test_a_graph_whose_op_no_page_can_compute_has_steps_and_says_why_it_has_no_sliders(opened: Open) -> None:
    strange = op("strange", lambda y, x: 1.0, native="lgamma")
    page = opened((strange(Node(0.5, "x")) * 2).named("r"))
    assert "op 'strange' cannot be computed in a page" in page.locator(".compgraph-player").inner_text()
    assert page.get_by_role("slider", name="x, slider").count() == 0
    assert len(steps(page)) > 2


def test_inputs_without_a_value_are_questions_until_they_have_one(opened: Open) -> None:
    x, w = Node(name="x"), Node(2.0, "w")
    page = opened((w * x).named("z"))
    assert "?" in numbers(page).values()
    field(page, "x").fill("3")
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-slot=value]')].some(one => one.textContent === '6')"
    )


# --- folds, hovering, size -----------------------------------------------------------------------------------------


def test_a_box_opens_into_its_operations_and_closes_again(opened: Open, lecture: Node) -> None:
    page = opened(lecture)
    closed = len(numbers(page))
    click(page, "Open z")
    assert len(numbers(page)) > closed
    click(page, "Close z")
    assert len(numbers(page)) == closed


def test_opening_every_box_leads_to_the_ops(opened: Open, lecture: Node) -> None:
    page = opened(lecture)
    click(page, "Open z")
    click(page, "Open L")
    assert len(numbers(page)) == len(draw(lecture, "ops").scene.boxes)
    click(page, "Close L")
    click(page, "Close z")
    assert len(numbers(page)) == len(draw(lecture).scene.boxes)


def test_scopes_are_folded_and_can_be_opened(opened: Open) -> None:
    hidden = [tanh(Node(0.1 * j, f"layer.w{j}") * Node(0.5, f"x{j}")).named(f"layer.a{j}") for j in range(1, 4)]
    root = (hidden[0] + hidden[1] * hidden[2]).named("r")
    page = opened(root, level="collapsed")
    assert len(page.locator(".compgraph-player g.box").all()) == 2
    click(page, "Open layer")
    assert len(page.locator(".compgraph-player g.box").all()) == 4
    click(page, "Close layer")
    assert len(page.locator(".compgraph-player g.box").all()) == 2


def test_pointing_at_an_edge_tells_its_rule(opened: Open, lecture: Node) -> None:
    page = opened(lecture)
    scene = draw(lecture).scene
    names = {box.id: box.name for box in scene.boxes}
    edge = next(edge for edge in scene.edges if (names[edge.source], names[edge.target]) == ("z", "a"))
    page.locator(f".compgraph-player g.edge[data-id='{edge.id}']").focus()
    page.get_by_text("∂a/∂z = a·(1 − a) = 0.1491").last.wait_for()
    page.keyboard.press("Escape")


def test_a_convention_at_a_kink_is_told(opened: Open) -> None:
    page = opened((relu(Node(0.0, "x")) * 3).named("r"))
    assert any("Convention: relu′(0) = 0" in text for text in steps(page))


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1280", "390"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_window(opened: Open, lecture: Node, viewport: dict[str, int], scheme: str) -> None:
    page = opened(lecture, viewport)
    page.emulate_media(color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 23, 42)"}[scheme]


def test_the_lecture_s_page_is_small(lecture: Node) -> None:
    assert len(draw(lecture).html.encode()) < 300_000


# --- safety --------------------------------------------------------------------------------------------------------


def test_a_hostile_name_is_text_everywhere_and_runs_nothing(opened: Open) -> None:
    name = """</script><img src=x onerror="alert(1)"><b>&{}|`${1}"""
    page = opened((Node(2.0, name) * 3).named("</style><script>document.title = 'owned'</script>"))
    steps(page)
    assert page.title().startswith("Computation graph of ")
    assert page.locator("img, b:not(.number)").count() == 0
    assert name in page.locator(".compgraph-player").inner_text().replace('\\"', '"')


def test_no_data_ends_its_script_element() -> None:
    text = json_text({"name": "</script><!-- <script>"})
    assert "<" not in text
    assert json.loads(text) == {"name": "</script><!-- <script>"}


class Elements(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_refers_to_nothing_and_allows_one_script_by_its_hash(lecture: Node) -> None:
    page = draw(lecture).html
    elements = Elements(page).found
    assert not any({"src", "href", "srcset", "action"} & set(attributes) for _, attributes in elements)
    assert not any(key.startswith("on") for _, attributes in elements for key in attributes)
    (policy,) = [attributes["content"] for _, attributes in elements if "http-equiv" in attributes]
    assert re.fullmatch(
        r"default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'unsafe-inline'; img-src data:", policy or ""
    )


def test_without_scripts_the_static_picture_is_there(browser: Browser, lecture: Node, tmp_path: Path) -> None:
    path = draw(lecture).save(tmp_path / "graph.html")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.locator("main svg.compgraph").count() == 1
    context.close()


def test_two_drawings_of_one_graph_are_the_same_page(lecture: Node) -> None:
    assert draw(lecture).html == draw(lecture).html


def test_the_page_shows_the_graph_as_it_was_when_it_was_drawn(lecture: Node) -> None:
    drawing, before = draw(lecture), draw(lecture).html
    graph.find(lecture, "w1").value = 99.0
    assert drawing.html == before
    assert draw(lecture).html != before


def test_gradients_of_the_page_are_those_of_the_sweep(opened: Open, lecture: Node) -> None:
    page = opened(lecture)
    now, names = adjoints(lecture), {box.id: box.name for box in draw(lecture).scene.boxes}
    shown = {names[key]: float(text.replace("−", "-")) for key, text in numbers(page, "gradient").items()}
    wanted = {name: now[graph.find(lecture, name)] for name in ("w1", "w2", "b", "z", "a", "L")}
    assert shown == pytest.approx(wanted, rel=1e-3)


def test_a_slope_that_is_only_a_number_is_told_once(opened: Open) -> None:
    x = Node(3.0, "x")
    root = ((x * x).named("y") * 2).named("z")
    root.backward()
    page = opened(root)
    assert "∂z/∂y = 2" in page.locator("svg").first.text_content()
    assert " = 2\n = 2" not in page.locator("svg").first.text_content()
    data = json.loads(page.locator("script[type='application/json']").text_content())
    *_, (rule,) = (edge["rule"] for edge in data["views"][0]["edges"].values())
    assert not any("slope" in part for part in rule if isinstance(part, dict))
