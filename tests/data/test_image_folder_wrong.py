"""Folders of images that are wrong: what is said of each."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.data_files import assert_refused
from support.image_folders import ANEW, COLOUR, GREY, KIND, cut, emptied, refused, save, write_folder

from lrbench.data.image_files import LAYOUT


@pytest.fixture
def folder(here):
    """The examples of `arrays()` as images; labels 0, 1, 2 are the folders a, b, c."""
    write_folder()
    return here


def spoil_sizes(file):
    save(file, GREY.T)


def spoil_colours(file):
    save(file, COLOUR)


def broken(file):
    content = bytearray(file.read_bytes())
    content[45] ^= 1
    file.write_bytes(content)


def sixteen_bits(file):
    save(file, GREY.astype(np.uint16) * 257)


def sixteen_bits_in_colour(file):
    content = bytearray(file.read_bytes())
    content[24:26] = bytes([16, 2])
    file.write_bytes(content)


def animated(file):
    frames = [Image.fromarray(GREY), Image.fromarray(GREY + 1)]
    frames[0].save(file, save_all=True, append_images=frames[1:])


def transparent(file):
    image = Image.fromarray(GREY).convert("RGBA")
    image.putalpha(128)
    save(file, image)


def transparent_grey(file):
    save(file, GREY, transparency=3)


def loop(file):
    file.unlink()
    file.symlink_to(file.name)


def colours_of_print(file):
    save(file, Image.fromarray(COLOUR).convert("CMYK"), format="JPEG")


def bomb(file):
    save(file, Image.new("1", (20_000, 10_000)))


def large(file):
    save(file, Image.new("RGB", (4096, 4096)))


ALIKE = (
    f"but data/train/a/0.png has {KIND}; give images of one kind, or say in dataset.image_shape what to make of them, "
    "such as [2, 3] for grey or [2, 3, 3] for colour"
)


SPOILED = {
    "size": (spoil_sizes, f"has 3 x 2 pixels in grey {ALIKE}"),
    "colour": (spoil_colours, f"has 2 x 3 pixels in colour {ALIKE}"),
    "cut": (cut, "cannot be read as a PNG or JPEG file ("),
    "broken": (broken, "cannot be read as a PNG or JPEG file (broken PNG file (bad header checksum in b'IDAT'))"),
    "16 bits": (sixteen_bits, "has 16 bits a channel; save it with 8"),
    "16 bits in colour": (sixteen_bits_in_colour, "has 16 bits a channel; save it with 8"),
    "animated": (animated, "is an animation; give single images"),
    "transparent": (transparent, "has transparent pixels; save it without transparency, on a background"),
    "transparent grey": (transparent_grey, "has transparent pixels; save it without transparency, on a background"),
    "loop": (loop, "cannot be read (Too many levels of symbolic links); restore it, or leave it out"),
    "empty": (emptied, f"cannot be read as a PNG or JPEG file (its content is neither); {ANEW}"),
    "print": (colours_of_print, "has pixels of mode CMYK; save it in grey or in RGB, with 8 bits a channel"),
    "bomb": (bomb, "cannot be read as a PNG or JPEG file (Image size (200000000 pixels) exceeds limit of "),
    "large": (large, "says it has 4096 x 4096 pixels in colour, which take more than 67108864 bytes to decode"),
}


@pytest.mark.parametrize(("spoil", "reason"), SPOILED.values(), ids=SPOILED)
@pytest.mark.parametrize("name", ["train/a/3.png", "test/c/2.png"])
def test_an_image_that_is_wrong_is_named(folder, spoil, reason, name):
    spoil(Path("data", name))
    assert refused("data").startswith(f"data/{name}: {reason}")
    if spoil not in (spoil_sizes, spoil_colours):
        assert refused("data", {"image_shape": [2, 3]}).startswith(f"data/{name}: {reason}")


def foreign_file(folder):
    (folder / "data/train/a/notes.txt").touch()


def foreign_among_classes(folder):
    (folder / "data/train/0.png").touch()


def foreign_among_parts(folder):
    (folder / "data/other").mkdir()


def folder_in_class(folder):
    os.symlink("..", "data/train/a/again")


def two_validation_parts(folder):
    shutil.copytree("data/test", "data/val")
    shutil.copytree("data/test", "data/valid")


def no_training_part(folder):
    shutil.rmtree("data/train")


def empty_class(folder):
    (folder / "data/train/d").mkdir()


def one_class(folder):
    shutil.rmtree("data/train/b")
    shutil.rmtree("data/train/c")


def new_class(folder):
    shutil.copytree("data/test/a", "data/test/d")


def no_class(folder):
    shutil.rmtree("data/test")
    (folder / "data/test").mkdir()


AWAY = f"move it away, or {LAYOUT}"


LAYOUTS = {
    "file": (foreign_file, f"data/train/a/notes.txt: is no PNG or JPEG file, among the images of a class; {AWAY}."),
    "image": (foreign_among_classes, f"data/train/0.png: is no folder, beside the folders of classes; {AWAY}."),
    "folder": (foreign_among_parts, f"data/other: is a folder, beside the folders of parts; {AWAY}."),
    "loop": (folder_in_class, f"data/train/a/again: is a folder, among the images of a class; {AWAY}."),
    "parts": (two_validation_parts, "data/valid: is of the validation part, and so is data/val; leave one out."),
    "no training": (no_training_part, f"data: has test but no folder train; {LAYOUT}."),
    "empty class": (empty_class, "data/train/d: has no image, so the class 'd' is empty; leave the folder out."),
    "one class": (one_class, "data/train: all labels are 'a'; give at least two classes."),
    "new class": (
        new_class,
        "data/test: has label 'd' but training has the classes 'a', 'b', 'c'; leave out what cannot be learned.",
    ),
    "no class": (no_class, f"data/test: has no folder of a class; {LAYOUT}."),
}


@pytest.mark.parametrize(("spoil", "complaint"), LAYOUTS.values(), ids=LAYOUTS)
def test_a_folder_that_is_wrong_is_refused_in_a_sentence(folder, capsys, spoil, complaint):
    spoil(folder)
    assert_refused(folder, capsys, "data", complaint)


def test_images_in_no_folder_of_a_class_are_refused(here):
    save("data/1.png", GREY)
    assert refused("data") == f"data: has no folder of a class; {LAYOUT}."


def test_a_named_pipe_is_refused_unopened(folder):
    os.mkfifo("data/train/b/0.png")
    assert refused("data").startswith("data/train/b/0.png: is a named pipe, not a file; ")


def test_other_channels_cannot_be_made(folder):
    assert refused("data", {"image_shape": [2, 3, 4]}) == (
        "dataset.image_shape is [2, 3, 4] but data has images in grey or colour; give height and width for grey, with "
        "3 as a third number for colour."
    )


def test_images_that_would_take_too_much_memory_are_refused(folder):
    assert refused("data", {"image_shape": [4096, 4096]}) == (
        "data: its 12 images of 4096 x 4096 values take 201326592 bytes, over the 67108864 that files of their size "
        "may; give fewer, or smaller ones by dataset.image_shape."
    )
