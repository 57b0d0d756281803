"""The player in a browser: steps, live numbers, keyboard, words for those who listen."""

from __future__ import annotations

import math
import random
import re
import struct
from typing import TYPE_CHECKING

import pytest

from compgraph.diagrams import style
from compgraph.graph import number
from tests.diagrams.playing import FOLDER, computed, sentence, shown, step

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page


# --- numbers -------------------------------------------------------------------------------------------------------


def floats() -> list[float]:
    """Bit patterns, short decimals, ties between two roundings, powers."""
    bits = [struct.unpack("d", random.randbytes(8))[0] for _ in range(4000)]
    decimals = [round(random.uniform(-100, 100), random.randint(0, 6)) for _ in range(3000)]
    ties = [random.randint(-(10**6), 10**6) / 2 ** random.randint(0, 12) for _ in range(3000)]
    powers = [sign * base**k for k in range(-320, 309) for base, sign in ((10.0, 1), (10.0, -1)) if base**k < 1e308]
    near = [1 + sign * 2.0**-k for k in range(1, 54) for sign in (1, -1)]
    return [0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, *bits, *decimals, *ties, *powers, *near]


@pytest.mark.parametrize("digits", [1, 4, 17])
def test_a_number_is_written_as_python_writes_it(page: Page, digits: int) -> None:
    values = floats()
    read = """([all, digits]) => all.map((bits) => {
        const view = new DataView(new ArrayBuffer(8));
        view.setBigUint64(0, BigInt(bits));
        return number(view.getFloat64(0), digits); })"""
    bits = [str(struct.unpack(">Q", struct.pack(">d", value))[0]) for value in values]
    written = page.evaluate(read, [bits, digits])
    wrong = [(value, text) for value, text in zip(values, written, strict=True) if text != number(value, digits)]
    assert wrong == []


def test_what_depends_on_an_unknown_input_is_unknown(page: Page) -> None:
    page.evaluate("players[0].setInputs({1: null})")
    assert shown(page) == {
        "w": ("0.5", "?"), "x": ("?", "?"), "y": ("1", "?"), "z": ("?", "?"), "a": ("?", "?"), "L": ("?", "1"),
    }  # fmt: skip


def test_nothing_flows_from_a_zero_nor_to_an_arm_that_was_not_taken(page: Page) -> None:
    run = """([code, root]) => evaluate({ops: ["mul", "where", "log", "sub"], code, root}, table).adjoints"""
    # c·log(x) at c = 0, x = 0: dlog(x) is 0, and the slope of log is infinite
    assert page.evaluate(run, [[[-1, 0], [-1, 0], [2, 1], [0, 0, 2]], 3])[1] == 0
    # where(1, x, log(x − x)): the second arm has slope nan
    assert page.evaluate(run, [[[-1, 1], [-1, 3], [3, 1, 1], [2, 2], [1, 0, 1, 3]], 4])[1] == 1


def test_a_value_that_is_not_finite_stands_out_and_lets_no_product_be_printed(page: Page) -> None:
    step(page, 5)
    assert sentence(page) == "Backward: a | da = dL · ∂L/∂a = 1 · (−0.5379) = −0.5379"
    page.evaluate("players[0].setInputs({2: 'Infinity'})")
    assert "nonfinite" in page.locator("g.box[data-id=L]").get_attribute("class")
    assert "nonfinite" not in page.locator("g.box[data-id=x]").get_attribute("class")
    assert sentence(page) == "Backward: a | da = dL · ∂L/∂a = −∞"


def test_a_value_at_its_limit_is_said_to_round_to_it(page: Page) -> None:
    page.evaluate("players[0].setInputs({0: 800})")
    assert shown(page)["a"][0] == "rounds to 1"


# --- steps ---------------------------------------------------------------------------------------------------------

STEPS = [
    "Start | Only the inputs have values. The next step computes the first box.",
    "Forward: z | z = w·x = 1",
    "Forward: a | a = σ(z) = 0.7311",
    "Forward: L | L = (a − y)² = 0.07233",
    "Backward: L | dL = 1",
    "Backward: a | da = dL · ∂L/∂a = 1 · (−0.5379) = −0.5379",
    "Backward: z | dz = da · ∂a/∂z = −0.5379 · 0.1966 = −0.1058",
    "Backward: w | dw = dz · ∂z/∂w = −0.1058 · 2 = −0.2115",
]


