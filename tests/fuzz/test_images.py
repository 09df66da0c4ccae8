"""Whatever the bytes and names of images in folders: good arrays or one sentence."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from support.fuzzed_data import read_or_refused
from support.samples import fuzz, mutated


def image(mode, kind):
    """An image of 3 x 2 pixels as the bytes of a file."""
    pixels = Image.fromarray(np.arange(18, dtype=np.uint8).reshape(2, 3, 3)).convert(mode)
    buffer = io.BytesIO()
    pixels.save(buffer, format=kind)
    return buffer.getvalue()


IMAGES = [
    image(mode, kind) for mode, kind in (("L", "PNG"), ("RGBA", "PNG"), ("P", "PNG"), ("L", "JPEG"), ("RGB", "JPEG"))
]


@fuzz(100)
@given(
    data=st.data(),
    whole=st.sampled_from(IMAGES),
    shape=st.none() | st.sampled_from([[1, 1], [2, 3], [4, 2, 3], [2, 3, 1], [2, 3, 2]]),
)
def test_any_bytes_of_an_image_give_arrays_or_one_sentence(tmp_path, monkeypatch, data, whole, shape):
    monkeypatch.chdir(tmp_path)
    for name in "ab":
        Path("data", name).mkdir(parents=True, exist_ok=True)
        Path("data", name, "1.png").write_bytes(whole)
    Path("data/b/1.png").write_bytes(data.draw(mutated(whole) | st.binary(max_size=60)))
    read_or_refused(tmp_path, "data", {} if shape is None else {"image_shape": shape})


PLACES = st.tuples(
    st.sampled_from(["", "", "train/", "test/", "val/", "valid/", "other/"]),
    st.sampled_from(["a/", "b/", "b/", "10/", "", ".git/", "a/b/"]),
    st.sampled_from(["1.png", "2.JPG", "3.jpeg", "x.txt", ".DS_Store", "Thumbs.db", "SHA256SUMS"]),
)


@fuzz(100)
@given(places=st.lists(PLACES.map("".join), max_size=9, unique=True), empty=st.none() | PLACES.map("".join))
def test_any_names_of_images_give_arrays_or_one_sentence(tmp_path, monkeypatch, places, empty):
    monkeypatch.chdir(tmp_path)
    if Path("data").exists():
        shutil.rmtree("data")
    for path in (Path("data", place) for place in places):
        if not path.exists() and not any(parent.is_file() for parent in path.parents):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"" if path.name == "SHA256SUMS" else IMAGES[0])
    if empty is not None and not any(path.is_file() for path in [Path("data", empty), *Path("data", empty).parents]):
        Path("data", empty).mkdir(parents=True, exist_ok=True)
    read_or_refused(tmp_path, "data")
