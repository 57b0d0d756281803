"""The player in a browser: inputs that are changed, rules that are pointed at, folds, views, zoom, several players."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.diagrams.playing import computed, graph, payload, sentence, shown, step

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page


def drawn(page: Page, changes: int) -> None:
    """Wait until so many changes have been computed."""
    page.wait_for_function(f"changes.length >= {changes}")


def holds(page: Page, **values: float) -> None:
    """The picture shows what compgraph computes at these values."""
    expected = graph(**values)
    assert {name: texts[0] for name, texts in shown(page).items()} == {
        name: texts[0] for name, texts in expected.items()
    }
    gradients = {name: texts[1] for name, texts in shown(page).items() if name in "wzaL"}
    assert gradients == {name: texts[1] for name, texts in expected.items() if name in "wzaL"}


def rectangle(locator: Locator) -> tuple[float, float, float, float]:
    box = locator.bounding_box()
    assert box is not None
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


# --- inputs --------------------------------------------------------------------------------------------------------


def test_a_number_that_is_typed_recomputes_every_value_and_gradient(page: Page) -> None:
    for count, typed in enumerate(["0.25", "−0.8", "-3", "1e-300", "800", ".5", "1E2", "  7 "], start=1):
        page.get_by_label("w", exact=True).fill(typed)
        drawn(page, count)
        expected, found = graph(w=float(typed.replace("−", "-"))), shown(page)
        assert [found[name][1] for name in "wzaL"] == [expected[name][1] for name in "wzaL"]
        a = "rounds to 1" if expected["a"][0] == "1" else expected["a"][0]
        assert [found[name][0] for name in "wzaL"] == [expected["w"][0], expected["z"][0], a, expected["L"][0]]


def test_a_slider_that_is_moved_recomputes_the_sentence_too(page: Page) -> None:
    step(page, 6)
    page.get_by_label("w, slider").fill("-0.8")
    drawn(page, 1)
    holds(page, w=-0.8)
    assert sentence(page) == "Backward: z | dz = da · ∂a/∂z = −1.664 · 0.1398 = −0.2326"
    assert page.get_by_label("w", exact=True).input_value() == "−0.8"


def test_a_slider_that_is_dragged_reports_every_change_of_a_screen_once(page: Page) -> None:
    slider = page.get_by_label("x, slider")
    slider.evaluate("""(slider) => { for (const value of ["1.5", "1", "0.5"]) {
        slider.value = value; slider.dispatchEvent(new Event("input", { bubbles: true })); } }""")
    drawn(page, 1)
    assert page.evaluate("changes") == [{"1": 0.5}]
    holds(page, x=0.5)


def test_the_ends_of_a_slider_do_not_change_a_value_beyond_them(page: Page) -> None:
    page.get_by_label("x", exact=True).fill("123456.75")
    drawn(page, 1)
    slider = page.get_by_label("x, slider")
    assert [slider.get_attribute("min"), slider.get_attribute("max")] == ["-400000", "400000"]
    assert page.get_by_label("x", exact=True).input_value() == "123456.75"
    assert shown(page)["x"][0] == graph(x=123456.75)["x"][0]


def test_a_label_slides_from_0_to_1(page: Page) -> None:
    slider = page.get_by_label("y, slider")
    assert [slider.get_attribute("min"), slider.get_attribute("max")] == ["0", "1"]


def test_values_from_elsewhere_are_shown_and_not_reported(page: Page) -> None:
    page.evaluate("players[0].setInputs({0: -0.25, 2: 0})")
    holds(page, w=-0.25, y=0.0)
    assert page.get_by_label("w", exact=True).input_value() == "−0.25"
    assert page.evaluate("changes") == []


def test_reset_brings_the_first_values_back(page: Page) -> None:
    page.get_by_label("w", exact=True).fill("3")
    page.get_by_label("x", exact=True).fill("what")
    drawn(page, 1)
    page.get_by_role("button", name="reset").click()
    drawn(page, 2)
    holds(page)
    assert [page.get_by_label(name, exact=True).input_value() for name in "wx"] == ["0.5", "2"]
    assert page.locator("[aria-invalid]").count() == 0


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("abc", "Write a number, such as 0.5, −2 or 1e-3."),
        ("1.2.3", "Write a number, such as 0.5, −2 or 1e-3."),
        ("0,5", "Write a point: 0.5"),
        ("1e999", "This is beyond the largest float, 1.8e+308."),
    ],
)
def test_what_is_no_number_is_marked_and_changes_nothing(page: Page, typed: str, message: str) -> None:
    field = page.get_by_label("w", exact=True)
    field.fill(typed)
    assert field.get_attribute("aria-invalid") == "true"
    assert page.locator(f"[id='{field.get_attribute('aria-describedby')}']").inner_text() == message
    holds(page)
    assert page.evaluate("changes") == []
    field.fill("1")
    drawn(page, 1)
    assert field.get_attribute("aria-invalid") is None
    holds(page, w=1.0)


@pytest.mark.parametrize("typed", ["-", "1e", "1e-", ".", ""])
def test_the_beginning_of_a_number_is_only_wrong_at_its_end(page: Page, typed: str) -> None:
    field = page.get_by_label("w", exact=True)
    field.fill(typed)
    assert field.get_attribute("aria-invalid") is None
    field.press("Enter")
    assert field.get_attribute("aria-invalid") == "true"
    holds(page)


def test_of_many_inputs_the_first_are_shown_and_the_rest_are_found(opened: Callable[..., Page]) -> None:
    data = payload()
    data["program"]["code"] += [[-1, float(k)] for k in range(30)]
    data["inputs"] += [
        {"node": 12 + k, "box": "", "name": f"u{k}", "runs": [["italic", "u"]], "role": "data", "value": float(k)}
        for k in range(30)
    ]
    page = opened(data)
    assert page.locator(".input").count() == 12
    page.get_by_label("Search inputs").fill("u2")
    assert page.locator(".input").count() == 11  # u2, u20 … u29
    page.get_by_label("Search inputs").fill("no such")
    assert page.locator(".sliders").inner_text() == "No input has such a name."
    page.get_by_label("Search inputs").fill("")
    page.get_by_role("button", name="show all 33").click()
    assert page.locator(".input").count() == 33


def test_where_the_page_cannot_compute_it_says_why_and_keeps_what_is_drawn(opened: Callable[..., Page]) -> None:
    data = payload() | {"live": "the op spin has no JavaScript form"}
    page = opened(data)
    assert page.locator(".inputs").inner_text() == "the op spin has no JavaScript form"
    assert page.locator(".input").count() == 0
    step(page, 1)
    assert sentence(page) == "Forward: z | z = w·x = 7"
    assert shown(page)["L"] == ("7", "7")


# --- rules ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390])
def test_a_rule_stands_beside_its_box_and_inside_of_the_window(opened: Callable[..., Page], width: int) -> None:
    page = opened(viewport={"width": width, "height": 700})
    panel = page.get_by_role("tooltip")
    for box in "wzy":
        group = page.locator(f"g.box[data-id={box}]")
        group.scroll_into_view_if_needed()
        group.locator("rect").hover()
        left, top, right, bottom = rectangle(panel)
        assert (left >= 0, top >= 0, right <= width, bottom <= 700) == (True,) * 4
        assert not overlap((left, top, right, bottom), rectangle(group.locator("rect")))


def test_a_rule_of_an_edge_leaves_both_its_boxes_free(page: Page) -> None:
    page.locator("g.edge[data-id=ax0]").focus()
    panel = page.get_by_role("tooltip")
    assert panel.inner_text() == "∂a/∂z = 0.1966"
    for box in "za":
        assert not overlap(rectangle(panel), rectangle(page.locator(f"g.box[data-id={box}] rect")))


def test_focus_shows_a_rule_and_escape_closes_it(page: Page) -> None:
    group = page.locator("g.box[data-id=z]")
    group.focus()
    panel = page.get_by_role("tooltip")
    assert panel.inner_text().splitlines()[0] == "z = w·x = 1"
    assert group.get_attribute("aria-describedby") == panel.get_attribute("id")
    page.keyboard.press("Escape")
    assert page.get_by_role("tooltip").count() == 0
    page.keyboard.press("Enter")
    assert page.get_by_role("tooltip").count() == 1


def test_a_rule_follows_the_numbers_and_the_step(page: Page) -> None:
    page.locator("g.box[data-id=z]").focus()
    page.evaluate("players[0].setInputs({0: 2})")
    assert page.get_by_role("tooltip").inner_text().splitlines()[0] == "z = w·x = 4"
    page.keyboard.press("Home")
    assert page.get_by_role("tooltip").inner_text().splitlines()[::2] == ["z = w·x = …", "dz = da · ∂a/∂z = …"]


def test_a_tap_shows_a_rule_and_a_tap_elsewhere_closes_it(opened: Callable[..., Page]) -> None:
    page = opened(has_touch=True, viewport={"width": 390, "height": 844})
    page.locator("g.box[data-id=w] rect").tap()
    assert page.get_by_role("tooltip").count() == 1
    page.locator(".sentence").tap()
    assert page.get_by_role("tooltip").count() == 0


# --- views and folds -----------------------------------------------------------------------------------------------


def test_a_view_keeps_the_step_and_the_inputs(page: Page) -> None:
    step(page, 3)
    page.get_by_label("w", exact=True).fill("-1")
    drawn(page, 1)
    page.get_by_role("radio", name="collapsed").check()
    assert page.locator("g.box").count() == 5
    assert page.locator(".count").inner_text() == "step 1 / 3"
    assert sentence(page).startswith("Forward: L | L = (a − y)² = 0.7758")
    page.get_by_role("radio", name="lecture").check()
    assert page.locator(".count").inner_text() == "step 3 / 7"
    holds(page, w=-1.0)


def test_a_fold_opens_and_closes_by_mouse_and_by_keyboard(page: Page) -> None:
    page.get_by_role("radio", name="collapsed").check()
    page.get_by_role("button", name="Open layer").click()
    assert page.locator("g.box").count() == 6
    assert page.evaluate("document.activeElement.dataset.fold") == "s"
    page.keyboard.press("Enter")
    assert page.locator("g.box").count() == 5
    assert page.get_by_role("button", name="Open layer").evaluate("(button) => button === document.activeElement")
    page.keyboard.press("Enter")
    assert page.locator("g.box").count() == 6


def test_one_level_needs_no_switch(opened: Callable[..., Page]) -> None:
    data = payload()
    del data["views"][1:]
    assert opened(data).get_by_role("radiogroup").count() == 0


# --- zoom ----------------------------------------------------------------------------------------------------------


def width_of(page: Page) -> float:
    left, _, right, _ = rectangle(page.locator(".stage > svg"))
    return right - left


def test_buttons_zoom_and_show_the_whole_picture(opened: Callable[..., Page]) -> None:
    page = opened(viewport={"width": 390, "height": 844})
    assert width_of(page) == 720
    page.get_by_label("Zoom in").click()
    assert width_of(page) == pytest.approx(900, abs=1)
    page.get_by_label("Zoom out").click()
    page.get_by_label("Whole picture").click()
    assert width_of(page) <= 374
    page.get_by_label("Whole picture").click()
    assert width_of(page) == 720


def test_a_wheel_zooms_with_the_control_key_and_else_scrolls_the_page(page: Page) -> None:
    wheel = """(stage, ctrlKey) => stage.dispatchEvent(new WheelEvent("wheel", { deltaY: -100, ctrlKey,
        clientX: 300, clientY: 200, bubbles: true, cancelable: true }))"""
    before = width_of(page)
    assert page.locator(".stage").evaluate(wheel, False)  # nobody has prevented the default
    assert width_of(page) == before
    assert not page.locator(".stage").evaluate(wheel, True)
    assert width_of(page) > before


def test_a_drag_pans_and_is_no_click(page: Page) -> None:
    for _ in range(3):
        page.get_by_label("Zoom in").click()
    page.locator(".stage").evaluate("(stage) => stage.scrollTo(200, 0)")
    page.mouse.move(600, 250)
    page.mouse.down()
    page.mouse.move(500, 250, steps=4)
    page.mouse.up()
    assert page.locator(".stage").evaluate("(stage) => stage.scrollLeft") == 300


# --- a good guest --------------------------------------------------------------------------------------------------


def test_two_players_on_a_page_do_not_know_each_other(opened: Callable[..., Page]) -> None:
    page = opened(players=2)
    first, second = page.locator("main").nth(0), page.locator("main").nth(1)
    first.get_by_label("First step").click()
    first.get_by_label("w", exact=True).fill("3")
    drawn(page, 1)
    first.get_by_role("radio", name="collapsed").check()
    assert second.locator(".count").inner_text() == "all 7 steps"
    assert second.locator("g.box[data-id=w] [data-slot=value]").text_content() == "0.5"
    assert second.get_by_role("radio", name="lecture").is_checked()
    ids = page.locator("[id]").evaluate_all("(all) => all.map((one) => one.id)")
    assert len(ids) == len(set(ids)) > 0


def test_a_player_that_is_destroyed_leaves_nothing_behind(page: Page) -> None:
    page.evaluate("""() => {
        window.signals = [];
        const listen = EventTarget.prototype.addEventListener;
        EventTarget.prototype.addEventListener = function (type, act, options) {
            if (this === window || this === document) signals.push(options?.signal);
            return listen.call(this, type, act, options);
        };
        window.second = mount(document.body, structuredClone(data), { table });
    }""")
    assert page.evaluate("signals.map((signal) => signal?.aborted)") == [False, False]
    page.get_by_label("Play", exact=True).nth(1).click()
    page.evaluate("second.destroy()")
    assert page.evaluate("signals.every((signal) => signal.aborted)")
    assert page.locator(".compgraph-player").count() == 1


def test_texts_of_the_payload_stay_texts(opened: Callable[..., Page]) -> None:
    evil = "<img src=x onerror=alert(1)></script><script>alert(1)</script>"
    data = payload() | {"title": evil}
    data["inputs"][0] |= {"name": evil, "runs": [["italic", evil]]}
    view = data["views"][0]
    view["boxes"]["z"] |= {"name": evil, "rule": [[["upright", evil]]]}
    view["frames"][0]["lines"] = [[["italic", evil], {"value": "z"}]]
    view["svg"] = view["svg"].replace("<g>", '<g onclick="alert(1)"><script>alert(1)</script>', 1)
    page = opened(data)
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    step(page, 1)
    page.locator("g.box[data-id=z] rect").click()
    assert page.locator("main img, main script, main [onclick]").count() == 0
    assert sentence(page) == f"Forward: {evil} | {evil}1"


# --- formulas ------------------------------------------------------------------------------------------------------


@pytest.fixture
def writing(page: Page) -> Page:
    """A page whose player has a formula field."""
    page.evaluate("""() => {
        players[0].destroy();
        players[0] = mount(document.querySelector("main"), structuredClone(data),
            { table, program: "z = w*x", onProgram: (text) => programs.push(text) });
    }""")
    return page


def test_a_formula_is_reported_when_the_typing_rests(writing: Page) -> None:
    writing.clock.install()
    writing.get_by_label("Formula").press_sequentially(" + y")
    assert writing.evaluate("programs") == []
    writing.clock.run_for(400)
    assert writing.evaluate("programs") == ["z = w*x + y"]


def test_an_error_in_a_formula_is_shown_at_its_column_until_the_next_graph(writing: Page) -> None:
    writing.evaluate("players[0].showError({ message: 'nothing is named x', column: 7, line: 1 })")
    field = writing.get_by_label("Formula")
    assert field.get_attribute("aria-invalid") == "true"
    assert writing.locator(".program pre").inner_text() == "z = w*x\n      ^"
    assert writing.locator(".program p").inner_text() == "nothing is named x"
    writing.evaluate("players[0].replace(structuredClone(data), table)")
    assert field.get_attribute("aria-invalid") is None
    assert writing.locator(".program .wrong").is_hidden()


def test_another_graph_takes_the_place_of_the_first_and_keeps_the_level(writing: Page) -> None:
    writing.get_by_role("radio", name="collapsed").check()
    writing.get_by_label("Formula").focus()
    writing.evaluate(
        """() => { const next = structuredClone(data); next.inputs[0].value = 4; players[0].replace(next, table); }"""
    )
    assert writing.get_by_role("radio", name="collapsed").is_checked()
    assert shown(writing)["w"][0] == "4"
    assert writing.get_by_label("Formula").evaluate("(field) => field === document.activeElement")
    assert computed(writing, ".player", "display") == "block"
