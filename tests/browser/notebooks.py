"""How tests speak to a notebook in a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


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
