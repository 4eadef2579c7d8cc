"""MNIST: IDX files that the test writes are read, and what is wrong with others is said in one sentence."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from autograder import mnist
from autograder.mnist import MnistError, load_mnist, read_idx

NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def idx(array: np.ndarray, kind: int = 0x08) -> bytes:
    """An array as an IDX file's bytes."""
    return bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def made(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    return rng.integers(256, size=(n, 28, 28), dtype=np.uint8), rng.integers(10, size=n, dtype=np.uint8)


@pytest.fixture
def files() -> dict[str, bytes]:
    rng = np.random.default_rng(0)
    return dict(zip(NAMES, (idx(array) for n in (5, 3) for array in made(rng, n)), strict=True))


def write(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize(
    ("name_of", "packed"),
    [
        (str, bytes),
        (lambda name: f"{name}.gz", gzip.compress),
        (lambda name: name.replace("-idx", ".idx"), bytes),
        (str, gzip.compress),
    ],
    ids=["plain", "gzipped", "with a dot", "gzipped, without the ending"],
)
def test_files_are_read_however_they_are_handed_around(tmp_path: Path, files, name_of, packed) -> None:
    write(tmp_path, {name_of(name): packed(data) for name, data in files.items()})
    (X, y), (X_test, y_test) = load_mnist(tmp_path)
    rng = np.random.default_rng(0)
    for got_X, got_y, n in ((X, y, 5), (X_test, y_test, 3)):
        images, labels = made(rng, n)
        assert (got_X.dtype, got_y.dtype) == (np.float32, np.int64)
        np.testing.assert_allclose(got_X, images / 255, rtol=1e-6)
        np.testing.assert_array_equal(got_y, labels)


def no_internet(*_: object, **__: object) -> None:
    raise AssertionError("nobody asked for a download")


def test_nothing_is_downloaded_unless_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib.request.urlopen", no_internet)
    with pytest.raises(MnistError, match=r"has no file train-images.* download=True"):
        load_mnist(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_a_download_is_kept_and_not_repeated(tmp_path: Path, files, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = write(tmp_path / "mirror", {f"{name}.gz": gzip.compress(data) for name, data in files.items()})
    monkeypatch.setattr(mnist, "MIRROR", mirror.as_uri() + "/")
    first = load_mnist(tmp_path / "new" / "mnist", download=True)
    monkeypatch.setattr("urllib.request.urlopen", no_internet)
    again = load_mnist(tmp_path / "new" / "mnist", download=True)
    np.testing.assert_array_equal(first[1][0], again[1][0])
    assert sorted(path.name for path in (tmp_path / "new" / "mnist").iterdir()) == sorted(
        f"{name}.gz" for name in NAMES
    )


def test_a_download_that_fails_is_one_sentence_and_leaves_nothing(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(mnist, "MIRROR", (tmp_path / "gone").as_uri() + "/")
    with pytest.raises(MnistError, match=r"could not be downloaded to .*; try again later\.$"):
        load_mnist(tmp_path / "mnist", download=True)
    assert not (tmp_path / "mnist").exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is no IDX file"),
        (b"<html>not found</html>", "is no IDX file"),
        (idx(np.zeros((2, 2)), kind=0x0E), "does not hold unsigned bytes"),
        (b"\0\0\x08\x03\0\0", "ends within its header"),
        (idx(np.zeros((2, 3), np.uint8))[:-1], "should hold 6 values and holds 5"),
        (idx(np.zeros((2, 3), np.uint8)) + b"x", "should hold 6 values and holds 7"),
        (gzip.compress(idx(np.zeros(50, np.uint8)))[:-12], "cannot be read"),
    ],
    # Said here, since gzip writes the time into its bytes, and both workers of a run must give a test the same name.
    ids=["empty", "a web page", "numbers of another kind", "half a header", "too short", "too long", "half a gzip"],
)
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "damaged"
    path.write_bytes(data)
    with pytest.raises(MnistError, match=said) as caught:
        read_idx(path)
    assert str(caught.value).startswith(str(path))
    assert str(caught.value).endswith("delete it and get it again.")


def test_images_and_labels_that_do_not_belong_together_are_refused(tmp_path: Path, files) -> None:
    files["train-labels-idx1-ubyte"] = idx(np.zeros(4, np.uint8))
    with pytest.raises(MnistError, match="do not belong together"):
        load_mnist(write(tmp_path, files))
