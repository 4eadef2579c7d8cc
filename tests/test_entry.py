"""Entry: a learner's answer becomes text that means the same, and that runs nothing before a person has agreed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.authoring.answers import answer_source, fill, reference_sources
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson, Mistake, attempt_of, checked_in, is_demo
from autograder.comparison import equal
from autograder.grading.entry import Answer, EntryError, entry_text

MISTAKES = '"""What learners get wrong."""\n\nimport numpy as np\n\nfrom autograder.authoring import mistake\n'
GIVEN = "from typing import Any\n\nimport numpy as np\n\nfrom autograder import check, hint"
X = np.arange(6.0).reshape(3, 2)

ANSWERS = {
    "plain": "def f(X):\n    return X.mean(axis=0)",
    "with a helper": "def half(X):\n    return X / 2\n\n\ndef f(X):\n    return half(half(X))",
    "with constants and imports": "import math as m\nK = m.pi\nHALF_K = K / 2\n\ndef f(X, scale=2.0):\n    return HALF_K * scale * X",
    "that calls itself": "def f(X):\n    return f(X[1:]) + 1 if len(X) > 1 else X",
    "whose helper calls it": "def g(X):\n    return f(X[1:])\n\ndef f(X):\n    return g(X) + 1 if len(X) > 1 else X",
    "whose local name is a helper's": "def one():\n    return 1\n\ndef g():\n    return one()\n\ndef f(X):\n    one = g()\n    return X + one",
    "under another name": "def mine(X):\n    return X * 3\n\nf = mine",
    "that is a lambda": "f = lambda X: X - 1",
    "with a decorator": "import functools\n\n@functools.cache\ndef three():\n    return 3\n\n@functools.wraps(three)\ndef f(X):\n    return X * three()",
    "with a computed default": "def f(X, k=np.ones(2).sum()):\n    return X * k",
    "with annotations": "def f(X: np.ndarray, k: Any = 2) -> 'what is not there':\n    y: int = 3\n    return X * k + y",
    "that is a class": "class f:\n    def __init__(self, X):\n        self.X = X\n\n    def __array__(self, dtype=None, copy=None):\n        return self.X * 2",
    "written twice": "def f(X):\n    return X\n\ndef f(X):\n    return X + 5",
    "with remarks": 'def f(X):\n    """Ann wrote this."""\n    "and this"\n    # and this\n    return X + 1  # me',
    "with nothing but remarks": "def f(X):\n    '''Later.'''",
    "among other things": "print('hello')\ndef f(X):\n    return X + 1\nassert len(f(np.ones(2))) == 2\nfor i in range(3):\n    print(i)",
    "with odd texts": 'def f(X):\n    return [X.sum(), len(\'a\\u202eb\\n\\x1b[31m"""\')]',
    "with a method that is called like what is refused": "class Net:\n    def eval(self):\n        return 2\n\ndef f(X):\n    return X * Net().eval()",
    "with magics": "%matplotlib inline\n!ls\ndef f(X):\n    return X + 1",
}


def entry(source: str, *, is_value: bool = False, message: str = "Why?", mistakes: str = MISTAKES) -> str:
    return entry_text(Answer("f", is_value, source, (GIVEN, source)), "the_name", message, mistakes)


def imported(text: str) -> Mistake:
    """The entry as mistakes.py gives it when it is imported."""
    namespace: dict[str, Any] = {}
    exec(compile(text, "mistakes.py", "exec"), namespace)
    return namespace["the_name"]


@pytest.mark.parametrize("source", ANSWERS.values(), ids=ANSWERS.keys())
def test_an_entry_gives_what_the_learners_answer_gives(source: str) -> None:
    learners: dict[str, Any] = {"np": np, "Any": Any}
    exec("\n".join(line for line in source.split("\n") if line[:1] not in ("%", "!")), learners)
    known = imported(f"{MISTAKES}\n\n{entry(source)}")
    assert (known.exercise, known.name, known.message) == ("f", "the_name", "Why?")
    np.testing.assert_array_equal(known.attempt(X), np.asarray(learners["f"](X)))


def test_a_value_is_what_the_function_returns() -> None:
    text = entry("WORD = 'b'\nf = {1: ...}\nf = {1: 'a', 2: WORD}\nf[3] = f[1]\nprint(f)", is_value=True)
    assert imported(f"{MISTAKES}\n\n{text}").attempt() == {1: "a", 2: "b", 3: "a"}


def test_a_plain_answer_reads_like_the_entries_beside_it() -> None:
    assert entry(ANSWERS["with remarks"], message="This is one\n too much.") == (
        '@mistake("f")\ndef the_name(X):\n    """This is one too much."""\n    return X + 1\n'
    )


def test_a_file_that_names_no_mistake_yet_gets_the_import() -> None:
    text = entry(ANSWERS["plain"], mistakes='"""Nothing yet."""\n')
    assert imported(text).exercise == "f"


@pytest.mark.parametrize(
    "message", ['"""', "\\", 'ends in a "quote"', "\x1b[31mred\u202e", "{braces} %s", "long " * 60]
)
def test_any_message_can_be_written_and_read(message: str) -> None:
    text = entry(ANSWERS["plain"], message=f"Why {message}")
    known = imported(f"{MISTAKES}\n\n{text}")
    assert known.message == " ".join(f"Why {message}".replace("\x1b[31m", "").replace("\u202e", "").split())
    assert max(map(len, text.splitlines())) <= 120
    assert "\x1b" not in text


LEFT_OUT_OR_INSIDE = {
    "at the top level": "import os\nos.system('touch {}')\ndef f(X):\n    return X",
    "as an annotation": "import os\ndef f(X: os.system('touch {}')):\n    return X",
    "behind a comment": "def f(X):\n    return X\n#" + " " * 300 + "\rimport os; os.system('touch {}')",
    "as a default": "def f(X, y=np.save('{}', np.ones(1), allow_pickle=False)):\n    return X",
    "as a decorator": "def g(f):\n    np.save('{}', np.ones(1))\n    return f\n\n@g\ndef f(X):\n    return X",
    "as a class's body": "class f:\n    np.save('{}', np.ones(1))",
    "in a helper": "y = np.save('{}', np.ones(1))\ndef f(X):\n    return X, y",
}
REFUSED = {
    "imports os": "import os\ndef f(X):\n    return os.system('true')",
    "imports os inside": "def f(X):\n    y = 1;" + " " * 300 + "import os; os.system('true')\n    return X",
    "imports os from a package": "from torch import os\ndef f(X):\n    return os.system('true')",
    "imports from the folder": "from . import x\ndef f(X):\n    return x",
    "takes os from a package": "def f(X):\n    return np.lib.os.system('true')",
    "runs text": "def f(X):\n    return ｅｖａｌ('1')",
    "opens a file": "for y in [open('witness', 'w')]:\n    pass\ndef f(X):\n    return X, y",
    "imports by a function": "y = __import__('os')\ndef f(X):\n    return X + y",
    "climbs to all classes": "def f(X):\n    return ().__class__.__base__.__subclasses__()",
    "writes a global": "def f(X):\n    global mistake\n    mistake = None",
    "is nested too deeply": "def f(X): return X" + "[0]" * 900,
    "is not there": "def g(X):\n    return X",
    "is no Python": "def f(X) return X",
}


@pytest.mark.parametrize("source", LEFT_OUT_OR_INSIDE.values(), ids=LEFT_OUT_OR_INSIDE.keys())
def test_nothing_of_an_answer_runs_until_it_is_called(source: str, tmp_path: Path) -> None:
    witness = tmp_path / "witness.npy"
    text = entry(source.replace("{}", str(witness)))
    imported(f"{MISTAKES}\n\n{text}")
    assert not witness.exists()
    assert "os.system" not in text


@pytest.mark.parametrize("source", REFUSED.values(), ids=REFUSED.keys())
def test_what_no_answer_needs_is_refused(source: str) -> None:
    with pytest.raises(EntryError, match=r"Write the entry by hand\.$"):
        entry(source)


@pytest.mark.parametrize("name", ["np", "mistake", "print", "import", "not a name", "Name", "_name", "", "ｎame"])
def test_a_name_is_new_and_plain(name: str) -> None:
    with pytest.raises(EntryError, match=f"The name {name} is taken|cannot name a mistake"):
        entry_text(Answer("f", False, "", (ANSWERS["plain"],)), name, "Why?", MISTAKES)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["01_loop_by_hand", "03_backprop", "05_pytorch_loop"])
def test_known_mistakes_as_learners_write_them_become_entries_of_the_same_mistake(
    name: str, lessons: dict[str, Lesson]
) -> None:
    lesson = lessons[name]
    given, right = released(lesson.notebook), reference_sources(lesson)
    mistakes = (lesson.folder / "mistakes.py").read_text()
    for known in [item for item in lesson.mistakes if not item.seen_in and item.exercise in lesson.graded][::12]:
        exercise, source = lesson.exercises[known.exercise], answer_source(lesson, known)
        if "autograder" in source:  # an author's shortcut, which no learner takes, and which is refused
            continue
        cells = [cell for cell in fill(given, {**right, known.exercise: source}).cells if cell.cell_type == "code"]
        sources = tuple(cell.source for cell in cells if not is_demo(cell) and checked_in(cell) is None)
        text = entry_text(Answer(known.exercise, exercise.value, source, sources), "the_name", "Why?", mistakes)
        made = imported(f"{mistakes}\n\n{text}")
        before, after = (
            exercise.concluded(exercise.observe(attempt_of(exercise, one.attempt), 7), 7) for one in (known, made)
        )
        assert equal(before, after, exercise.tolerance), known.variable