def test_the_page_opens_with_everything_shown(page: Page) -> None:
    assert page.locator(".waiting, .active").count() == 0
    assert sentence(page).startswith("Forward and backward pass complete | L = 0.07233dw = −0.2115")
    assert page.locator(".count").inner_text() == "all 7 steps"


def test_every_step_has_its_sentence_forward_and_back(page: Page) -> None:
    page.get_by_label("First step").click()
    forward = [sentence(page)]
    for _ in range(7):
        page.get_by_label("Next step").click()
        forward.append(sentence(page))
    assert forward == STEPS
    page.get_by_label("Last step").click()
    back = []
    for _ in range(8):
        page.get_by_label("Previous step").click()
        back.append(sentence(page))
    assert back == STEPS[::-1]


def test_what_is_not_reached_hides_its_numbers(page: Page) -> None:
    step(page, 2)
    hidden = [computed(page, f"g.box[data-id={name}] [data-slot=value]", "visibility") for name in "wzaL"]
    assert hidden == ["visible", "visible", "visible", "hidden"]
    assert computed(page, "g.box[data-id=a] .gradient", "visibility") == "hidden"
    step(page, 5)
    gradients = [computed(page, f"g.box[data-id={name}] .gradient", "visibility") for name in "wzaL"]
    assert gradients == ["hidden", "hidden", "visible", "visible"]


def test_the_active_box_and_lane_are_marked_with_their_direction(page: Page) -> None:
    step(page, 2)
    assert page.locator(".active").evaluate_all("(all) => all.map((group) => group.dataset.id)") == ["ax0", "a"]
    assert page.locator(".backwards").count() == 0
    step(page, 6)
    assert page.locator(".active.backwards").evaluate_all("(all) => all.map((g) => g.dataset.id).sort()") == [
        "ax0",
        "z",
    ]


@pytest.mark.parametrize(("motion", "animation"), [("no-preference", "compgraph-flow"), ("reduce", "none")])
def test_the_active_lane_flows_unless_motion_is_unwanted(
    opened: Callable[..., Page], motion: str, animation: str
) -> None:
    page = opened(reduced_motion=motion)
    step(page, 2)
    assert computed(page, ".edge.active .road.forward", "animationName") == animation


def test_the_position_slider_goes_anywhere_and_says_where(page: Page) -> None:
    slider = page.get_by_role("slider", name="Step", exact=True)
    slider.fill("3")
    assert sentence(page) == STEPS[3]
    assert slider.get_attribute("aria-valuetext") == "step 3 / 7: Forward: L"


def test_play_goes_through_all_steps_and_pauses(opened: Callable[..., Page]) -> None:
    page = opened()
    page.clock.install()
    page.get_by_label("Play", exact=True).click()
    assert sentence(page) == STEPS[0]
    page.clock.run_for(1600)
    assert sentence(page) == STEPS[1]
    page.get_by_label("Pause").click()
    page.clock.run_for(10_000)
    assert sentence(page) == STEPS[1]
    page.get_by_label("Play", exact=True).click()
    page.clock.run_for(20_000)
    assert page.locator(".count").inner_text() == "all 7 steps"
    assert page.get_by_label("Play", exact=True).is_visible()


# --- keyboard and words --------------------------------------------------------------------------------------------


def test_arrow_keys_step_while_the_focus_is_inside(page: Page) -> None:
    page.locator(".stage").focus()
    page.keyboard.press("Home")
    assert sentence(page) == STEPS[0]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert sentence(page) == STEPS[1]
    page.keyboard.press("End")
    assert page.locator(".count").inner_text() == "all 7 steps"


def test_arrow_keys_belong_to_a_field_that_has_the_focus(page: Page) -> None:
    page.get_by_label("w", exact=True).focus()
    for key in ("Home", "ArrowLeft", " "):
        page.keyboard.press(key)
    assert page.locator(".count").inner_text() == "all 7 steps"
    page.locator("body").focus()
    assert page.get_by_label("Play", exact=True).is_visible()


def test_space_plays(page: Page) -> None:
    page.locator(".stage").focus()
    page.keyboard.press(" ")
    assert page.get_by_label("Pause").is_visible()


