"""How well `autograder similar` tells disguised copies from independent work, and what a large class costs.

    python benchmarks/similarity.py     writes similarity.md (a few minutes)

Each class has 57 who wrote for themselves and three disguised copies. In lesson 01 ten of the 57 are whole answers in the
styles of ten people (tests/classmates.py); all others are put together from the reference and the variants of each
exercise, so that up to half of two independent learners' answers may be the same text by construction. In a crowded class
they may share any number, and half of the class writes what the reference does.
"""

from __future__ import annotations

import os
import random
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the made-up people are the tests'

from autograder.authoring.answers import reference_sources  # noqa: E402
from autograder.authoring.release import released  # noqa: E402
from autograder.authoring.sources import Lesson, load_lesson  # noqa: E402
from autograder.grading.shapes import given_in, shapes_in  # noqa: E402
from autograder.grading.similarity import Work, compare  # noqa: E402
from tests.classmates import disguised, write_class  # noqa: E402

LESSONS = ("01_loop_by_hand", "03_backprop", "05_pytorch_loop")
SEEDS = range(3)
LARGE = 5000
PLACE = Path(__file__).parent
NOTES = """
"Taken apart" means that what is returned or passed on gets a name first. 0.00 stands for what is not among the hundred
highest of its class.

In the crowded classes some learners wrote the same text in nearly all exercises without copying, and some copies are of
work that is the usual one throughout. No score can tell these two apart. TF-IDF alone gives both of them 1.00; drawn to
zero, both fall behind those who have much in common that is rare.
"""
_TOKEN = r"\w+|[^\w\s]"


@dataclass(frozen=True)
class Separation:
    """Of the classes of one kind: the scores of the copies, and the highest of two who did not copy in each class."""

    copies: list[float]
    highest: list[float]
    first: int

    def row(self) -> str:
        return f"{min(self.copies):.2f} | {max(self.highest):.2f} | {self.first} of {len(self.copies)}"


Scores = np.ndarray


def ours(works: Sequence[Work], given: Sequence[str], reference: Sequence[str]) -> Scores:
    """The scores as `similar` has them, of the pairs that are highest."""
    places = {work.learner: index for index, work in enumerate(works)}
    scores = np.zeros((len(works), len(works)))
    found = compare(works, given, reference, top=100)
    for group in found.groups:
        places_of = [places[name] for name in group.learners]
        scores[np.ix_(places_of, places_of)] = group.score
    for pair in found.pairs:
        for one in pair.left.learners:
            for other in pair.right.learners:
                scores[places[one], places[other]] = scores[places[other], places[one]] = pair.score
    return scores


def tfidf_of_tokens(works: Sequence[Work], given: Sequence[str], reference: Sequence[str]) -> Scores:
    """The cosine of scikit-learn's TF-IDF over three to five consecutive tokens of the text as it stands."""
    texts = ["\n".join(work.cells.values()) for work in works]
    rows = TfidfVectorizer(token_pattern=_TOKEN, ngram_range=(3, 5)).fit_transform([*texts, *reference])[: len(works)]
    return (rows @ rows.T).toarray()


def tfidf_of_shapes(works: Sequence[Work], given: Sequence[str], reference: Sequence[str]) -> Scores:
    """The cosine of scikit-learn's TF-IDF over our shapes, with its own weights."""
    known = given_in(given)
    shapes = [
        [s for line in shapes_in(list(w.cells.values()), known) for some in line.values() for s in some] for w in works
    ]
    rows = TfidfVectorizer(analyzer=list).fit_transform(shapes)
    return (rows @ rows.T).toarray()


WAYS = {"shapes, drawn to zero (ours)": ours, "TF-IDF of shapes": tfidf_of_shapes, "TF-IDF of tokens": tfidf_of_tokens}


