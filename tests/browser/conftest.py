"""Browser tests: the system's own headless Chromium, and a Jupyter server in a course's folder."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect, sync_playwright


class StartJupyter(Protocol):
    """What the fixture `jupyter` gives."""

    def __call__(self, folder: Path, app: str = "lab") -> str: ...


_QUIET = [
    "--no-sandbox",  # Chromium refuses to run as root with its own sandbox
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def chromium() -> str:
    """The path of Chromium, or the test ends here: with a skip that says what to install, or a failure in CI."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    reason = "Chromium is missing; install the package chromium"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a fresh headless Chromium."""
    executable = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_QUIET)
        expect.set_options(timeout=60_000)  # a page of a busy machine comes late; one that is wrong never comes
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(120_000)
        yield page
        browser.close()


def _wait_until_it_listens(port: int) -> None:
    """It says its address before it can be reached there."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
    pytest.fail("Jupyter does not listen")


@pytest.fixture
def jupyter() -> Iterator[StartJupyter]:
    """Start a Jupyter server in a folder, of JupyterLab or of Notebook 7; gives its address."""
    servers = []

    def start(folder: Path, app: str = "lab") -> str:
        home = folder / ".jupyter-home"
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyter",
                app,
                "--no-browser",
                "--allow-root",
                "--port=0",
                "--ServerApp.token=",
                "--ServerApp.password=",
            ],
            cwd=folder,
            env={
                **os.environ,
                "JUPYTER_CONFIG_DIR": str(home),
                "JUPYTER_DATA_DIR": str(home / "data"),
                "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
                "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            },
            stderr=subprocess.PIPE,
            text=True,
        )
        servers.append(server)
        assert server.stderr is not None
        for line in server.stderr:
            if found := re.search(r"http://(?:localhost|127\.0\.0\.1):(\d+)/", line):
                # A log that nobody reads stops the server when the pipe is full.
                threading.Thread(target=server.stderr.read, daemon=True).start()
                _wait_until_it_listens(int(found[1]))
                return f"http://127.0.0.1:{found[1]}"
        pytest.fail("Jupyter did not start")

    yield start
    for server in servers:
        server.kill()
        server.wait()


def run_first(notebook: Page | Locator, keys: str) -> None:
    """Press what runs a cell, in the first whose code is shown, until a kernel takes it: before that it is dropped silently."""
    cell = notebook.locator(".jp-CodeCell:has(.cm-content:visible)").first
    for _ in range(60):
        cell.press(keys)
        with contextlib.suppress(AssertionError):
            expect(cell.locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]:"), timeout=1_000)
            return
    pytest.fail("No kernel")


def what_axe_finds(page: Page, selector: str = "html") -> str:
    """What axe-core finds wrong in a part of a page, by the Web Content Accessibility Guidelines (WCAG 2.1, AA)."""
    found = Axe().run(page, context=selector, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]})
    return str(found.generate_report()) if found.violations_count else ""
