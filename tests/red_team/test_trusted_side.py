"""Red team, trusted side: submissions that are hard to read cost little, and their neighbours nothing.

The twin of each hurts a reader as people write them: it falls over, or needs far more memory than the file is large.
"""

from __future__ import annotations

import ast
import json
import resource
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from autograder.grading.outputs import safe_markdown, safe_outputs
from tests.red_team.arena import LESSON, arena, hand_in, honest, lesson_of, run

pytestmark = pytest.mark.slow


def notebook_with(source: str) -> bytes:
    return json.dumps(
        {
            "cells": [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []}],
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    ).encode()


HARD: dict[str, Callable[[], bytes]] = {
    "a-cell-of-40-MB": lambda: notebook_with("x = 1\n" * 7_000_000),
    "a-line-of-40-MB": lambda: notebook_with("def column_mean(X): return " + "1+" * 20_000_000 + "1"),
    "60-MB": lambda: notebook_with("# " + "x" * 60_000_000),
    "deep-brackets": lambda: notebook_with("(" * 100_000 + ")" * 100_000),
    "deep-signs": lambda: notebook_with("def column_mean(X): return " + "-" * 500_000 + "1"),
    "deep-attributes": lambda: notebook_with("column_mean = a" + ".b" * 200_000),
    "deep-blocks": lambda: notebook_with("".join(" " * i + "if 1:\n" for i in range(2000))),
    "deep-json": lambda: b'{"cells": ' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}",
    "deep-dicts": lambda: b'{"cells": ' + b'{"a":' * 200_000 + b"1" + b"}" * 200_000 + b"}",
    "ten-million-lists": lambda: b'{"cells": [' + b"[]," * 10_000_000 + b"[]]}",
    "a-million-cells": lambda: b'{"cells": [' + b"{}," * 1_000_000 + b"{}]}",
    "long-number": lambda: b'{"cells": [], "nbformat": ' + b"9" * 1_000_000 + b"}",
    "no-number": lambda: b'{"cells": [{"cell_type": "code", "source": NaN}]}',
    "half-characters": lambda: notebook_with("print('\ud800')\n# \ud800"),
    "nul-characters": lambda: notebook_with("column_mean = 1\x00\x00"),
    "odd-types": lambda: b'{"cells": [{"cell_type": ["code"], "source": {"a": 1}, "metadata": [], "id": {}}, 3, null, [[]]]}',
    "a-thousand-copies": lambda: json.dumps({"cells": [{"cell_type": "code", "metadata": {}, "source": f"def column_mean(X): return {i}"} for i in range(1000)]}).encode(),
    "long-similar-lines": lambda: notebook_with("\n".join(f"x_{i % 7} = {i % 3}" for i in range(20_000))),
}  # fmt: skip


def test_hard_files_have_a_row_each_and_cost_little(tmp_path: Path) -> None:
    with arena(tmp_path / "hard") as world:
        lesson = lesson_of(world)
        for name, make in HARD.items():
            folder = world.course / "submitted" / name / LESSON
            folder.mkdir(parents=True)
            (folder / f"{LESSON}.ipynb").write_bytes(make())
        hand_in(world, "honest", honest(lesson)["right"])
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        outcome = run(world, sandbox=True, step_seconds=3.0)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert set(outcome.rows) == {*HARD, "honest"}
    assert outcome.rows["honest"]["score"] == 5
    assert all(row["score"] == 0 for name, row in outcome.rows.items() if name != "honest")
    assert not [row for row in outcome.rows.values() if row["status"] == "not_graded"]
    assert time.monotonic() - start < 120
    assert after.ru_maxrss < 3_000_000 or after.ru_maxrss == before.ru_maxrss  # kB


