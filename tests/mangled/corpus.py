"""The mangled corpus: what happens to notebooks between a learner's desk and the grader, and what is kept of each.

A case makes a submission from a notebook in which everything is right, and says what grading keeps of it.
"""

from __future__ import annotations

import codecs
import copy
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import nbformat
from nbformat import NotebookNode

from autograder.authoring.sources import grade_id

LESSON = "01_loop_by_hand"
NAME = f"{LESSON}.ipynb"

Sent: TypeAlias = NotebookNode | dict[str, Any] | str | bytes | None
"""What a case sends as LESSON.ipynb; None where it wrote its files itself."""


@dataclass(frozen=True)
class Desk:
    """What a case works with: the solved notebook (its own copy), the stub as given out, the folder to hand in."""

    solved: NotebookNode
    given: NotebookNode
    folder: Path

    def position(self, name: str) -> int:
        return next(index for index, cell in enumerate(self.solved.cells) if grade_id(cell) == name)

    def cell(self, name: str) -> NotebookNode:
        return self.solved.cells[self.position(name)]

    def insert(self, place: int, *cells: NotebookNode) -> NotebookNode:
        self.solved.cells[place:place] = cells
        return self.solved

    def text(self) -> str:
        return as_file(self.solved)

    def tree(self) -> dict[str, Any]:
        return dict(json.loads(self.text()))


@dataclass(frozen=True)
class Case:
    """`lost` are the exercises that are not correct, None where the whole is rejected; `says` are all its problems."""

    title: str
    make: Callable[[Desk], Sent]
    lost: tuple[str, ...] | None
    says: tuple[str, ...]


CASES: list[Case] = []


def keeps(*says: str, lost: tuple[str, ...] | str = ()) -> Callable[[Callable[[Desk], Sent]], Callable[[Desk], Sent]]:
    """The case is graded, with everything right but `lost`, and its problems are `says`."""
    return _case((lost,) if isinstance(lost, str) else lost, says)


def is_rejected(*says: str) -> Callable[[Callable[[Desk], Sent]], Callable[[Desk], Sent]]:
    """The case is rejected, and `says` tells why."""
    return _case(None, says)


def _case(
    lost: tuple[str, ...] | None, says: tuple[str, ...]
) -> Callable[[Callable[[Desk], Sent]], Callable[[Desk], Sent]]:
    def declare(make: Callable[[Desk], Sent]) -> Callable[[Desk], Sent]:
        CASES.append(Case(make.__name__, make, lost, says))
        return make

    return declare


def as_file(notebook: NotebookNode) -> str:
    """A notebook as it is stored, without nbformat's repairs of what is mangled on purpose."""
    return str(nbformat.v4.writes(notebook))


def code(source: str, name: str | None = None) -> NotebookNode:
    """A code cell, with the marks of `name` where it is given."""
    cell = nbformat.v4.new_code_cell(source)
    if name is not None:
        cell.metadata["nbgrader"] = {"grade_id": name, "solution": True, "grade": False, "locked": False}
    return cell


def prose(source: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source)


def without_marks(notebook: NotebookNode) -> NotebookNode:
    """As Colab saves it: metadata and ids of its own."""
    for index, cell in enumerate(notebook.cells):
        cell.metadata = nbformat.from_dict({"id": f"cell{index:04d}"})
        cell.pop("id", None)
    notebook.nbformat_minor = 0
    return notebook


# --- bytes ------------------------------------------------------------------------------------------


@keeps()
def byte_order_mark(desk: Desk) -> Sent:
    return codecs.BOM_UTF8 + desk.text().encode()


@keeps("The file is in UTF-16, not in UTF-8, and was read all the same.")
def utf_16(desk: Desk) -> Sent:
    return desk.text().encode("utf-16")


@keeps("The file is in UTF-16, not in UTF-8, and was read all the same.")
def utf_16_without_its_mark(desk: Desk) -> Sent:
    return desk.text().encode("utf-16-be")


@keeps("The file is in UTF-32, not in UTF-8, and was read all the same.")
def utf_32(desk: Desk) -> Sent:
    return desk.text().encode("utf-32")


@keeps("The file is not in UTF-8; it was read as Latin-1.")
def latin_1(desk: Desk) -> Sent:
    return desk.text().encode("latin-1", "replace")


@keeps("Some characters of the file cannot be read (1 of them).")
def one_byte_of_a_letter_is_missing(desk: Desk) -> Sent:
    data = desk.text().encode()
    place = data.index("·".encode())
    return data[:place] + data[place + 1 :]


@keeps()
def windows_line_ends(desk: Desk) -> Sent:
    for cell in desk.solved.cells:
        cell.source = cell.source.replace("\n", "\r\n")
    return desk.text().replace("\n", "\r\n").encode()


@keeps()
def zeros_at_the_end(desk: Desk) -> Sent:
    return desk.text().encode() + bytes(4096)


@keeps("A cell holds zero bytes or halves of letters; they were left out.")
def zero_bytes_and_halves_of_letters_in_sources(desk: Desk) -> Sent:
    tree = desk.tree()
    tree["cells"].insert(3, {"cell_type": "code", "source": "smile = '\ud83d'\0", "metadata": {}})
    return tree


@keeps("The file is damaged; # cells could be read in it.")
def text_behind_the_notebook(desk: Desk) -> Sent:
    return desk.text() + "\n</body></html>"


@keeps("The file is damaged; # cells could be read in it.")
def text_before_the_notebook(desk: Desk) -> Sent:
    return ")]}'\n" + desk.text()


@keeps("The file is damaged; # cells could be read in it.")
def a_brace_is_missing(desk: Desk) -> Sent:
    text = desk.text()
    place = text.index('"grade_id": "mse"')
    end = text.index("}", place)
    return text[:end] + text[end + 1 :]


@keeps(
    "The file is damaged; # cells could be read in it.",
    "Check cells were missing and were put back: check_stable_learning_rate.",
)
def cut_off_behind_the_last_answer(desk: Desk) -> Sent:
    text = desk.text()
    return text[: text.index('"check_stable_learning_rate"')]


@is_rejected(
    "The file is damaged, and nothing can be read of train, stable_learning_rate. Save the notebook and send it again."
)
def cut_off_in_the_middle(desk: Desk) -> Sent:
    text = desk.text()
    return text[: text.index('"grade_id": "train"')]


@is_rejected(
    "The file is damaged, and answers need what cannot be read any more (mean_square). "
    "Save the notebook and send it again."
)
def a_helper_is_damaged(desk: Desk) -> Sent:
    desk.cell("mse").source = "def mse(predictions, y):\n    return mean_square(predictions.ravel() - y.ravel())"
    desk.insert(desk.position("mse"), code("def mean_square(a):\n    return float((a**2).mean())"))
    return desk.text().replace('"def mean_square', "def mean_square")


@keeps("The file is damaged; # cells could be read in it.")
def marks_of_a_merge_conflict(desk: Desk) -> Sent:
    ours = '   "execution_count": 3,\n'
    conflict = f"<<<<<<< HEAD\n{ours}=======\n{ours}>>>>>>> mine\n"
    return desk.text().replace('   "execution_count": null,\n', conflict, 1)


@keeps()
def numbers_that_are_none(desk: Desk) -> Sent:
    return desk.text().replace('"nbformat": 4,', '"nbformat": NaN, "a": -Infinity, "b": ' + "9" * 9000 + ",")


@keeps()
def keys_twice(desk: Desk) -> Sent:
    return desk.text().replace('"cell_type": "code",', '"cell_type": "markdown", "source": [], "cell_type": "code",')


@keeps("The file is damaged; # cells could be read in it.")
def json_a_hundred_thousand_levels_deep(desk: Desk) -> Sent:
    deep = "[" * 100_000 + "]" * 100_000
    return desk.text().replace('"language_info": {', f'"deep": {deep}, "language_info": {{')


@keeps()
def fifty_megabytes_of_pictures(desk: Desk) -> Sent:
    picture = "iVBORw0KGgo" + "A" * 5_000_000
    for cell in [cell for cell in desk.solved.cells if cell.cell_type == "code"][:10]:
        cell.outputs = [nbformat.v4.new_output("display_data", data={"image/png": picture})]
    return desk.solved


@is_rejected(
    "01_loop_by_hand.ipynb is 100 MB large, more than the 64 MB that are looked at; clear its outputs and send it again."
)
def a_hundred_megabytes(desk: Desk) -> Sent:
    with (desk.folder / NAME).open("wb") as file:
        file.write(desk.text().encode())
        file.truncate(100 << 20)
    return None


@is_rejected("The notebook holds more than 2,000,000 values; clear its outputs and send it again.")
def five_million_numbers(desk: Desk) -> Sent:
    return desk.text().replace('"metadata": {', '"metadata": {"a": [' + "1," * 5_000_000 + "1],", 1)


@is_rejected("The file is empty, not the notebook. Save the notebook and send it again.")
def an_empty_file(desk: Desk) -> Sent:
    return b""


@is_rejected("The file is a ZIP archive or an Office document, not the notebook. Save the notebook and send it again.")
def an_archive(desk: Desk) -> Sent:
    return b"PK\x03\x04" + desk.text().encode()


@is_rejected("The file is a web page, not the notebook. Save the notebook and send it again.")
def a_web_page(desk: Desk) -> Sent:
    return "<!DOCTYPE html>\n<html><body>Please log in</body></html>"


@is_rejected("The file is no notebook: it holds no JSON. Save the notebook and send it again.")
def an_essay(desk: Desk) -> Sent:
    return "This is my homework, sorry for the format.\n"


# --- formats ----------------------------------------------------------------------------------------


@keeps("The notebook is in the old format 3, and was read all the same.")
def format_3(desk: Desk) -> Sent:
    return nbformat.writes(desk.solved, version=3)


@keeps()
def a_format_of_the_future(desk: Desk) -> Sent:
    return {**desk.tree(), "nbformat": 7, "nbformat_minor": 99, "kernelspec": 3}


@keeps(
    "The marks of some cells were lost; they were recognised all the same: make_data, init_weights, predict, mse, mse_gradient, sgd_step, train, stable_learning_rate."
)
def nothing_but_cells(desk: Desk) -> Sent:
    """No metadata, no ids, no versions: only types and texts."""
    return {"cells": [{"cell_type": cell.cell_type, "source": cell.source} for cell in desk.solved.cells]}


@keeps("The lines of a cell have no ends; each was read as a line.")
def lines_without_their_ends(desk: Desk) -> Sent:
    tree = desk.tree()
    for cell in tree["cells"]:
        cell["source"] = "".join(cell["source"]).split("\n")
    return tree


@keeps(
    "The marks of some cells were lost; they were recognised all the same: make_data, init_weights, predict, mse, mse_gradient, sgd_step, train, stable_learning_rate."
)
def metadata_of_the_wrong_kind(desk: Desk) -> Sent:
    tree = desk.tree()
    for cell in tree["cells"]:
        cell.update(metadata=[1, 2], outputs=None, execution_count="x", id=None)
    return {**tree, "metadata": None}


@keeps("The file is damaged; # cells could be read in it.")
def the_list_of_cells_is_under_another_name(desk: Desk) -> Sent:
    return desk.text().replace('"cells":', '"cels":', 1)


@keeps("The text of a cell is under another key than `source`; it was read all the same.")
def a_source_is_under_another_name(desk: Desk) -> Sent:
    tree = desk.tree()
    cell = tree["cells"][desk.position("mse")]
    cell["sauce"] = cell.pop("source")
    return tree


