"""A model's file is loaded, called and checked: each fault is one sentence that says where."""

from __future__ import annotations

import sys
import textwrap

import numpy as np
import pytest

from lrbench.errors import InputError, WorkError
from lrbench.learning.model import set_up_tensorflow
from lrbench.learning.model_file import ModelFile

HEAD = "import keras\nfrom keras import layers\n"
GOOD = """
def build(input_shape, classes):
    return keras.Sequential([keras.Input(input_shape), layers.Flatten(), layers.Dense(classes, activation="softmax")])
"""


@pytest.fixture(scope="module", autouse=True)
def tensorflow():
    set_up_tensorflow(threads=1)


@pytest.fixture
def write(tmp_path):
    def written(source: str, name: str = "mine.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD + textwrap.dedent(source))
        return path

    return written


def body(*lines: str) -> str:
    return "def build(input_shape, classes):\n" + "".join(f"    {line}\n" for line in lines)


BAD = {
    "error in build": (
        body("x = 1", "raise ValueError('no luck')"),
        r"mine.py, line 5: when build\(\(4, 4\), 3\), ValueError: no luck; mend the model\.$",
    ),
    "exit in build": (
        body("raise SystemExit(3)"),
        r"mine.py, line 4: when build\(\(4, 4\), 3\), SystemExit: 3; mend the model\.$",
    ),
    "error while loaded": (
        "x = 1 / 0\n" + GOOD,
        r"mine.py, line 3: when it is loaded, ZeroDivisionError: division by zero; mend",
    ),
    "other arguments": (
        "def build():\n    return 1\n",
        r"mine.py, function build: when build\(\(4, 4\), 3\), TypeError: build\(\) takes 0 positional",
    ),
    "no model": (
        body("return 3"),
        r"mine.py: build: returns a int \(builtins\) and no keras.Model; return the model\.$",
    ),
    "nothing": (body("keras.Sequential()"), r"returns a NoneType \(builtins\) and no keras.Model"),
    "compiled": (
        body(
            "m = keras.Sequential([keras.Input(input_shape), layers.Flatten(), layers.Dense(classes, 'softmax')])",
            "m.compile()",
            "return m",
        ),
        r"returns a compiled model; leave compile out",
    ),
    "wrong number of classes": (
        body("return keras.Sequential([keras.Input(input_shape), layers.Flatten(), layers.Dense(7, 'softmax')])"),
        r"its output for 2 examples has shape \(2, 7\); end it with one layer that gives 3 probabilities",
    ),
    "not flattened": (
        body("return keras.Sequential([keras.Input(input_shape), layers.Dense(classes, 'softmax')])"),
        r"its output for 2 examples has shape \(2, 4, 3\)",
    ),
    "several outputs": (
        body(
            "i = keras.Input(input_shape)",
            "o = layers.Dense(classes, 'softmax')(layers.Flatten()(i))",
            "return keras.Model(i, [o, o])",
        ),
        r"its output for 2 examples has several outputs",
    ),
    "logits": (
        body("return keras.Sequential([keras.Input(input_shape), layers.Flatten(), layers.Dense(classes)])"),
        r"its outputs are no probabilities \(those of one example sum to 0\); end it with a softmax",
    ),
    "sigmoid": (
        body("return keras.Sequential([keras.Input(input_shape), layers.Flatten(), layers.Dense(classes, 'sigmoid')])"),
        r"its outputs are no probabilities \(those of one example sum to 1.5\)",
    ),
    "nothing to train": (
        body(
            "return keras.Sequential([keras.Input(input_shape), layers.Flatten(), "
            "layers.Lambda(lambda x: keras.ops.softmax(x[:, :3]))])"
        ),
        r"builds a model without trainable weights; add a layer that learns\.$",
    ),
    "another input": (
        body("return keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(classes, 'softmax')])"),
        r"builds a model for inputs of shape \(28, 28\) where the data have \(4, 4\); use the input_shape",
    ),
    "images without channel": (
        body(
            "return keras.Sequential([keras.Input(input_shape), layers.Conv2D(2, 3), layers.Flatten(), "
            "layers.Dense(classes, 'softmax')])"
        ),
        r"mine.py, line 4: when build\(\(4, 4\), 3\), ValueError: .*ndim=4",
    ),
    "fails when called": (
        "class Mine(keras.Model):\n    def call(self, x):\n        raise RuntimeError('not now')\n"
        + body("return Mine()"),
        r"mine.py, line 5: when it is called with examples of shape \(4, 4\), .*not now",
    ),
    "own training": (
        "class Mine(keras.Model):\n    def train_step(self, data):\n        return {}\n" + body("return Mine()"),
        r"returns a model with a train_step of its own, which lrbench would not follow",
    ),
    "no function": (
        "build = 3\n",
        r"mine.py: has a int and no function build; write it, or name another as model.build\.$",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_model_is_one_sentence_with_its_place(what, write):
    source, sentence = BAD[what]
    with pytest.raises(InputError, match=sentence) as error:
        ModelFile(write(source), "build").build((4, 4), 3, 0)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 700


def test_an_error_in_a_local_module_names_its_own_line(write):
    write("def layer():\n    return undefined\n", "parts.py")
    path = write("import parts\n" + body("return parts.layer()"))
    with pytest.raises(InputError, match=r"parts.py, line 4: when build\(\(4, 4\), 3\), NameError: name 'undefined'"):
        ModelFile(path, "build").build((4, 4), 3, 0)


def test_other_weights_for_the_same_seed_are_refused(write):
    path = write(
        "import numpy as np\ngenerator = np.random.default_rng()\n"
        + body(
            "m = keras.Sequential([keras.Input(input_shape), layers.Flatten(), layers.Dense(classes, 'softmax')])",
            "m.set_weights([generator.normal(size=w.shape) for w in m.get_weights()])",
            "return m",
        )
    )
    with pytest.raises(InputError, match="gives other weights each time, although the seed is set before"):
        ModelFile(path, "build").check_repeats((4, 4), 3, 0)


def test_a_model_that_is_built_once_for_all_calls_is_refused(write):
    layers_of_it = "[keras.Input((4, 4)), layers.Flatten(), layers.Dense(3, 'softmax')]"
    path = write(
        f"import keras\nfrom keras import layers\nmodel = keras.Sequential({layers_of_it})\n" + body("return model")
    )
    with pytest.raises(InputError, match=r"returns weights that an earlier call made.*build every layer inside"):
        ModelFile(path, "build").check_repeats((4, 4), 3, 0)


def test_seeds_make_weights_and_equal_seeds_equal_ones(write):
    file = ModelFile(write(GOOD), "build")
    file.check_repeats((4, 4), 3, 0)
    one, same, other = (file.build((4, 4), 3, seed).get_weights()[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_model_that_was_edited_since_the_plan_is_not_trained_and_not_stored(write):
    path = write(GOOD)
    file = ModelFile(path, "build")
    path.write_text(path.read_text() + "# edited\n")
    with pytest.raises(WorkError, match="has changed since the workflow was planned: nothing was stored"):
        file.check("stored")
    with pytest.raises(WorkError, match="nothing was done"):
        ModelFile(path, "build", "0" * 64)


def test_two_files_have_modules_of_one_name_each_of_its_own_folder(write):
    models = []
    for folder, units in (("a", 2), ("b", 5)):
        write(f"UNITS = {units}\n", f"{folder}/parts.py")
        source = "import parts\n" + body(
            "return keras.Sequential([keras.Input(input_shape), layers.Flatten(), layers.Dense(parts.UNITS), "
            "layers.Dense(classes, 'softmax')])"
        )
        models.append(ModelFile(write(source, f"{folder}/mine.py"), "build").build((4, 4), 3, 0))
    assert [model.layers[1].units for model in models] == [2, 5]


def test_loading_writes_nothing_beside_the_file(write):
    write("X = 1\n", "parts.py")
    path = write("import parts\n" + GOOD)
    ModelFile(path, "build").build((4, 4), 3, 0)
    assert sorted(found.name for found in path.parent.rglob("*")) == ["mine.py", "parts.py"]
    assert "parts" in sys.modules


def test_an_error_in_a_module_of_a_package_names_the_file_below_the_folder(write):
    path = write("from parts.blocks import build\n")
    write("", "parts/__init__.py")
    write(body("raise ValueError('no luck')"), "parts/blocks.py")
    with pytest.raises(InputError, match=r"/parts/blocks\.py, line 4: when build"):
        ModelFile(path, "build").build((4, 4), 3, 0)


def test_a_folder_of_modules_needs_no_init_file(write):
    for folder, units in (("one", 5), ("two", 7)):
        path = write("from parts.blocks import build\n", f"{folder}/mine.py")
        lines = ("layers.Flatten()", f"layers.Dense({units})", "layers.Dense(classes, activation='softmax')")
        write(
            body(f"return keras.Sequential([keras.Input(input_shape), {', '.join(lines)}])"),
            f"{folder}/parts/blocks.py",
        )
        model = ModelFile(path, "build").build((4, 4), 3, 0)
        assert model.layers[1].units == units


def test_a_folder_that_is_called_like_an_installed_package_does_not_hide_it(write):
    path = write(GOOD)
    write("raise ValueError\n", "keras/weights.py")
    assert ModelFile(path, "build").build((4, 4), 3, 0).count_params() == 51


@pytest.mark.parametrize("place", ["mine/.venv/site-packages", "mine-too"])
def test_packages_installed_below_or_beside_the_folder_are_not_the_model_s(write, tmp_path, monkeypatch, place):
    write("", f"{place}/installed_elsewhere/__init__.py")
    write("", f"{place}/installed_elsewhere/later.py")
    monkeypatch.syspath_prepend(tmp_path / place)
    import installed_elsewhere

    path = write("import installed_elsewhere.later\n" + GOOD, "mine/mine.py")
    try:
        ModelFile(path, "build")
        later = installed_elsewhere.later
        ModelFile(path, "build")
        assert installed_elsewhere.later is later is sys.modules["installed_elsewhere.later"]
    finally:
        for name in [name for name in sys.modules if name.startswith("installed_elsewhere")]:
            del sys.modules[name]


def test_a_link_to_a_file_has_the_modules_beside_the_link(write, tmp_path):
    path = write("import parts\n" + body("return parts.layer()"), "there/mine.py")
    write("def layer():\n    raise ValueError('there')\n", "there/parts.py")
    write("def layer():\n    raise ValueError('here')\n", "here/parts.py")
    link = tmp_path / "here" / "mine.py"
    link.symlink_to(path)
    with pytest.raises(InputError, match=r"/here/parts\.py, line 4: when .*, ValueError: here;"):
        ModelFile(link, "build").build((4, 4), 3, 0)
