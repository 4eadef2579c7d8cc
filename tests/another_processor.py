"""Another processor: every known answer of a lesson, run from its source where sums and products are done otherwise.

Run as a program, in the process that `observed_elsewhere` starts: its NumPy and PyTorch use older instructions, so that
results differ in their last bits, as they do between a learner's laptop and the machine that grades.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from autograder.authoring.answers import answer_source
from autograder.authoring.sources import Lesson, Mistake, Variant, load_lesson
from autograder.check import observe_in
from autograder.encoding import from_json, to_json
from autograder.key import load_public
from autograder.observation import Observations
from tests.conftest import ROOT

_OLDER = {
    "OPENBLAS_CORETYPE": "Nehalem",
    "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR",
    "ATEN_CPU_CAPABILITY": "default",
    "MKL_CBWR": "COMPATIBLE",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
}


def known_answers(lesson: Lesson) -> list[Mistake | Variant]:
    """All wrong and right answers to graded exercises, but the references."""
    return [item for item in (*lesson.variants, *lesson.mistakes) if item.exercise in lesson.graded]


def observed_elsewhere(lesson: Lesson) -> Iterator[list[Observations]]:
    """What the probes see on the public keys' seeds: of the references in order, then of the known answers in order."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.another_processor", lesson.name],
        env={**os.environ, **_OLDER, "PYTHONPATH": str(ROOT)}, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    for line in done.stdout.splitlines():
        yield list(map(from_json, json.loads(line)))


def main(name: str) -> None:
    """Print a line of JSON for each answer."""
    lesson = load_lesson(ROOT / "solutions" / name)
    references = lesson.references()
    for exercise in lesson.graded:
        _observe(lesson, exercise, references)
    for item in known_answers(lesson):
        namespace: dict[str, Any] = {}
        exec(answer_source(lesson, item), namespace)
        _observe(lesson, item.exercise, namespace)


def _observe(lesson: Lesson, exercise: str, namespace: dict[str, Any]) -> None:
    seeds = load_public(lesson.module_name, exercise).seeds
    print(json.dumps([to_json(seen) for seen in observe_in(lesson.exercises[exercise], namespace, seeds)]))


if __name__ == "__main__":
    main(sys.argv[1])