@keeps()
def another_kernel(desk: Desk) -> Sent:
    desk.solved.metadata = nbformat.from_dict({"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}})
    return desk.solved


@is_rejected("The file is no notebook: it has no cells. Save the notebook and send it again.")
def no_cells(desk: Desk) -> Sent:
    return {**desk.tree(), "cells": []}


@is_rejected("The notebook has # cells; send one with at most 2,000.")
def three_thousand_cells(desk: Desk) -> Sent:
    return desk.insert(1, *(code(f"x = {number}") for number in range(3000)))


# --- names and folders ------------------------------------------------------------------------------


def write(path: Path, content: NotebookNode | dict[str, Any] | str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, NotebookNode):
        content = as_file(content)
    elif isinstance(content, dict):
        content = json.dumps(content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


@keeps("The notebook is called lesson (1).ipynb; it was taken for 01_loop_by_hand.ipynb.")
def a_browsers_second_download(desk: Desk) -> Sent:
    write(desk.folder / "lesson (1).ipynb", desk.solved)
    return None


@keeps("The notebook is called 01_loop_by_hand-checkpoint.ipynb; it was taken for 01_loop_by_hand.ipynb.")
def a_checkpoint(desk: Desk) -> Sent:
    write(desk.folder / f"{LESSON}-checkpoint.ipynb", desk.solved)
    return None


@keeps("The notebook is called Copy of 01_loop_by_hand.ipynb; it was taken for 01_loop_by_hand.ipynb.")
def a_copy_from_a_drive(desk: Desk) -> Sent:
    write(desk.folder / f"Copy of {NAME}", desk.solved)
    return None


@keeps("The notebook is called 01_loop_by_hand.ipynb.txt; it was taken for 01_loop_by_hand.ipynb.")
def a_notebook_saved_as_text(desk: Desk) -> Sent:
    write(desk.folder / f"{NAME}.txt", desk.solved)
    return None


@keeps("The notebook is called 01_LOOP_BY_HAND.IPYNB; it was taken for 01_loop_by_hand.ipynb.")
def capital_letters(desk: Desk) -> Sent:
    write(desk.folder / NAME.upper(), desk.solved)
    return None


@keeps("The notebook is called my homework/01_loop_by_hand.ipynb; it was taken for 01_loop_by_hand.ipynb.")
def in_a_folder(desk: Desk) -> Sent:
    write(desk.folder / "my homework" / NAME, desk.solved)
    return None


@keeps()
def with_what_a_mac_adds(desk: Desk) -> Sent:
    write(desk.folder / "__MACOSX" / f"._{NAME}", b"\0\5\x16\7")
    write(desk.folder / f"._{NAME}", b"\0\5\x16\7")
    write(desk.folder / ".ipynb_checkpoints" / f"{LESSON}-checkpoint.ipynb", desk.given)
    return desk.solved


@keeps(
    "The notebook is called .ipynb_checkpoints/01_loop_by_hand-checkpoint.ipynb; it was taken for 01_loop_by_hand.ipynb."
)
def only_what_jupyter_kept_aside(desk: Desk) -> Sent:
    write(desk.folder / ".ipynb_checkpoints" / f"{LESSON}-checkpoint.ipynb", desk.solved)
    return None


@keeps("The notebook is called 01 ???[31m?.ipynb; it was taken for 01_loop_by_hand.ipynb.")
def a_name_that_is_no_text(desk: Desk) -> Sent:
    path = os.fsencode(desk.folder) + b"/01 \xff\xfe\x1b[31m\n.ipynb"
    with open(path, "wb") as file:
        file.write(desk.text().encode())
    return None


@keeps(
    "The notebook is called 01_loop_by_hand (1).ipynb; it was taken for 01_loop_by_hand.ipynb.",
    "There were other files as well (01_loop_by_hand.ipynb); 01_loop_by_hand (1).ipynb was graded, for only there is something to grade.",
)
def the_work_is_in_the_second_copy(desk: Desk) -> Sent:
    write(desk.folder / NAME, desk.given)
    write(desk.folder / f"{LESSON} (1).ipynb", desk.solved)
    return None


@keeps(
    "The notebook is called 01_loop_by_hand (2).ipynb; it was taken for 01_loop_by_hand.ipynb.",
    "There were other files as well (01_loop_by_hand (1).ipynb); 01_loop_by_hand (2).ipynb was graded, which holds all that they hold, and more.",
)
def the_second_copy_goes_on_from_the_first(desk: Desk) -> Sent:
    half = copy.deepcopy(desk.solved)
    for index in range(desk.position("mse"), len(half.cells)):
        half.cells[index] = desk.given.cells[index]
    write(desk.folder / f"{LESSON} (1).ipynb", half)
    write(desk.folder / f"{LESSON} (2).ipynb", desk.solved)
    return None


@keeps(
    "The notebook is called my lesson.ipynb; it was taken for 01_loop_by_hand.ipynb.",
    "There were other files as well (scratch.ipynb); my lesson.ipynb was graded.",
)
def another_notebook_beside_it(desk: Desk) -> Sent:
    write(desk.folder / "scratch.ipynb", {"cells": [{"cell_type": "code", "source": "1 + 1"}]})
    write(desk.folder / "my lesson.ipynb", desk.solved)
    return None


@is_rejected(
    "01_loop_by_hand (1).ipynb, 01_loop_by_hand (2).ipynb hold different answers, and none is called 01_loop_by_hand.ipynb; send the one that is meant."
)
def two_copies_with_different_answers(desk: Desk) -> Sent:
    write(desk.folder / f"{LESSON} (1).ipynb", desk.solved)
    desk.cell("mse").source = "def mse(predictions, y):\n    return 0.0"
    write(desk.folder / f"{LESSON} (2).ipynb", desk.solved)
    return None


@is_rejected("None of the notebook's exercises is in it: is it the right notebook? Send the one of this assignment.")
def the_notebook_of_another_lesson(desk: Desk) -> Sent:
    cells = [code("import numpy as np"), code("def column_mean(X):\n    return X.mean(axis=0)", "column_mean")]
    return nbformat.v4.new_notebook(cells=cells)


@is_rejected("No notebook was found in the submission, only homework.docx; send 01_loop_by_hand.ipynb.")
def no_notebook(desk: Desk) -> Sent:
    write(desk.folder / "homework.docx", b"PK\x03\x04")
    return None


@is_rejected("No notebook was found in the submission; send 01_loop_by_hand.ipynb.")
def nothing(desk: Desk) -> Sent:
    return None


@is_rejected("01_loop_by_hand.ipynb is a link and is not followed; send the notebook itself.")
def a_link(desk: Desk) -> Sent:
    write(desk.folder.parent / "elsewhere.ipynb", desk.solved)
    (desk.folder / NAME).symlink_to(desk.folder.parent / "elsewhere.ipynb")
    return None


@is_rejected("01_loop_by_hand.ipynb is a hard link to a file that has another name too; send a copy of it.")
def a_hard_link(desk: Desk) -> Sent:
    write(desk.folder.parent / "elsewhere.ipynb", desk.solved)
    (desk.folder / NAME).hardlink_to(desk.folder.parent / "elsewhere.ipynb")
    return None


@keeps(
    "The notebook is called 01_loop_by_hand(1).ipynb; it was taken for 01_loop_by_hand.ipynb.",
    "There were other files as well (01_loop_by_hand.ipynb); 01_loop_by_hand(1).ipynb was graded, for the first of them cannot be read.",
)
def a_link_beside_the_work(desk: Desk) -> Sent:
    (desk.folder / NAME).symlink_to("/etc/passwd")
    write(desk.folder / f"{LESSON}(1).ipynb", desk.solved)
    return None


@is_rejected("01_loop_by_hand.ipynb is no ordinary file; send the notebook itself.")
def a_named_pipe(desk: Desk) -> Sent:
    os.mkfifo(desk.folder / NAME)
    return None


@is_rejected("No notebook was found in the submission; send 01_loop_by_hand.ipynb.")
def a_folder_that_is_called_like_the_notebook(desk: Desk) -> Sent:
    (desk.folder / NAME).mkdir()
    return None


@is_rejected("01_loop_by_hand is a link or no folder; send the notebook itself in a folder of that name.")
def the_folder_is_a_link(desk: Desk) -> Sent:
    write(desk.folder.parent / "elsewhere" / NAME, desk.solved)
    desk.folder.rmdir()
    desk.folder.symlink_to(desk.folder.parent / "elsewhere")
    return None


# --- Python files -----------------------------------------------------------------------------------


def as_script(notebook: NotebookNode, mark: Callable[[NotebookNode], str]) -> str:
    pieces = []
    for cell in notebook.cells:
        text = cell.source if cell.cell_type == "code" else "\n".join(f"# {line}" for line in cell.source.split("\n"))
        pieces.append(mark(cell) + text)
    return "\n\n".join(pieces) + "\n"


@keeps(
    "The notebook is called 01_loop_by_hand.py; it was taken for 01_loop_by_hand.ipynb.",
    "The notebook came as a Python file; its cells were read from that.",
    "The marks of some cells were lost; they were recognised all the same: make_data, init_weights, predict, mse, mse_gradient, sgd_step, train, stable_learning_rate.",
)
def a_python_file_by_nbconvert(desk: Desk) -> Sent:
    head = "#!/usr/bin/env python\n# coding: utf-8\n\n"
    text = as_script(desk.solved, lambda cell: "# In[ ]:\n\n\n" if cell.cell_type == "code" else "")
    write(desk.folder / f"{LESSON}.py", head + text)
    return None


@keeps(
    "The notebook is called 01_loop_by_hand.py; it was taken for 01_loop_by_hand.ipynb.",
    "The notebook came as a Python file; its cells were read from that.",
)
def a_python_file_by_jupytext(desk: Desk) -> Sent:
    def mark(cell: NotebookNode) -> str:
        if cell.cell_type != "code":
            return "# %% [markdown]\n"
        marks = json.dumps(cell.metadata.get("nbgrader", {}))
        return f"# %% nbgrader={marks}\n"

    write(desk.folder / f"{LESSON}.py", as_script(desk.solved, mark))
    return None


@keeps(
    "The notebook is called 01_loop_by_hand.py; it was taken for 01_loop_by_hand.ipynb.",
    "The notebook came as a Python file; its cells were read from that.",
    "Locked cells were changed; the course's own were used: imports.",
    "The marks of some cells were lost; they were recognised all the same: make_data, init_weights, predict, mse, mse_gradient, sgd_step, train, stable_learning_rate.",
)
def a_python_file_by_colab(desk: Desk) -> Sent:
    texts = [
        cell.source if cell.cell_type == "code" else '"""' + cell.source.replace("\\", "\\\\") + '"""'
        for cell in desk.solved.cells
    ]
    head = '# -*- coding: utf-8 -*-\n"""01_loop_by_hand.ipynb\n\nAutomatically generated by Colab.\n"""\n\n'
    write(desk.folder / f"{LESSON}.py", head + "\n\n".join(texts))
    return None


@keeps(
    "The notebook came as a Python file; its cells were read from that.",
    "The marks of some cells were lost; they were recognised all the same: make_data, init_weights, predict, mse, mse_gradient, sgd_step, train, stable_learning_rate.",
)
def a_python_file_that_is_called_a_notebook(desk: Desk) -> Sent:
    return as_script(desk.solved, lambda cell: "#%%\n" if cell.cell_type == "code" else "#%% md\n")


@keeps(
    "The notebook is called 01_loop_by_hand.py; it was taken for 01_loop_by_hand.ipynb.",
    "The notebook came as a Python file; its cells were read from that.",
    "Check cells were missing and were put back: check_make_data, check_init_weights, check_predict, check_mse, check_mse_gradient, check_sgd_step, check_train, check_stable_learning_rate.",
    "The marks of some cells were lost; they were recognised all the same: make_data, init_weights, predict, mse, mse_gradient, sgd_step, train, stable_learning_rate.",
    "Locked cells were missing and were put back: imports.",
    "What was imported or defined in cells of the course was kept: colab.",  # all above the first function is one piece
    lost=("predict", "mse_gradient", "train"),
)
def a_python_file_with_an_error_in_it(desk: Desk) -> Sent:
    desk.cell("predict").source = "def predict(X, weights)\n    return X @ weights"
    write(desk.folder / f"{LESSON}.py", "\n\n".join(c.source for c in desk.solved.cells if c.cell_type == "code"))
    return None


# --- cells ------------------------------------------------------------------------------------------


@keeps(
    "The marks of some cells were lost; they were recognised all the same: make_data, init_weights, predict, mse, mse_gradient, sgd_step, train, stable_learning_rate."
)
def through_colab(desk: Desk) -> Sent:
    return without_marks(desk.solved)


@keeps("The answer to `mse` is split over several cells; all of them were used.")
def split_in_jupyterlab(desk: Desk) -> Sent:
    """Splitting a cell gives both halves the marks: an import and a helper here, the function there."""
    place = desk.position("mse")
    desk.solved.cells[place : place + 1] = [
        code("import math\n\n\ndef flat(a):\n    return np.asarray(a).ravel()", "mse"),
        code("def mse(predictions, y):\n    return math.fsum((flat(predictions) - flat(y)) ** 2) / len(y)", "mse"),
    ]
    return desk.solved


@keeps(
    "The marks of some cells were lost; they were recognised all the same: make_data, init_weights, predict, mse, mse_gradient, sgd_step, train, stable_learning_rate."
)
def split_and_without_marks(desk: Desk) -> Sent:
    place = desk.position("mse")
    desk.solved.cells[place : place + 1] = [
        code("import math"),
        code("def flat(a):\n    return np.asarray(a).ravel()"),
        code("def mse(predictions, y):\n    return math.fsum((flat(predictions) - flat(y)) ** 2) / len(y)"),
    ]
    return without_marks(desk.solved)


@keeps(
    "The function `sgd_step` is cut in two: its lower half stands in the next cell. Join the two cells and send the notebook again.",
    lost="sgd_step",
)
def a_function_cut_in_two(desk: Desk) -> Sent:
    place = desk.position("sgd_step")
    desk.solved.cells[place : place + 1] = [
        code("def sgd_step(weights, gradient, learning_rate):\n    step = learning_rate * gradient", "sgd_step"),
        code("    return weights - step"),
    ]
    return desk.solved


@keeps("One cell answers predict, mse; it was used for each of them.")
def two_answers_in_one_cell(desk: Desk) -> Sent:
    desk.cell("predict").source += "\n\n\n" + desk.cell("mse").source
    del desk.solved.cells[desk.position("mse")]
    return desk.solved


@keeps("One cell answers predict, mse; it was used for each of them.")
def two_answers_in_the_later_cell(desk: Desk) -> Sent:
    desk.cell("mse").source = desk.cell("predict").source + "\n\n\n" + desk.cell("mse").source
    desk.cell("predict").source = desk.given.cells[desk.position("predict")].source
    return desk.solved


@keeps(
    "Check cells were missing and were put back: check_make_data, check_init_weights, check_predict, check_mse, check_mse_gradient, check_sgd_step, check_train, check_stable_learning_rate.",
    "Locked cells were missing and were put back: imports.",
    "One cell answers make_data, init_weights, predict, mse, mse_gradient, sgd_step, train, stable_learning_rate; it was used for each of them.",
)
def everything_in_one_cell(desk: Desk) -> Sent:
    everything = "\n\n\n".join(
        cell.source for cell in desk.solved.cells if cell.metadata.get("nbgrader", {}).get("solution")
    )
    return nbformat.v4.new_notebook(cells=[code(f"import numpy as np\n\n\n{everything}")])


@keeps("There are 2 different answers to `mse`; the last one was graded.")
def a_doubled_cell(desk: Desk) -> Sent:
    return desk.insert(desk.position("mse"), code("def mse(predictions, y):\n    return 0.0  # first try", "mse"))


@keeps("Of cells that are there more than once, the last with an answer was graded: mse.")
def a_doubled_cell_whose_copy_is_empty_again(desk: Desk) -> Sent:
    place = desk.position("mse")
    return desk.insert(place + 1, copy.deepcopy(desk.given.cells[place]))


@keeps(
    "Of cells that are there more than once, the last with an answer was graded: make_data, init_weights, predict, mse, mse_gradient, sgd_step, train, stable_learning_rate."
)
def a_doubled_notebook(desk: Desk) -> Sent:
    desk.solved.cells += copy.deepcopy(desk.solved.cells)
    return desk.tree()


@keeps("Cells stood in another order than the course's; they were put back in order.")
def the_other_way_round(desk: Desk) -> Sent:
    desk.solved.cells.reverse()
    return desk.solved


@keeps("The marks of some cells were lost; they were recognised all the same: predict, mse.")
def marks_exchanged(desk: Desk) -> Sent:
    one, other = desk.cell("mse"), desk.cell("predict")
    one.source, other.source = other.source, one.source
    return desk.solved


@keeps("The cell of `mse` has become markdown; it was graded as code all the same.")
def an_answer_turned_into_text(desk: Desk) -> Sent:
    cell = desk.cell("mse")
    desk.solved.cells[desk.position("mse")] = nbformat.from_dict(
        {**prose(f"```python\n{cell.source}\n```"), "metadata": cell.metadata}
    )
    return desk.solved


@keeps("The cell of `mse` has become raw; it was graded as code all the same.")
def an_answer_turned_into_a_raw_cell(desk: Desk) -> Sent:
    cell = desk.cell("mse")
    raw = nbformat.v4.new_raw_cell(cell.source, metadata=cell.metadata)
    desk.solved.cells[desk.position("mse")] = raw
    return desk.solved


@keeps(
    "The marks of some cells were lost; they were recognised all the same: make_data, init_weights, predict, mse, mse_gradient, sgd_step, train, stable_learning_rate."
)
def retitled(desk: Desk) -> Sent:
    """Headings in other words, and cells under other names."""
    for number, cell in enumerate(desk.solved.cells):
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace("## ", "## My ")
        elif "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.grade_id = f"cell-{number}"
    return desk.solved


@keeps("The function of `mse_gradient` has another name (mse_gradient = mse_grad); it was graded under the right one.")
def a_renamed_function(desk: Desk) -> Sent:
    cell = desk.cell("mse_gradient")
    cell.source = cell.source.replace("def mse_gradient", "def mse_grad")
    return desk.solved


@keeps(
    "The function of `mse_gradient` has another name (mse_gradient = slope); it was graded under the right one.",
    "The marks of some cells were lost; they were recognised all the same: make_data, init_weights, predict, mse, mse_gradient, sgd_step, train, stable_learning_rate.",
)
def a_renamed_function_without_marks(desk: Desk) -> Sent:
    desk.cell("mse_gradient").source = "def slope(X, y, weights):\n    return 2 * X.T @ (X @ weights - y) / len(y)"
    return without_marks(desk.solved)


@keeps(
    "The cell of `mse_gradient` defines `slope`, `slope_2` and no `mse_gradient`; give the function that is meant this name.",
    lost=("mse_gradient", "train"),
)
def two_functions_of_which_none_has_the_name(desk: Desk) -> Sent:
    desk.cell("mse_gradient").source = (
        "def slope(X, y, weights):\n    return 2 * X.T @ (X @ weights - y) / len(y)\n\n\n"
        "def slope_2(X, y, weights):\n    return -slope(X, y, weights)"
    )
    return desk.solved


@keeps()
def a_helper_in_a_cell_above(desk: Desk) -> Sent:
    desk.cell("mse").source = "def mse(predictions, y):\n    return mean_square(predictions.ravel() - y.ravel())"
    return desk.insert(desk.position("mse"), code("def mean_square(a):\n    return float((a**2).mean())"))


@keeps("`mse` needs `mean_square`, which is defined further down; that cell was moved up.")
def a_helper_in_a_cell_far_below(desk: Desk) -> Sent:
    desk.cell("mse").source = "def mse(predictions, y):\n    return mean_square(predictions.ravel() - y.ravel())"
    return desk.insert(len(desk.solved.cells), code("def mean_square(a):\n    return float((a**2).mean())"))


@keeps(
    "`mse` needs `power`, which is defined only further down; cells are run from top to bottom (Kernel → Restart Kernel and Run All Cells shows it).",
    lost=("mse", "train"),
)
def a_value_from_further_down(desk: Desk) -> Sent:
    desk.cell(
        "mse"
    ).source = "def mse(predictions, y):\n    return float(((predictions.ravel() - y.ravel()) ** power).mean())"
    return desk.insert(len(desk.solved.cells), code("power = len('ab')\nprint(power)"))


@keeps(
    "`init_weights` needs `sgd_step`, which is defined only further down; cells are run from top to bottom (Kernel → Restart Kernel and Run All Cells shows it).",
    lost="init_weights",
)
def a_use_of_a_later_answer(desk: Desk) -> Sent:
    desk.cell("init_weights").source = (
        "half = sgd_step(np.ones(1), np.ones(1), 0.5)\n\n\n"
        "def init_weights(n_features, rng):\n    return rng.normal(size=n_features) * half * 2"
    )
    return desk.solved


@keeps(
    "Locked cells were changed; the course's own were used: imports.",
    "What was imported or defined in cells of the course was kept: imports.",
)
def an_import_in_a_locked_cell(desk: Desk) -> Sent:
    desk.cell("imports").source += "\nfrom math import fsum"
    desk.cell(
        "mse"
    ).source = "def mse(predictions, y):\n    return fsum((predictions.ravel() - y.ravel()) ** 2) / len(y)"
    return desk.solved


@keeps("The answer to `mse` stood in the cell `check_mse`; it was graded.")
def an_answer_in_the_check_cell(desk: Desk) -> Sent:
    desk.cell("check_mse").source = desk.cell("mse").source + '\n\ncheck("mse")'
    desk.cell("mse").source = desk.given.cells[desk.position("mse")].source
    return desk.solved


@keeps("The answers stood in other cells than their own, and were graded: mse.")
def an_answer_below_the_empty_stub(desk: Desk) -> Sent:
    place = desk.position("mse")
    answer = code(desk.cell("mse").source)
    desk.cell("mse").source = desk.given.cells[place].source
    return desk.insert(place + 1, answer)


@keeps(
    "Check cells were missing and were put back: check_make_data, check_init_weights, check_predict, check_mse, check_mse_gradient, check_sgd_step, check_train, check_stable_learning_rate."
)
def no_check_cells(desk: Desk) -> Sent:
    desk.solved.cells = [cell for cell in desk.solved.cells if not (grade_id(cell) or "").startswith("check_")]
    return desk.solved


@keeps("Check cells were changed; the course's own were used: check_mse.")
def one_check_cell_is_changed(desk: Desk) -> Sent:
    desk.cell("check_mse").source = "mse(np.ones(2), np.zeros(2))"
    return desk.solved


@keeps("No cell for `sgd_step` was found.", lost=("sgd_step", "train"))
def one_answer_is_deleted(desk: Desk) -> Sent:
    del desk.solved.cells[desk.position("sgd_step")]
    return desk.solved


@is_rejected("None of the notebook's exercises is in it: is it the right notebook? Send the one of this assignment.")
def all_answers_are_deleted(desk: Desk) -> Sent:
    desk.solved.cells = [c for c in desk.solved.cells if not c.metadata.get("nbgrader", {}).get("solution")]
    return desk.solved


@keeps("Cell # is # characters long and was left out; 1,000,000 are allowed.")
def a_cell_of_two_megabytes(desk: Desk) -> Sent:
    return desk.insert(3, code("numbers = [" + "1, " * 700_000 + "]"))


@is_rejected(
    "Cell # is # characters long and was left out; 1,000,000 are allowed. That was the answer to mse; make it shorter."
)
def an_answer_of_two_megabytes(desk: Desk) -> Sent:
    desk.cell("mse").source += "\n" + "# why?\n" * 300_000
    return desk.solved


@keeps()
def magics_and_shell_lines(desk: Desk) -> Sent:
    desk.cell("mse").source = "%%time\n" + desk.cell("mse").source
    return desk.insert(
        2, code("%matplotlib inline\n!pip install numpy\nfiles = !ls"), code("%%html\n<b>def mse(): bold</b>")
    )


@keeps()
def added_cells_that_fail(desk: Desk) -> Sent:
    return desk.insert(
        2, code("1 / 0"), code("def broken(:"), code("import no_such_module"), code("raise SystemExit"), code("input()")
    )
