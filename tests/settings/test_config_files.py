"""Files that are no config: where and why each cannot be read, in one sentence, status 2, nothing written."""

from __future__ import annotations

import pytest
from support.configs import check, config, refusal

from lrbench.errors import InputError
from lrbench.settings.yaml_files import read_yaml

NOT_YAML = {
    "learning_rates: [0.1\n": (
        ", line 2, column 1: while parsing a flow sequence expected ',' or ']', but got '<stream end>'; "
        "correct the YAML there."
    ),
    "epochs: 3\nepochs: 4\n": ", line 2, column 1: the key 'epochs' is written twice; correct the YAML there.",
    "dataset: {name: A, path: b, name: C}\n": (
        ", line 1, column 29: the key 'name' is written twice; correct the YAML there."
    ),
    "a: &x [1]\nb: *x\n": ", line 2, column 4: aliases are not allowed; correct the YAML there.",
    "epochs: !!python/object:os.system {}\n": (
        ", line 1, column 9: could not determine a constructor for the tag "
        "'tag:yaml.org,2002:python/object:os.system'; correct the YAML there."
    ),
    "a: 1\n---\nb: 2\n": (
        ", line 2, column 1: expected a single document in the stream but found another document; "
        "correct the YAML there."
    ),
    "title: !!timestamp soon\n": (": is not YAML ('NoneType' object has no attribute 'groupdict'); correct it."),
    "epochs: !!int 1:30\n": ": is not YAML (invalid literal for int() with base 0: '1:30'); correct it.",
    "epochs: !!bool maybe\n": ": is not YAML ('maybe'); correct it.",
    "": ": holds no keys; lrbench new writes a config to begin with.",
    "- 1\n- 2\n": ": holds no keys; lrbench new writes a config to begin with.",
    "just text\n": ": holds no keys; lrbench new writes a config to begin with.",
    "[" * 5000: ": is not YAML (nested too deeply); correct it.",
}


@pytest.mark.parametrize(("text", "complaint"), NOT_YAML.items(), ids=[text[:30] for text in NOT_YAML])
def test_a_file_that_is_no_config_says_where(project, capsys, text, complaint):
    (project / "config.yaml").write_text(text, encoding="utf-8")
    assert refusal(project) == f"{project / 'config.yaml'}{complaint}"
    assert check(project, capsys) == (2, f"lrbench: {project / 'config.yaml'}{complaint}\n")


def test_a_config_that_cannot_be_read(project, capsys):
    complaint = "cannot be read (No such file or directory); give an existing config file."
    assert check(project, capsys) == (2, f"lrbench: {project / 'config.yaml'}: {complaint}\n")
    (project / "config.yaml").mkdir()
    complaint = "cannot be read (Is a directory); give an existing config file."
    assert check(project, capsys) == (2, f"lrbench: {project / 'config.yaml'}: {complaint}\n")


def test_bytes_that_are_no_text(project):
    (project / "config.yaml").write_bytes(b"title: \xff\xfe\x00")
    assert refusal(project).startswith(f"{project / 'config.yaml'}: is not YAML (")


def test_a_config_of_megabytes_is_not_parsed(project):
    (project / "config.yaml").write_bytes(b"#" * 1_000_001)
    assert refusal(project) == (
        f"{project / 'config.yaml'}: is larger than 1000000 bytes, which no config is; give a config file."
    )


def test_an_endless_file_is_not_read_to_its_end():
    with pytest.raises(InputError, match=r"^/dev/zero: is larger than 1000000 bytes, which no config is"):
        read_yaml("/dev/zero")


def test_a_number_of_thousands_of_digits(project):
    (project / "config.yaml").write_text(config(epochs=f"0x{'f' * 5000}"))
    assert refusal(project) == (
        f"{project / 'config.yaml'}: is not YAML (Exceeds the limit (4300 digits) for integer string conversion; "
        "use sys.set_int_max_str_digits() to increase the limit); correct it."
    )
