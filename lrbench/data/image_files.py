"""Which files a folder of images holds: by part and by class, told by names alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from lrbench.data.checksums import CHECKSUMS
from lrbench.errors import InputError

SUFFIXES = (".png", ".jpg", ".jpeg")  # in letters of any case
PARTS = {"train": "train", "val": "validation", "valid": "validation", "validation": "validation", "test": "test"}
PASSED_OVER = ("Thumbs.db", "__MACOSX")  # what Windows and macOS add, beside hidden files
LAYOUT = "give a folder of PNG or JPEG files for each class, in train, test and val where there are such parts"


class Class(NamedTuple):
    """The images of a class in one part: the name of its folder, and the paths of its files."""

    name: str
    files: tuple[str, ...]


class Entry(NamedTuple):
    """Something in a folder: its name and path, and whether it is a folder or a link to one."""

    name: str
    path: str
    is_folder: bool

    @property
    def is_image(self) -> bool:
        """Whether it is called as a PNG or JPEG file, and is no folder."""
        return not self.is_folder and self.name.lower().endswith(SUFFIXES)


def entries_of(folder: str) -> list[Entry]:
    """What is in a folder, in ascending order of names, without hidden files and PASSED_OVER.

    Raises InputError where the folder cannot be read.
    """
    try:
        with os.scandir(folder) as scan:
            found = [entry for entry in scan if not entry.name.startswith(".") and entry.name not in PASSED_OVER]
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror}); {LAYOUT}.") from error
    return sorted(
        Entry(entry.name, entry.path, os.path.isdir(entry.path) if entry.is_symlink() else entry.is_dir())
        for entry in found
    )


def has_images(path: str) -> bool:
    """Whether there is an image in a folder without folders, or in one of its folders, of parts in theirs."""
    try:
        folders = [entry for entry in entries_of(path) if entry.is_folder]
        if not folders:
            return any(entry.is_image for entry in entries_of(path))
        return any(_has_image(folder.path, deeper=folder.name.lower() in PARTS) for folder in folders)
    except InputError:
        return False


def _has_image(folder: str, deeper: bool) -> bool:
    return any(
        entry.is_image or (deeper and entry.is_folder and _has_image(entry.path, deeper=False))
        for entry in entries_of(folder)
    )


def part_folders(path: str) -> dict[str, str]:
    """The folder of each part, among train, validation and test: the data set's own for train where it has no parts.

    It has parts where a folder that is called as one has folders. Raises InputError where there is anything beside
    them, where two folders are of one part, and where there is no training part.
    """
    entries = entries_of(path)
    called = [entry for entry in entries if entry.is_folder and entry.name.lower() in PARTS]
    if not any(inner.is_folder for entry in called for inner in entries_of(entry.path)):
        return {"train": path}
    _refuse_foreign([entry for entry in entries if entry not in called], "beside the folders of parts")
    folders: dict[str, str] = {}
    for entry in called:
        part = PARTS[entry.name.lower()]
        if part in folders:
            raise InputError(f"{entry.path}: is of the {part} part, and so is {folders[part]}; leave one out.")
        folders[part] = entry.path
    if "train" not in folders:
        raise InputError(f"{path}: has {', '.join(entry.name for entry in called)} but no folder train; {LAYOUT}.")
    return {part: folders[part] for part in ("train", "validation", "test") if part in folders}


def classes_of(folder: str) -> list[Class]:
    """The classes of a part, in plain ascending order of their names, as their files are.

    Raises InputError where there is anything but folders of images, and where one of them holds none.
    """
    entries = entries_of(folder)
    classes = [entry for entry in entries if entry.is_folder]
    if not classes:
        raise InputError(f"{folder}: has no folder of a class; {LAYOUT}.")
    _refuse_foreign([entry for entry in entries if not entry.is_folder], "beside the folders of classes")
    found = []
    for entry in classes:
        inside = entries_of(entry.path)
        _refuse_foreign([one for one in inside if not one.is_image], "among the images of a class")
        files = tuple(one.path for one in inside if one.is_image)
        if not files:
            raise InputError(f"{entry.path}: has no image, so the class {entry.name!r} is empty; leave the folder out.")
        found.append(Class(entry.name, files))
    return found


def _refuse_foreign(entries: Sequence[Entry], where: str) -> None:
    """Raise InputError for the first thing that has no place in a folder of images; a SHA256SUMS has one."""
    for entry in entries:
        if entry.is_folder or entry.name != CHECKSUMS:
            what = "a folder" if entry.is_folder else "no folder" if entry.is_image else "no PNG or JPEG file"
            raise InputError(f"{entry.path}: is {what}, {where}; move it away, or {LAYOUT}.")
