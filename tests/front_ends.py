"""Front ends: a notebook's file as JupyterLab, VS Code and Colab write it back after it was opened, run and saved there.

JupyterLab and Notebook 7 are run for real in tests/browser. VS Code and Colab cannot be run here; what they do to a file
is written down below, with where it can be read.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import nbformat
from nbformat import NotebookNode


def jupyter(run: NotebookNode) -> bytes:
    """JupyterLab, Notebook 7 and `jupyter execute`: they all write through nbformat, cells' ids and metadata as they were."""
    return nbformat.writes(run).encode()


def vs_code(run: NotebookNode) -> bytes:
    """VS Code: keys in order, text in lists of lines, outputs reordered and trimmed to the keys that it knows.

    From extensions/ipynb/src of microsoft/vscode: `sortObjectPropertiesRecursively`, `splitMultilineString`, `pruneCell` and
    `fixupOutput` in serializers.ts, `orderOfMimeTypes` in deserializers.ts, where a cell gets no id that it did not have.
    """
    tree = _tree(run)
    for cell in tree["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
        if cell["cell_type"] == "code":
            cell["outputs"] = [_trimmed(output) for output in cell["outputs"]]
    tree["metadata"]["language_info"] |= {"nbconvert_exporter": "python", "pygments_lexer": "ipython3"}
    tree["metadata"]["kernelspec"]["display_name"] = ".venv"  # the environment that was chosen in its list of kernels
    return (json.dumps(tree, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


_KEYS_KEPT = {
    "stream": {"output_type", "name", "text"},
    "error": {"output_type", "ename", "evalue", "traceback"},
    "display_data": {"output_type", "data", "metadata"},
    "execute_result": {"output_type", "data", "metadata", "execution_count", "name"},
}


def _trimmed(output: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in output.items() if key in _KEYS_KEPT[output["output_type"]]}


def vs_code_of_2021(run: NotebookNode) -> bytes:
    """VS Code before it kept the cells' ids (microsoft/vscode at 0882f1e: `getNotebookCellMetadata` clones all but them)."""
    tree = json.loads(vs_code(run))
    for cell in tree["cells"]:
        cell.pop("id", None)
    return (json.dumps(tree, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def colab(run: NotebookNode) -> bytes:
    """Colab: marks of its own beside ours, keys in an order of its own, two blanks as indentation, no line end at the end.

    Format 4.5 and its ids make the round trip (googlecolab/colabtools#5402, sagemathinc/cocalc#5504); a cell's metadata
    gets `id`, `outputId` and `colab`, as in any notebook that was saved there.
    """
    tree = _tree(run)
    for number, cell in enumerate(tree["cells"]):
        cell["metadata"] |= {"id": f"aDQtD4iAUU{number:02d}"}
        if cell.get("outputs"):
            cell["metadata"] |= {"colab": {"base_uri": "https://localhost:8080/"}, "outputId": f"8a9d865b-{number:04d}"}
        cell["source"] = cell["source"].splitlines(keepends=True)
    metadata = {"colab": {"provenance": [], "toc_visible": True}, **tree["metadata"]}
    order = {"nbformat": 4, "nbformat_minor": tree["nbformat_minor"], "metadata": metadata, "cells": tree["cells"]}
    return json.dumps(order, indent=2, ensure_ascii=False).encode()


def colab_without_marks(run: NotebookNode) -> bytes:
    """Colab at its worst: format 4.0, the ids in the metadata and nothing else there.

    Courses on Coursera met this: the program with which their learners look whether a saved notebook still has its marks says
    "Missing grader metadata detected! It has now been added" (DeepLearning.AI, submission_checker.py).
    """
    tree = json.loads(colab(run))
    for cell in tree["cells"]:
        cell["metadata"] = {"id": cell["metadata"]["id"]}
        cell.pop("id", None)
    return json.dumps({**tree, "nbformat_minor": 0}, indent=2, ensure_ascii=False).encode()


WRITERS = (jupyter, vs_code, vs_code_of_2021, colab, colab_without_marks)


def _tree(run: NotebookNode) -> dict[str, Any]:
    """A notebook as plain data, each source as one string."""
    return dict(json.loads(json.dumps(copy.deepcopy(run))))
