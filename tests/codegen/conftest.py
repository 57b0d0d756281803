"""What the tests of printed programs share: a page in a browser that runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def script_page(browser: Browser) -> Iterator[Any]:
    """An empty page in Chromium; ``page.evaluate(text)`` runs JavaScript there."""
    page = browser.new_page()
    yield page
    page.close()