def classes(lesson: Lesson, *, crowded: bool, temporaries: bool) -> list[tuple[list[Work], set[tuple[int, int]]]]:
    """Classes of sixty, and in each the places of originals and copies."""
    found = []
    for seed in SEEDS:
        answers, rng = write_class(lesson, seed, crowded=crowded), random.Random(seed)
        originals = rng.sample(sorted(answers), 3)
        places = {learner: place for place, learner in enumerate(answers)}
        copies = {(places[original], 57 + number) for number, original in enumerate(originals)}
        works = [Work(learner, own) for learner, own in answers.items()]
        works += [Work(f"of-{one}", disguised(answers[one], rng, temporaries=temporaries)) for one in originals]
        found.append((works, copies))
    return found


def separation(scored: Sequence[tuple[Scores, set[tuple[int, int]]]]) -> Separation:
    """How the copies' scores lie to those of pairs of which nobody copied."""
    copies, highest, first = [], [], 0
    for scores, pairs in scored:
        own = np.triu(scores[:57, :57], 1)
        highest.append(float(own.max()))
        of_copies = [float(scores[pair]) for pair in pairs]
        copies += of_copies
        first += sum(score > highest[-1] + 1e-6 for score in of_copies)
    return Separation(copies, highest, first)


def separations() -> list[str]:
    """The rows of the table."""
    rows = []
    for name in LESSONS:
        lesson = load_lesson(ROOT / "solutions" / name)
        given = [cell.source for cell in released(lesson.notebook).cells if cell.cell_type == "code"]
        reference = list(reference_sources(lesson).values())
        for crowded, temporaries in ((False, False), (False, True), (True, False)):
            made = classes(lesson, crowded=crowded, temporaries=temporaries)
            kind = f"{'crowded' if crowded else 'spread'} | {'and taken apart' if temporaries else 'renamed, reordered, reformatted'}"
            for title, way in WAYS.items():
                found = separation([(way(works, given, reference), pairs) for works, pairs in made])
                rows.append(f"| {name} | {kind} | {title} | {found.row()} |")
                print(rows[-1], flush=True)
    return rows


def large_class() -> str:
    """What 5,000 cost: in lesson 01, crowded, each with a function of their own besides."""
    lesson = load_lesson(ROOT / "solutions" / LESSONS[0])
    given = [cell.source for cell in released(lesson.notebook).cells if cell.cell_type == "code"]
    answers = write_class(lesson, 0, LARGE, crowded=True)
    works = [
        Work(learner, {**own, "added": _own_function(place)}) for place, (learner, own) in enumerate(answers.items())
    ]
    before, start = _peak(), time.process_time()
    found = compare(works, given, list(reference_sources(lesson).values()))
    cpu, pairs = time.process_time() - start, sum(found.counts)
    return (
        f"{LARGE:,} submissions of {LESSONS[0]} ({pairs:,} pairs): {cpu:.0f} s of one core, "
        f"{_peak() - before:.0f} MB more memory than before."
    )


def _own_function(number: int) -> str:
    rng = random.Random(number)
    lines = [
        f"    x = x * {rng.randrange(100)} + np.{rng.choice(('exp', 'log', 'sin', 'tanh'))}(x - {rng.random():.2f})"
        for _ in range(8)
    ]
    return "\n".join(["def helper(x):", *lines, "    return x"])


def _peak() -> float:
    """The most memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main() -> None:
    """Measure and write it down."""
    large = large_class()
    print(large, flush=True)
    text = [
        f"# {__doc__.splitlines()[0]}",
        "",
        f"Written by `benchmarks/similarity.py`: {len(SEEDS)} classes of sixty for each row, {os.cpu_count()} cores.",
        "",
        *__doc__.split("\n\n")[2].strip().splitlines(),
        "",
        "| lesson | class | disguise | score | lowest copy | highest of two who did not copy | copies above that |",
        "|---|---|---|---|---|---|---|",
        *separations(),
        "",
        *NOTES.strip().splitlines(),
        "",
        large,
        "",
    ]
    (PLACE / "similarity.md").write_text("\n".join(text))


if __name__ == "__main__":
    main()
