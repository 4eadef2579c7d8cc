"""Server extension: the formgrader's autograde button grades with this engine, by `autograder grade` in its own process.

Jupyter loads it where `etc/jupyter/jupyter_server_config.d/autograder.json` lies, which the package installs. Without
nbgrader, as learners have it, it does nothing.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Answer the button's request before nbgrader does.

    Jupyter loads extensions by the alphabet (a before n), and of two handlers for one address takes the first.
    """
    if importlib.util.find_spec("nbgrader") is None:
        return
    base_url = server.web_app.settings["base_url"].rstrip("/")
    address = rf"{base_url}/formgrader/api/submission/([^/]+)/([^/]+)/autograde"
    server.web_app.add_handlers(".*$", [(address, _autograde_handler())])


def _autograde_handler() -> type:
    from nbgrader.server_extensions.formgrader.base import BaseApiHandler, check_notebook_dir, check_xsrf
    from tornado import web

    one_at_a_time = asyncio.Lock()

    class AutogradeHandler(BaseApiHandler):
        @web.authenticated
        @check_xsrf
        @check_notebook_dir
        async def post(self, assignment: str, student: str) -> None:
            async with one_at_a_time:
                self.write(json.dumps(await _grade(self.coursedir.root, assignment, student)))

    return AutogradeHandler


async def _grade(course_dir: str, assignment: str, student: str) -> dict[str, Any]:
    """Grade one submission, and say how it went in the words of nbgrader's own API."""
    command = ["-P", "-m", "autograder.cli", "grade", f"--student={student}", f"--course-dir={course_dir}", "--"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        assignment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = (said.decode(errors="replace") for said in await process.communicate())
    if process.returncode in (0, 1):  # 1: something in it needs a person, as the log says
        return {"success": True, "log": out + err}
    return {"success": False, "log": out, "error": err}
