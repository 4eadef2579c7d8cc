"""Whether `poison` and `defended_train` get the right verdicts from the whole grader: fresh seeds for each of 20 runs.

    python benchmarks/labs/end_to_end.py poison             writes end_to_end_poison.md (some 20 minutes of CPU)
    python benchmarks/labs/end_to_end.py defended_train     writes end_to_end_defended_train.md (the same)

Each run grades a class with `autograder grade`, in the sandbox: the reference, and each known wrong answer to the
exercise (every way of making it), with all other exercises right. The keys' seeds are drawn anew by each run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import nbformat

from autograder.authoring.answers import answer_source, fill, reference_sources
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson, load_lesson

ROOT = Path(__file__).parents[2]
LESSONS = {"poison": "08_backdoor_lab", "defended_train": "10_capstone"}
RUNS = 20


def hand_in(course: Path, lesson: Lesson, exercise: str) -> dict[str, str]:
    """Write the class's submissions; gives each learner's true diagnosis, "" for the reference."""
    given, right = released(lesson.notebook), reference_sources(lesson)
    answers = {"reference": ("", right[exercise])}
    for number, item in enumerate(item for item in lesson.mistakes if item.exercise == exercise):
        answers[f"wrong-{number:02d}"] = (item.name, answer_source(lesson, item))
    for student, (_, source) in answers.items():
        folder = course / "submitted" / student / lesson.name
        folder.mkdir(parents=True)
        nbformat.write(fill(given, {**right, exercise: source}), folder / f"{lesson.name}.ipynb")
    return {student: name for student, (name, _) in answers.items()}


def grade_once(lesson: Lesson, exercise: str) -> tuple[Counter[str], Counter[str], float]:
    """Gradings and wrong verdicts by true diagnosis, and the CPU seconds that a submission took."""
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        (course / "solutions").symlink_to(ROOT / "solutions")
        (course / "nbgrader_config.py").write_bytes((ROOT / "nbgrader_config.py").read_bytes())
        truth = hand_in(course, lesson, exercise)
        command = [sys.executable, "-P", "-m", "autograder.cli", "grade", lesson.name, "--json", "out.json"]
        subprocess.run(command, cwd=course, check=True, capture_output=True)
        said = json.loads((course / "out.json").read_text())
    graded, wrong = Counter(truth.values()), Counter()
    for row in said["submissions"]:
        verdict = next(item for item in row["exercises"] if item["name"] == exercise)
        name = truth[row["student"]]
        if (verdict["status"], verdict["diagnosis"]) != (("wrong", name) if name else ("correct", None)):
            wrong[name] += 1
    return graded, wrong, said["engine"]["cpu_seconds"] / len(said["submissions"])


def main(exercise: str) -> None:
    lesson = load_lesson(ROOT / "solutions" / LESSONS[exercise])
    graded, wrong, seconds = Counter[str](), Counter[str](), []
    for run in range(RUNS):
        one, bad, cpu = grade_once(lesson, exercise)
        graded, wrong = graded + one, wrong + bad
        seconds.append(cpu)
        print(exercise, run, sum(wrong.values()), f"{cpu:.2f}", flush=True)
    lines = [
        f"# {exercise}, end to end: verdicts of the whole grader on fresh seeds",
        "",
        f"Written by `end_to_end.py {exercise}`: {RUNS} runs of `autograder grade`, each with its own secret seeds.",
        "",
        "|answer|gradings|wrong verdicts|",
        "|---|---|---|",
        *(f"|{answer or 'the reference'}|{graded[answer]}|{wrong[answer]}|" for answer in sorted(graded)),
        "",
        f"CPU seconds a submission, the class's share of recording the keys with them: median "
        f"{sorted(seconds)[RUNS // 2]:.2f}, most {max(seconds):.2f}.",
    ]
    Path(__file__).with_name(f"end_to_end_{exercise}.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
