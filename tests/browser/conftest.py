"""A JupyterLab for the tests, with nothing of the user's, and a notebook in it with a running kernel."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.notebooks import Notebook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

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


# Cells that are scrolled out of sight stay in the page.
SETTINGS = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}


@pytest.fixture(scope="module")
def jupyterlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own, with nothing of the user's; the address of a notebook in it."""
    folder = tmp_path_factory.mktemp("jupyterlab")
    (folder / "play.ipynb").write_text(json.dumps(NOTEBOOK))
    config = folder / "config" / "labconfig"
    config.mkdir(parents=True)
    (config / "default_setting_overrides.json").write_text(json.dumps(SETTINGS))
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
