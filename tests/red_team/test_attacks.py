"""Red team: no attack gains a point, reads a secret, or leaves anything; honest neighbours do not notice it.

And each attack works against something weaker, so that no test passes for lack of an attack (see README.md).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from autograder.check import examine
from tests.red_team.arena import Outcome as Run
from tests.red_team.arena import (
    World,
    arena,
    attacking,
    evidence,
    hand_in,
    honest,
    left_in,
    lesson_of,
    run,
)
from tests.red_team.attacks import ATTACKS, Against, Attack, Evidence

pytestmark = pytest.mark.slow

NEIGHBOURS_EVERY = 12


def names_of(against: Against) -> list[str]:
    return [name for name, attack in ATTACKS.items() if attack.against is against]


def student_of(name: str) -> str:
    return f"{list(ATTACKS).index(name):03d}-{name}"


def graded(root: Path, attacks: dict[str, Attack], *, sandbox: bool) -> Iterator[tuple[World, Run, set[str]]]:
    """Attackers with honest neighbours among them, graded together."""
    with arena(root) as world:
        lesson = lesson_of(world)
        for name, attack in attacks.items():
            hand_in(world, student_of(name), attacking(lesson, world, attack))
        for place in range(0, len(ATTACKS), NEIGHBOURS_EVERY) if sandbox else ():
            for kind, notebook in honest(lesson).items():
                hand_in(world, f"{place:03d}-honest-{kind}", notebook)
        hand_in(world, f"0-{world.secret}", honest(lesson)["right"])  # is graded first
        (world.course / "submitted" / "decoy").mkdir()
        # Where an attack is to work it gets the time that it takes on a busy machine.
        outcome = run(world, sandbox=sandbox, step_seconds=3.0 if sandbox else 60.0)
        yield world, outcome, left_in(world, outcome, attacks)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Run, set[str]]]:
    yield from graded(tmp_path_factory.mktemp("attacked"), ATTACKS, sandbox=True)


@pytest.fixture(scope="module")
def at_peace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Run, set[str]]]:
    yield from graded(tmp_path_factory.mktemp("at-peace"), {}, sandbox=True)


@pytest.mark.parametrize("name", ATTACKS)
def test_the_attack_gains_nothing(name: str, attacked: tuple[World, Run, set[str]]) -> None:
    world, outcome, left = attacked
    seen = evidence(world, outcome, student_of(name), left)
    assert outcome.rows[student_of(name)]["status"] == "graded"
    assert seen.score == 0
    assert world.secret not in seen.shown
    assert not ATTACKS[name].worked(seen)


def test_nothing_is_left(attacked: tuple[World, Run, set[str]]) -> None:
    world, outcome, left = attacked
    assert (outcome.processes, outcome.mounts, outcome.temporary, left) == ((), (), (), set())
    assert world.arrived == set()


def test_honest_neighbours_do_not_notice(
    attacked: tuple[World, Run, set[str]], at_peace: tuple[World, Run, set[str]]
) -> None:
    (_, during, _), (_, before, _) = attacked, at_peace
    neighbours = [student for student in before.rows if "honest" in student]
    assert len(neighbours) > 30
    for student in neighbours:
        assert during.rows[student] == before.rows[student]
        assert without_ids(during.notebooks[student]) == without_ids(before.notebooks[student])
    assert {row["score"] for student, row in before.rows.items() if "honest-right" in student} == {5.0}


def without_ids(notebook: nbformat.NotebookNode) -> list[object]:
    return [(cell.source, cell.get("outputs")) for cell in notebook.cells]


# --- each attack works against something weaker ---------------------------------------------------


@pytest.fixture(scope="module")
def unlocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Run, set[str]]]:
    if os.geteuid() != 0:
        pytest.skip("what an attacker may do without a sandbox is shown as root only")
    attacks = {name: ATTACKS[name] for name in names_of(Against.OPEN)}
    yield from graded(tmp_path_factory.mktemp("unlocked"), attacks, sandbox=False)


@pytest.mark.parametrize("name", names_of(Against.OPEN))
def test_the_attack_works_without_a_sandbox(name: str, unlocked: tuple[World, Run, set[str]]) -> None:
    world, outcome, left = unlocked
    assert ATTACKS[name].worked(evidence(world, outcome, student_of(name), left))


@pytest.fixture(scope="module")
def in_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Evidence]]:
    with arena(tmp_path_factory.mktemp("in-process")) as world:
        folder = world.course / "submitted" / "mallory" / "lesson"
        folder.mkdir(parents=True)
        names = names_of(Against.IN_PROCESS)
        wrong = "def column_mean(X): return 0.123\n"
        look = "import builtins\nprint('a patch is left:', hasattr(builtins, 'red_left'))\n"
        sources = {name: wrong + world.fill_in(ATTACKS[name].code) + "\n" + look for name in names}
        (world.root / "sources.json").write_text(json.dumps(sources))
        done = subprocess.run(
            [
                sys.executable,
                Path(__file__).parent / "in_process.py",
                world.root / "sources.json",
                world.home / "secret-key.npz",
            ],
            cwd=folder,
            env=world.environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        said = json.loads(done.stdout)
        left = {marker for name in names for marker in ATTACKS[name].markers if world.path_of(marker).exists()}
        yield {
            name: Evidence(
                points,
                json.dumps(printed),
                world.secret,
                left=frozenset(left | ({"patch"} if "a patch is left: True" in printed else set())),
            )
            for name, (points, printed) in said.items()
        }


@pytest.mark.parametrize("name", names_of(Against.IN_PROCESS))
def test_the_attack_works_on_a_checker_in_the_same_process(name: str, in_process: dict[str, Evidence]) -> None:
    assert ATTACKS[name].worked(in_process[name])


@pytest.fixture(scope="module")
def with_nbclient() -> dict[str, Evidence]:
    names = names_of(Against.NBCLIENT)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(ATTACKS[name].code) for name in names])
    NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=True).execute()
    return {
        name: Evidence(0, json.dumps(cell.outputs), "nothing") for name, cell in zip(names, notebook.cells, strict=True)
    }


@pytest.mark.parametrize("name", names_of(Against.NBCLIENT))
def test_the_attack_works_with_nbclient(name: str, with_nbclient: dict[str, Evidence]) -> None:
    assert ATTACKS[name].worked(with_nbclient[name])


@pytest.mark.parametrize("name", names_of(Against.NAIVE))
def test_the_answer_fools_a_comparison_as_people_write_them(name: str) -> None:
    namespace: dict[str, object] = {}
    exec(ATTACKS[name].code, namespace)
    fooled = ATTACKS[name].fooled
    if fooled is None:
        assert examine("column_mean", namespace).points > 0  # with the public key, for which the answer was made
        return
    X = np.random.default_rng(0).normal(size=(5, 3))
    try:
        got = namespace["column_mean"](X)  # type: ignore[operator]
    except Exception as error:
        got = error
    assert fooled(got, X.mean(axis=0))


def test_every_class_of_the_threat_model_is_attacked() -> None:
    kinds = {attack.kind for attack in ATTACKS.values()}
    assert kinds == {
        "stealing", "escape and network", "exhaustion", "persistence", "patched inputs", "guessing", "payloads", "injection",
    }  # fmt: skip
    assert len(ATTACKS) >= 70
