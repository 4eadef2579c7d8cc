"""TensorFlow: the optional step really runs, equals PyTorch's, and what applying gradients twice does is measured."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import tensorflow as tf

from autograder.authoring.gate import verdict_on
from autograder.authoring.record import record, record_public, record_secret, stale_public_keys
from autograder.authoring.sources import Lesson, checked_in, grade_id, is_demo
from autograder.check import examine
from autograder.exercises import pytorch_loop
from autograder.key import KEYS
from autograder.verdict import Status, Verdict
from tests.conftest import ROOT
from tests.test_project import imported_by

NAME = "05_pytorch_loop"
Make = Callable[[float], Any]


@pytest.fixture(scope="module")
def lesson(lessons: Mapping[str, Lesson]) -> Lesson:
    return lessons[NAME]


@pytest.fixture(scope="module")
def step(lesson: Lesson) -> Callable[..., float]:
    return lesson.references()["tf_train_step"]


def squared(y: Any, predictions: Any) -> Any:
    return tf.reduce_mean((predictions - y) ** 2)


def twin_models(rng: np.random.Generator) -> tuple[Any, torch.nn.Module]:
    """A network of Keras and one of PyTorch with the same weights."""
    keras = tf.keras.Sequential(
        [tf.keras.Input((3,), dtype="float64"), *(tf.keras.layers.Dense(n, dtype="float64") for n in (4, 1))]
    )
    keras.layers[0].activation = tf.tanh
    keras.set_weights([rng.normal(size=weights.shape) for weights in keras.get_weights()])
    pytorch = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)).double()
    with torch.no_grad():
        for ours, theirs in zip(pytorch.parameters(), keras.get_weights(), strict=True):
            ours.copy_(torch.from_numpy(theirs.T.copy()))
    return keras, pytorch


def test_the_step_gives_pytorchs_numbers(lesson: Lesson, step: Callable[..., float]) -> None:
    rng = np.random.default_rng(3)
    keras, pytorch = twin_models(rng)
    optimizers = tf.keras.optimizers.SGD(0.125), torch.optim.SGD(pytorch.parameters(), lr=0.125)
    torch_train_step = lesson.references()["torch_train_step"]
    for _ in range(5):
        x, y = rng.normal(size=(8, 3)), rng.normal(size=(8, 1))
        loss = step(keras, optimizers[0], squared, tf.constant(x), tf.constant(y))
        batch = torch.from_numpy(x), torch.from_numpy(y)
        assert loss == pytest.approx(torch_train_step(pytorch, optimizers[1], torch.nn.MSELoss(), *batch), rel=1e-10)
        for ours, theirs in zip(pytorch.parameters(), keras.get_weights(), strict=True):
            np.testing.assert_allclose(ours.detach().numpy().T, theirs, rtol=1e-10, atol=1e-12)


def path(step: Callable[..., Any], make: Make, rate: float) -> np.ndarray:
    """The weights of a linear model over 20 steps, from the same start on the same rows."""
    rng = np.random.default_rng(4)
    model = tf.keras.Sequential(
        [tf.keras.Input((3,), dtype="float64"), tf.keras.layers.Dense(1, use_bias=False, dtype="float64")]
    )
    model.set_weights([rng.normal(size=(3, 1))])
    x, y = tf.constant(rng.normal(size=(9, 3)) * (1.0, 2.0, 0.4)), tf.constant(rng.normal(size=(9, 1)))
    optimizer, points = make(rate), [model.get_weights()[0].ravel()]
    for _ in range(20):
        step(model, optimizer, squared, x, y)
        points.append(model.get_weights()[0].ravel())
    return np.array(points)


def published(lesson: Lesson) -> Callable[..., Any]:
    """The step as it was published: its gradients are applied twice."""
    return next(known.attempt for known in lesson.mistakes if known.name == "applies_twice")


def test_applied_twice_sgd_makes_the_steps_of_a_doubled_rate(lesson: Lesson, step: Callable[..., float]) -> None:
    sgd = tf.keras.optimizers.SGD
    twice, doubled, once = path(published(lesson), sgd, 1 / 64), path(step, sgd, 1 / 32), path(step, sgd, 1 / 64)
    np.testing.assert_allclose(twice, doubled, rtol=1e-10)
    np.testing.assert_allclose(twice[1] - twice[0], 2 * (once[1] - once[0]), rtol=1e-10)


def test_applied_twice_adam_doubles_its_first_step_and_then_is_adam_with_no_rate(
    lesson: Lesson, step: Callable[..., float]
) -> None:
    adam = tf.keras.optimizers.Adam
    twice, doubled, once = path(published(lesson), adam, 0.01), path(step, adam, 0.02), path(step, adam, 0.01)
    np.testing.assert_allclose(twice[1] - twice[0], 2 * (once[1] - once[0]), rtol=1e-4)
    np.testing.assert_allclose(twice[1], doubled[1], atol=1e-6)
    assert np.abs(twice - doubled).max() > 0.01


def tf_verdicts(lesson: Lesson) -> dict[str, Verdict]:
    """What is said of each known answer on seeds that nobody can guess."""
    exercise = pytorch_loop.tf_train_step
    key = record_secret(lesson, ["tf_train_step"])["tf_train_step"]
    answers = [item for item in (*lesson.mistakes, *lesson.variants) if item.exercise == "tf_train_step"]
    return {item.name: verdict_on(exercise, key, item.attempt) for item in answers}


def test_each_known_answer_to_the_step_gets_its_verdict(lesson: Lesson) -> None:
    verdicts = tf_verdicts(lesson)
    wrong = {"applies_twice", "tape_closed_too_early", "ignores_training_flag"}
    assert {name: verdicts[name].diagnosis for name in wrong} == {name: name for name in wrong}
    rights = [item.name for item in lesson.variants if item.exercise == "tf_train_step"]
    assert [verdicts[name].status for name in rights] == [Status.CORRECT] * len(rights)


def test_the_step_is_checked_at_home_and_not_graded(lesson: Lesson) -> None:
    assert "tf_train_step" in lesson.exercises
    assert "tf_train_step" not in lesson.graded
    (cell,) = [cell for cell in lesson.notebook.cells if grade_id(cell) == "check_tf_train_step"]
    assert checked_in(cell) == "tf_train_step"
    assert is_demo(cell)
    assert not cell.metadata.nbgrader.grade


def test_an_unwritten_step_does_not_load_tensorflow() -> None:
    code = (
        "import autograder\n"
        "def tf_train_step(model, optimizer, loss_fn, x, y):\n"
        "    raise NotImplementedError()\n"
        "autograder.check('tf_train_step')"
    )
    assert "tensorflow" not in imported_by(code)


def without_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.exercise.find_spec", lambda name: None)


def test_where_tensorflow_is_missing_a_written_step_is_told_so_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def tf_train_step(model: Any, optimizer: Any, loss_fn: Any, x: Any, y: Any) -> float:
        raise ModuleNotFoundError("No module named 'tensorflow'")

    without_tensorflow(monkeypatch)
    monkeypatch.setitem(__import__("sys").modules, "tensorflow", None)  # importing it now fails
    verdict = examine("tf_train_step", {"tf_train_step": tf_train_step})
    assert verdict.status is Status.NOT_GRADED
    assert verdict.message == "This exercise needs the package `tensorflow`, which is not installed here."


def test_where_tensorflow_is_missing_the_lesson_is_recorded_and_its_public_key_kept(
    lesson: Lesson, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_tensorflow(monkeypatch)
    assert "tf_train_step" not in record(lesson, (1,))
    folder = tmp_path / lesson.module_name
    folder.mkdir()
    public = (KEYS / lesson.module_name / "tf_train_step.npz").read_bytes()
    (folder / "tf_train_step.npz").write_bytes(public)
    record_public(lesson, tmp_path)
    assert (folder / "tf_train_step.npz").read_bytes() == public
    assert stale_public_keys(lesson, tmp_path) == []


def test_the_released_notebook_imports_tensorflow_in_demonstrations_only() -> None:
    text = (ROOT / "course" / NAME / f"{NAME}.ipynb").read_text()
    assert "import tensorflow" in text
    code = "import autograder.exercises.pytorch_loop, autograder.plots.pytorch_loop"
    assert "tensorflow" not in imported_by(code)
