"""MNIST, for who wants it: reads its four IDX files from a folder, and downloads them only when asked to."""

from __future__ import annotations

import gzip
import struct
import urllib.error
import urllib.request
import zlib
from pathlib import Path

import numpy as np

from autograder.atomic import write_atomically

MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist/"

_PARTS = (("train-images-idx3-ubyte", "train-labels-idx1-ubyte"), ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"))
_UNSIGNED_BYTE = 0x08
_SECONDS = 60

Part = tuple[np.ndarray, np.ndarray]


class MnistError(RuntimeError):
    """MNIST cannot be had; the sentence says why and what to do."""


def load_mnist(folder: str | Path = "mnist", *, download: bool = False) -> tuple[Part, Part]:
    """MNIST as ((X_train, y_train), (X_test, y_test)).

    X (n, 28, 28) holds float32 grey values from 0 to 1, y (n,) int64 labels. Files are read as they are or gzipped, also
    where the name has a dot for the second dash. What is missing is downloaded (12 MB in all) if `download` says so.
    Raises MnistError.
    """
    folder = Path(folder)
    train, test = (_part(folder, images, labels, download) for images, labels in _PARTS)
    return train, test


def read_idx(path: str | Path) -> np.ndarray:
    """The array of unsigned bytes in an IDX file, gzipped or not. Raises MnistError."""
    path = Path(path)
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise MnistError(f"{path} cannot be read ({error}); delete it and get it again.") from None
    if len(data) < 4 or data[:2] != b"\0\0":
        raise MnistError(f"{path} is no IDX file; delete it and get it again.")
    if data[2] != _UNSIGNED_BYTE:
        raise MnistError(f"{path} does not hold unsigned bytes, as MNIST's files do; delete it and get it again.")
    start = 4 + 4 * data[3]
    if len(data) < start:
        raise MnistError(f"{path} ends within its header; delete it and get it again.")
    shape = struct.unpack(f">{data[3]}I", data[4:start])
    wanted = 1
    for length in shape:
        wanted *= length
    if len(data) - start != wanted:
        raise MnistError(
            f"{path} should hold {wanted} values and holds {len(data) - start}; delete it and get it again."
        )
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape).copy()


def _part(folder: Path, images_name: str, labels_name: str, download: bool) -> Part:
    images, labels = (read_idx(_found(folder, name, download)) for name in (images_name, labels_name))
    if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
        raise MnistError(
            f"{folder}: images of shape {images.shape} and labels of shape {labels.shape} do not belong together; "
            "delete both files and get them again."
        )
    return images.astype(np.float32) / 255, labels.astype(np.int64)


def _found(folder: Path, name: str, download: bool) -> Path:
    """The file called `name`, in any of the ways in which it is handed around."""
    dotted = name.replace("-idx", ".idx")
    for candidate in (name, f"{name}.gz", dotted, f"{dotted}.gz"):
        if (folder / candidate).is_file():
            return folder / candidate
    if not download:
        raise MnistError(
            f"{folder} has no file {name} or {name}.gz: put it there, or call load_mnist with download=True to get "
            "MNIST (12 MB) from the internet."
        )
    return _downloaded(folder / f"{name}.gz")


def _downloaded(path: Path) -> Path:
    try:
        with urllib.request.urlopen(f"{MIRROR}{path.name}", timeout=_SECONDS) as reply:
            data = reply.read()
        write_atomically(path, data)
    except (OSError, urllib.error.URLError) as error:
        raise MnistError(
            f"{MIRROR}{path.name} could not be downloaded to {path.parent} ({error}); try again later."
        ) from None
    return path
