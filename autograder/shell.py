"""Shell: the IPython that runs us, where one does. It is never imported for that: who has it, has imported it."""

from __future__ import annotations

import sys
from typing import Any


def current_shell() -> Any:
    """IPython's shell (its `InteractiveShell`); None in plain Python."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None