def test_a_button_at_its_end_keeps_the_focus(page: Page) -> None:
    button = page.get_by_label("Next step")
    assert button.get_attribute("aria-disabled") == "true"
    button.click(force=True)
    assert button.evaluate("(element) => element === document.activeElement")


def test_boxes_and_edges_say_what_they_are_in_the_order_of_the_numbers(page: Page) -> None:
    labels = page.locator("g[tabindex='0']").evaluate_all(
        "(all) => all.map((group) => group.getAttribute('aria-label'))"
    )
    assert labels == [
        "w: value 0.5, gradient −0.2115",
        "x: value 2",
        "from w to z: local derivative 2",
        "from x to z: local derivative 0.5",
        "z: value 1, gradient −0.1058",
        "from z to a: local derivative 0.1966",
        "a: value 0.7311, gradient −0.5379",
        "y: value 1",
        "from a to L: local derivative −0.5379",
        "from y to L: local derivative 0.5379",
        "L: value 0.07233, gradient 1",
    ]
    step(page, 1)
    assert page.locator("g.box[data-id=z]").get_attribute("aria-label") == "z: value 1"
    assert page.locator("g.box[data-id=a]").get_attribute("aria-label") == "a: not computed yet"


def test_the_picture_does_not_hide_its_boxes_from_those_who_listen(page: Page) -> None:
    assert page.locator(".stage > svg").get_attribute("role") == "group"
    assert page.locator(".stage title").count() == 0
    assert page.locator(".sentence").get_attribute("aria-live") == "polite"


def test_every_control_has_a_name(page: Page) -> None:
    names = page.locator("button, input").evaluate_all(
        "(all) => all.map((one) => one.getAttribute('aria-label') ?? (one.labels?.[0] ?? one).textContent)"
    )
    assert all(names)
    assert names[:6] == ["First step", "Previous step", "Play", "Next step", "Last step", "Step"]


# --- looks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "palette"), [("light", style.LIGHT), ("dark", style.DARK)])
def test_the_colours_are_those_of_the_picture(opened: Callable[..., Page], scheme: str, palette: style.Palette) -> None:
    page = opened(color_scheme=scheme)
    names = {"--page": palette.page, "--text": palette.text, "--muted": palette.muted, "--rule": palette.rule}
    names |= {"--forward": palette.forward, "--backward": palette.backward, "--card": palette.inner[0]}
    names |= {"--parameter": palette.parameter[1], "--data": palette.data[1]}
    found = {name: computed(page, ".compgraph-player", f"getPropertyValue('{name}')") for name in names}
    assert found == names


def test_every_rule_of_the_style_stays_inside_of_the_player(page: Page) -> None:
    selectors = page.evaluate("""() => {
        const all = (rules) => [...rules].flatMap(
            (rule) => rule.selectorText ?? (rule.media ? all(rule.cssRules) : []));
        return all(document.styleSheets[0].cssRules).filter((selector) => selector !== "body"); }""")
    assert len(selectors) > 50
    parts = [part for selector in selectors for part in re.sub(r"\(.*?\)", "", selector).split(",")]
    assert [part for part in parts if not part.strip().startswith(".compgraph-player")] == []


def test_a_phone_scrolls_the_picture_and_not_the_page(opened: Callable[..., Page]) -> None:
    page = opened(viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator(".stage").evaluate("(stage) => stage.scrollWidth") == 720  # 72 % of the picture
    lefts = page.locator(".input").evaluate_all("(all) => all.map((row) => row.getBoundingClientRect().left)")
    assert len(set(lefts)) == 1
    step(page, 7)
    assert page.locator("g.box[data-id=w]").evaluate("(box) => box.getBoundingClientRect().left") >= 0
    step(page, 3)
    assert page.locator("g.box[data-id=L]").evaluate("(box) => box.getBoundingClientRect().right") <= 390


def test_the_module_asks_for_nothing_and_evaluates_nothing() -> None:
    source = (FOLDER / "player.js").read_text("utf-8")
    forbidden = ["eval(", "new Function", "fetch(", "XMLHttpRequest", "import(", "innerHTML", "https:", "</script"]
    assert [word for word in forbidden if word in source] == []