NAIVE: dict[str, tuple[str, Callable[[bytes], object]]] = {
    "deep brackets": ("deep-brackets", lambda data: ast.parse(json.loads(data)["cells"][0]["source"])),
    "deep signs": ("deep-signs", lambda data: ast.parse(json.loads(data)["cells"][0]["source"])),
    "deep attributes": ("deep-attributes", lambda data: ast.parse(json.loads(data)["cells"][0]["source"])),
    "deep blocks": ("deep-blocks", lambda data: ast.parse(json.loads(data)["cells"][0]["source"])),
    "nul characters": ("nul-characters", lambda data: compile(json.loads(data)["cells"][0]["source"], "", "exec")),
    "deep JSON": ("deep-json", json.loads),
    "deep dicts": ("deep-dicts", json.loads),
    "long number": ("long-number", json.loads),
    "half characters": ("half-characters", lambda data: json.loads(data)["cells"][0]["source"].encode()),
    "odd types": ("odd-types", lambda data: nbformat.validate(json.loads(data))),
}


@pytest.mark.parametrize(("name", "read"), NAIVE.values(), ids=NAIVE)
def test_a_reader_as_people_write_them_falls_over(name: str, read: Callable[[bytes], object]) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011  (each in its own way)
        read(HARD[name]())


def test_lists_need_far_more_memory_than_their_file_is_large() -> None:
    data = b"[" + b"[]," * 100_000 + b"[]]"
    tracemalloc.start()
    json.loads(data)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most > 15 * len(data)


# --- what is shown to an instructor ---------------------------------------------------------------

WRITTEN = {
    "script": "I think <script>alert(1)</script>",
    "handler": '<img src="x" onerror="alert(1)">',
    "link that runs": "[see](javascript:alert(1))",
    "link that runs, coded": "[see](java&#115;cript:alert(1))",
    "reference that runs": "[see][a]\n\n[a]: javascript:alert(1)",
    "picture that tells": "![x](http://127.0.0.1/x.png)",
    "autolink that runs": "<javascript:alert(1)>",
    "formula that runs": r"$\href{javascript:alert(1)}{x}$",
    "comment": "<!-- <b> --> <svg onload=alert(1)>",
}


def acts(page: str) -> bool:
    """Whether HTML made of a written answer holds anything that a browser obeys."""
    return any(sign in page.lower() for sign in ("<script", "<img", "<svg", 'href="java', "<!--", r"\href"))


@pytest.mark.parametrize("source", WRITTEN.values(), ids=WRITTEN)
def test_a_written_answer_is_shown_and_not_obeyed(source: str) -> None:
    from nbconvert.filters import markdown2html

    assert acts(markdown2html(source))  # as the formgrader shows it otherwise
    assert not acts(markdown2html(safe_markdown(source)))


def test_honest_written_answers_stay_what_they_are() -> None:
    for source in (
        "a < b, and $w_1 < 3$",
        "`if x < 3:`",
        "[numpy](https://numpy.org) and *this*",
        "1 <2 [see above]",
        "a | b\n--|--\n1 | 2",
    ):
        assert safe_markdown(source).replace("\u200b", "") == source
        assert "\u200b" not in safe_markdown(source)


def test_the_graded_notebook_holds_the_written_answer_made_safe(tmp_path: Path) -> None:
    with arena(tmp_path / "written") as world:
        notebook = honest(lesson_of(world))["right"]
        notebook.cells[-1].source = WRITTEN["script"] + "\n\nand \ud83d"
        folder = world.course / "submitted" / "ann" / LESSON
        folder.mkdir(parents=True)
        (folder / f"{LESSON}.ipynb").write_text(json.dumps(notebook))
        outcome = run(world, sandbox=True, step_seconds=3.0)
    written = outcome.notebooks["ann"].cells[-1].source
    assert "script" in written
    assert "<script" not in written


def test_a_picture_too_large_to_unpack_is_not_shown() -> None:
    import base64
    import struct
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0))
    bomb += chunk(b"IDAT", zlib.compress(bytes(1 << 20))) + chunk(b"IEND", b"")
    encoded = base64.b64encode(bomb).decode()
    assert safe_outputs([{"output_type": "display_data", "data": {"image/png": encoded}}]) == []
