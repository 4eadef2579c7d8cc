"""Downloads: the files in zip archives and folders, as an LMS hands them out. Nothing is unpacked to where a name says.

An archive is a stranger's: its names are only looked at, links and locked files are told, and what unpacks to more than
a submission can be is not read to its end.
"""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from autograder.errors import InputError
from autograder.grading.reading import MAX_FILE_BYTES, RejectedError, read_regular_file, shown

_MOST_FILES = 200_000
_MOST_BYTES = 8 << 30  # of one archive, unpacked: 5,000 submissions of 1.6 MB
_MOST_ZIPS_INSIDE = 1  # a learner's own archive inside of the LMS's
_JUNK = ("__MACOSX", ".DS_Store", "Thumbs.db", ".ipynb_checkpoints")


class DownloadError(InputError):
    """What was named cannot be read; the sentence says why."""


@dataclass(frozen=True)
class File:
    """A file of a download: where it lies in it, when it was last changed, and its bytes or why they cannot be had."""

    parts: tuple[str, ...]
    time: datetime | None
    content: bytes | str


def files_in(path: Path, named: str | None = None) -> Iterator[File]:
    """The files in a zip archive or a folder (those of one name); archives in it are looked into. Raises DownloadError."""
    if path.is_dir():
        yield from _in_folder(path, named)
    elif path.is_file():
        with path.open("rb") as file:
            yield from _in_archive(file, (), path.name, named=named)
    else:
        raise DownloadError(
            f"{path} is no file and no folder; name the LMS's zip file, or the folder it was unpacked to."
        )


def _in_folder(root: Path, named: str | None) -> Iterator[File]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _JUNK)
        for name in sorted(names):
            if name in _JUNK or named not in (None, name):
                continue
            path = Path(folder, name)
            try:
                content: bytes | str = read_regular_file(path, MAX_FILE_BYTES)
                time = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            except RejectedError as error:
                yield File(path.relative_to(root).parts, None, str(error))
            else:
                yield from _file_or_archive(File(path.relative_to(root).parts, time, content), 0)


def _in_archive(
    archive: BinaryIO, inside: tuple[str, ...], name: str, depth: int = 0, named: str | None = None
) -> Iterator[File]:
    try:
        opened = zipfile.ZipFile(archive)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise DownloadError(f"{shown(name)} is no zip file that can be read ({error}); download it again.") from None
    with opened:
        entries = [entry for entry in opened.infolist() if not entry.is_dir()]
        if len(entries) > _MOST_FILES or sum(entry.file_size for entry in entries) > _MOST_BYTES:
            raise DownloadError(
                f"{shown(name)} would unpack to more than {_MOST_BYTES >> 30} GB; this is no class's work."
            )
        for entry in entries:
            parts = (*inside, *(part for part in entry.filename.replace("\\", "/").split("/") if part))
            if parts and not any(part in _JUNK for part in parts) and named in (None, parts[-1]):
                yield from _file_or_archive(File(parts, _time_of(entry), _unpacked(opened, entry)), depth)


def _file_or_archive(file: File, depth: int) -> Iterator[File]:
    """The file, or what is in it where it is an archive."""
    is_archive = file.parts[-1].lower().endswith(".zip") and isinstance(file.content, bytes)
    if not is_archive or depth >= _MOST_ZIPS_INSIDE:
        yield file
        return
    assert isinstance(file.content, bytes)
    try:
        yield from _in_archive(io.BytesIO(file.content), file.parts, file.parts[-1], depth + 1)
    except DownloadError as error:
        yield File(file.parts, file.time, str(error))


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | str:
    name = shown(entry.filename)
    if stat.S_ISLNK(entry.external_attr >> 16):
        return f"{name} is a link and is not followed."
    if entry.flag_bits & 1:
        return f"{name} is locked with a password."
    try:
        with archive.open(entry) as file:
            content = file.read(MAX_FILE_BYTES + 1)  # what the archive says of a file's size need not be true
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError) as error:
        return f"{name} cannot be unpacked ({error})."
    if len(content) > MAX_FILE_BYTES:
        return f"{name} is larger than {MAX_FILE_BYTES >> 20} MB."
    return content


def _time_of(entry: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*entry.date_time, tzinfo=UTC)
    except ValueError:
        return None
