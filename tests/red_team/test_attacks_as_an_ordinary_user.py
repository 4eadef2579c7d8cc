"""Red team, graded by an ordinary user: the sandbox is built in another order there, and holds as well."""

from __future__ import annotations

import pytest

from tests.ordinary_user import users_folder, with_pytest


@pytest.mark.full
def test_no_attack_gains_anything_where_an_ordinary_user_grades() -> None:
    ours = "gains_nothing or nothing_is_left or neighbours"
    with users_folder() as folder:
        done = with_pytest(folder, "tests/red_team/test_attacks.py", "-k", ours)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout
