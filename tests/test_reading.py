"""Reading: cells from any bytes, within bounds of time and memory, or a reason that says what to do."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from autograder.grading.reading import (
    MAX_CELLS,
    MAX_CODE,
    MAX_FILE_BYTES,
    Reading,
    RejectedError,
    parse,
    read_regular_file,
)


def notebook(*sources: object) -> bytes:
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in sources]
    return json.dumps({"cells": cells}).encode()


def sources(reading: Reading) -> list[str]:
    return [cell.source for cell in reading.cells]


@pytest.mark.parametrize("data", [notebook("x = 1\ny"), b"\xef\xbb\xbf" + notebook(["x = 1\n", "y"])])
def test_sources_are_read_from_text_and_from_lists_with_or_without_a_bom(data: bytes) -> None:
    assert sources(parse(data)) == ["x = 1\ny"]


@pytest.mark.parametrize("source", [None, 3, {"a": 1}, [1, 2], []])
def test_a_cell_whose_source_is_no_text_is_empty(source: object) -> None:
    assert sources(parse(notebook(source))) == [""]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_letters_survive_in_every_encoding_of_unicode(encoding: str) -> None:
    text = '{"cells": [{"cell_type": "code", "source": "ŷ = \'你好\'"}]}'
    assert sources(parse(text.encode(encoding))) == ["ŷ = '你好'"]


def test_latin_1_is_told_from_damaged_utf_8() -> None:
    latin = parse('{"cells": [{"source": "größe = 1"}]}'.encode("latin-1"))
    damaged = parse('{"cells": [{"source": "größe = größe + größe"}]}'.encode().replace("ö".encode(), b"\xc3", 1))
    assert sources(latin) == ["größe = 1"]
    assert sources(damaged) == ["gr�ße = größe + größe"]


@pytest.mark.parametrize(
    "data", [b"", b"homework", b"[]", b"{}", b'{"cells": 3}', b'{"cells": []}', b"\xff\xfe\x00", b"[" * 100_000]
)
def test_what_is_no_notebook_is_rejected_with_what_to_do(data: bytes) -> None:
    with pytest.raises(RejectedError, match="Save the notebook and send it again"):
        parse(data)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"PK\x03\x04...", "ZIP"),
        (b"%PDF-1.7", "PDF"),
        (b"\n<!DOCTYPE HTML><html>", "web page"),
        (b"\x89PNG\r\n", "picture"),
        (bytes(99), "empty"),
    ],
)
def test_other_files_are_called_by_their_name(data: bytes, what: str) -> None:
    with pytest.raises(RejectedError, match=what):
        parse(data)


# --- damaged files ----------------------------------------------------------------------------------

WHOLE = json.dumps(
    {
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": ["# Title\n", "text"]},
            {
                "cell_type": "code",
                "metadata": {"nbgrader": {"cell_type": "code", "grade_id": "f"}},
                "outputs": [{"output_type": "stream", "text": ["source"]}],
                "source": ["def f(x):\n", "    return x"],
            },
            {"cell_type": "code", "metadata": {}, "outputs": [], "source": ["f(1)"]},
        ],
        "metadata": {},
    },
    indent=1,
)
SOURCES = ["# Title\ntext", "def f(x):\n    return x", "f(1)"]


def test_one_sign_of_json_may_be_missing_anywhere_but_in_the_sources() -> None:
    spared = [WHOLE.index(json.dumps(source.split("\n")[0])[:-1]) for source in SOURCES]
    kept = [range(WHOLE.rindex('"source"', 0, place), WHOLE.index("]", place) + 1) for place in spared]
    for place, sign in enumerate(WHOLE):
        if sign in '{}[]:,"' and not any(place in part for part in kept):
            reading = parse((WHOLE[:place] + WHOLE[place + 1 :]).encode())
            assert sources(reading) == SOURCES, WHOLE[place - 40 : place]
            assert [cell.kind for cell in reading.cells][1:] == ["code", "code"], WHOLE[place - 40 : place]


def test_a_file_that_was_cut_off_gives_the_cells_before_the_cut() -> None:
    reading = parse(WHOLE[: WHOLE.index('"f(1)"') + 3].encode())
    assert sources(reading) == SOURCES[:2]
    assert reading.cells[1].grade_id == "f"
    assert reading.damaged
    assert reading.problems == ("The file is damaged; 2 cells could be read in it.",)


def test_a_whole_file_is_not_called_damaged() -> None:
    assert not parse(WHOLE.encode()).damaged


def test_marks_are_found_in_a_damaged_cell_whichever_way_its_keys_are_sorted() -> None:
    damaged = WHOLE.replace('"output_type": "stream"', '"output_type" "stream"')
    assert [cell.grade_id for cell in parse(damaged.encode()).cells] == [None, "f", None]
    other = '[{"cell_type": "code", "source": ["a"], "outputs" [], "metadata": {"grade_id": "f"}}, {"cell_type": "code", "source": ["b"] x'
    assert [(cell.source, cell.grade_id) for cell in parse(other.encode()).cells] == [("a", "f"), ("b", None)]


# --- Python files -----------------------------------------------------------------------------------


def test_cells_of_a_python_file_stand_between_its_marks() -> None:
    script = (
        "# coding: utf-8\n\n# %% [markdown]\n# # Title\n# text\n\n"
        '# %% tags=["a"] nbgrader={"grade_id": "f", "locked": false}\ndef f():\n    pass\n\n#%%\nf()\n'
    )
    cells = parse(script.encode(), from_script=True).cells
    assert [(cell.kind, cell.source, cell.grade_id) for cell in cells if "coding" not in cell.source] == [
        ("markdown", "# Title\ntext", None),
        ("code", "def f():\n    pass", "f"),
        ("code", "f()", None),
    ]


def test_text_between_the_cells_of_nbconvert_is_no_code() -> None:
    script = "# In[1]:\n\n\nx = 1\n\n\n# ## A title\n# \n# text\n\n# In[ ]:\n\n\ny = 2\n"
    assert sources(parse(script.encode(), from_script=True)) == ["x = 1", "y = 2"]


def test_a_python_file_without_marks_has_a_cell_for_each_statement() -> None:
    script = '"""Title"""\nimport a; import b\n\n# twice\n@a.b\ndef f():\n    return """\nx"""\n\n\nx = (\n  1)\n'
    cells = parse(script.encode(), from_script=True).cells
    assert [(cell.kind, cell.source) for cell in cells] == [
        ("markdown", '"""Title"""'),
        ("code", "import a; import b"),
        ("code", '# twice\n@a.b\ndef f():\n    return """\nx"""'),
        ("code", "x = (\n  1)"),
    ]


def test_one_error_in_a_python_file_does_not_take_all_of_it() -> None:
    script = "import a\n\ndef f(:\n    pass\n\ndef g():\n    return 1\n"
    assert "def g():\n    return 1" in sources(parse(script.encode(), from_script=True))


# --- the trusted process is not hurt ----------------------------------------------------------------

LARGE = 20_000_000
HOSTILE = {
    "deep lists": b"[" * LARGE,
    "deep objects": b'{"id":' * (LARGE // 6),
    "starts of cells": b'{"id":"x" ' * (LARGE // 10),
    "strings that do not end": b'{"id":"' * (LARGE // 7),
    "sources": b'"source":"" ' * (LARGE // 12),
    "sources that do not end": b'"source":[ ' * (LARGE // 11),
    "small lists": b'{"cells":[' + b"[]," * (LARGE // 3) + b"1]}",
    "small strings": b'{"cells":[' + b'"",' * (LARGE // 3) + b"1]}",
    "marks of scripts": b"# %%\n" * (LARGE // 5),
    "definitions": b"# %%\n" + b"@a\ndef f(:\n" * (LARGE // 11),
    "bytes that are no text": b"\xff" * LARGE,
    "quotes": b'"' * LARGE,
    "backslashes": b'{"' + b"\\" * LARGE,
}


@pytest.mark.slow
@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_bytes_cost_little(data: bytes) -> None:
    start = time.process_time()
    with pytest.raises(RejectedError):
        parse(data)
    assert time.process_time() - start < 5


def test_numbers_are_not_worked_out() -> None:
    assert sources(parse(b'{"a": ' + b"9" * 100_000 + b', "cells": [{"source": "x"}], "b": NaN}')) == ["x"]


def test_commas_in_printed_lists_are_no_values() -> None:
    cells = [{"cell_type": "code", "source": "x", "outputs": [{"text": "1, " * 3_000_000}]}]
    assert sources(parse(json.dumps({"cells": cells}).encode())) == ["x"]


def test_too_many_cells_are_refused_and_too_long_ones_are_left_out() -> None:
    with pytest.raises(RejectedError, match="at most 2,000"):
        parse(notebook(*["x"] * (MAX_CELLS + 1)))
    reading = parse(notebook("x", "y" * (MAX_CODE + 1)))
    assert sources(reading) == ["x", ""]
    assert reading.left_out
    assert "Cell 2 is 1,000,001 characters long and was left out" in reading.problems[0]


# --- files ------------------------------------------------------------------------------------------


def test_neither_links_nor_pipes_nor_hard_links_are_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.ipynb"
    secret.write_bytes(notebook("x"))
    (tmp_path / "link").symlink_to(secret)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name, said in (("link", "link"), ("pipe", "ordinary"), ("folder", "ordinary"), ("none", "cannot be read")):
        with pytest.raises(RejectedError, match=said):
            read_regular_file(tmp_path / name, MAX_FILE_BYTES)
    assert read_regular_file(secret, MAX_FILE_BYTES) == notebook("x")
    (tmp_path / "twin").hardlink_to(secret)
    with pytest.raises(RejectedError, match="hard link"):
        read_regular_file(secret, MAX_FILE_BYTES)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.ipynb"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # takes no room on the disk
    with pytest.raises(RejectedError, match="1048576 MB large"):
        read_regular_file(path, MAX_FILE_BYTES)
