"""The documents say what is there, and what they say is there."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
import tomllib

import pytest
import yaml
from support.workspace import BIN, PROJECT

from lrbench.cli import main
from lrbench.flags import parser
from lrbench.registry import PROBES
from lrbench.settings.experiment import read_experiments
from lrbench.settings.study import read_configs

README = (PROJECT / "README.md").read_text()
SCHEMA = yaml.safe_load((PROJECT / "workflow/schemas/config.schema.yaml").read_text())
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text())
DOCUMENTS = sorted({*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md"), PROJECT / "config/README.md"})


def subcommands() -> list[str]:
    return list(next(action for action in parser()._actions if isinstance(action.choices, dict)).choices)


def schema_keys() -> dict[str, object]:
    """Every key of the schema, dotted, with its default."""
    keys: dict[str, object] = {}

    def walk(schema: dict, prefix: str) -> None:
        for part in (schema, *schema.get("oneOf", [])):
            for name, described in part.get("properties", {}).items():
                alternatives = described.get("oneOf", [described])
                if any("properties" not in alternative for alternative in alternatives):
                    keys.setdefault(f"{prefix}{name}", described.get("default"))
                walk(described, f"{prefix}{name}.")

    walk(SCHEMA, "")
    return keys


def rules() -> list[str]:
    """The rules that every experiment or every study has; each stands in a file of its name."""
    files = re.findall(r'^ *include: "rules/(.+)[.]smk"$', (PROJECT / "workflow/Snakefile").read_text(), re.MULTILINE)
    return [file for file in files if file not in ("common", "keep_config")]  # the second is for modules alone


def test_every_config_key_is_explained_with_its_default():
    rows = {
        match[1]: match[0]
        for match in re.finditer(r"^\| `([a-z_0-9.]+)` \|.*$", (PROJECT / "config/README.md").read_text(), re.MULTILINE)
    }
    keys = schema_keys()
    assert rows.keys() == keys.keys()
    for key, default in keys.items():
        if isinstance(default, dict):
            assert yaml.safe_dump(default, default_flow_style=True).strip() in rows[key], key
        elif isinstance(default, bool | list | str) and default != []:
            assert (str(default).lower() if isinstance(default, bool) else str(default)) in rows[key], key
        elif isinstance(default, int | float):
            cells = " ".join(rows[key].split("|")[4:5])
            assert any(float(number) == default for number in re.findall(r"[\d.]+(?:e-?\d+)?", cells)), key


def test_every_schema_key_has_a_description():
    def undescribed(schema: dict) -> list[str]:
        found = []
        for part in (schema, *schema.get("oneOf", [])):
            for name, described in part.get("properties", {}).items():
                found += [] if "description" in described or "const" in described else [name]
                found += undescribed(described)
        return found

    assert undescribed(SCHEMA) == []


def test_every_rule_is_in_the_readme_with_the_command_of_its_name():
    rows = re.findall(r"^\| `(\w+)` \| `lrbench (\w+)` \| `([\w.]+)` \|", README, re.MULTILINE)
    probes = [probe.command for probe in PROBES.values()]
    assert [(rule, command) for rule, command, _ in rows if rule not in probes] == [(rule, rule) for rule in rules()]
    assert [(rule, command) for rule, command, _ in rows if rule in probes] == [(rule, rule) for rule in probes]
    for _, _, module in rows:
        assert (PROJECT / (module.replace(".", "/") + ".py")).exists()


def test_every_subcommand_is_documented():
    text = "".join(path.read_text() for path in DOCUMENTS)
    of_probes = {probe.command for probe in PROBES.values()}  # the command line and config/README.md tell of these
    assert [name for name in subcommands() if name not in of_probes and f"lrbench {name}" not in text] == []


def test_every_make_target_is_documented():
    targets = re.search(r"^\.PHONY: (.*)$", (PROJECT / "Makefile").read_text(), re.MULTILINE)[1].split()
    text = "".join(path.read_text() for path in DOCUMENTS)
    internal = {"help", "lint", "pytest", "python"}
    assert [target for target in targets if target not in internal and f"make {target}" not in text] == []


def documented_commands() -> list[str]:
    blocks = [block for path in DOCUMENTS for block in re.findall(r"```sh\n(.*?)```", path.read_text(), re.DOTALL)]
    lines = [line.split("#")[0].strip() for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return sorted({line for line in lines if line})


@pytest.mark.parametrize("line", documented_commands())
def test_documented_commands_exist(line):
    words = [word for word in shlex.split(line) if not re.match("[A-Z_]+=", word)]
    if words[0] == "lrbench":
        assert words[1] in (*subcommands(), "--print-completion")
    elif words[0] == "make":
        done = subprocess.run(["make", "--dry-run", words[1]], cwd=PROJECT, capture_output=True, check=False)
        assert done.returncode == 0
    elif words[0] == "snakemake":
        options = re.findall(r"--[a-z-]+", line)
        known = subprocess.run([BIN / "snakemake", "--help"], capture_output=True, text=True, check=True).stdout
        assert [option for option in options if option not in known] == []
    elif words[0] == "python":
        assert words[1] in ("-m", "-c") or (PROJECT / words[1]).is_file()
    else:
        assert words[0] in ("uv", "pip", "podman", "apptainer")


def test_the_configs_that_are_shipped_are_right(capsys):
    configs = sorted((PROJECT / "config").glob("*.yaml"))
    studies = sorted((PROJECT / "config/studies").glob("*.yaml"))
    foreign = ("fashion.yaml", "data.yaml")  # whose data are another package's
    own = [path for path in configs if path.name not in foreign]
    assert main(["check", *(str(path) for path in [*own, *studies] if path.name not in foreign)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "cnn: 6 learning rates x 3 seeds x 8 epochs on MNIST, a tenth of it",
        "tutorial: 3 learning rates x 5 seeds x 10 epochs on MNIST",
        "quick: 3 learning rates x 2 seeds x 3 epochs on MNIST, a tenth of it",
        "rings: 6 learning rates x 5 seeds x 20 epochs on Rings",
        "search: a search from 1e-05 to 1, at most 12 learning rates x 12 seeds x 10 epochs on MNIST",
        "tutorial-verbatim: 3 learning rates x 5 seeds x 10 epochs on MNIST",
        "tutorial-verbatim-fresh: 3 learning rates x 5 seeds x 10 epochs on MNIST",
        *(
            f"batch-size-{size}: 7 learning rates x 5 seeds x 5 epochs on MNIST, a fifth of it"
            for size in (32, 64, 128, 256, 512)
        ),
        *(
            f"initial-weights-{name}: 5 learning rates x 5 seeds x 5 epochs on MNIST, a tenth of it"
            for name in ("fresh", "carried-over", "carried-over-fresh")
        ),
        *(
            f"optimizers-{name}: 6 learning rates x 5 seeds x 5 epochs on MNIST, a tenth of it"
            for name in ("adam", "adamw", "rmsprop", "momentum", "nesterov", "sgd")
        ),
        "rates: 11 learning rates x 5 seeds x 5 epochs on MNIST, a tenth of it",
        *(
            f"schedules-{name}: 5 learning rates x 5 seeds x 8 epochs on MNIST, a tenth of it"
            for name in ("constant", "warmup", "cosine", "step")
        ),
        *(
            f"width-{name}: 7 learning rates x 5 seeds x 5 epochs on MNIST, a tenth of it"
            for name in ("32-16", "128-64", "512-256")
        ),
    ]
    (fashion,) = set(configs) - set(own)
    mnist = {"dataset": {"name": "D", "path": str(PROJECT / "resources/mnist"), "train_examples": 12000}}
    assert read_experiments([fashion], mnist, [PROJECT])["fashion"].epochs == 8
    (data,) = set(studies) - {path for path in studies if path.name not in foreign}
    asked = read_configs([data], mnist, [PROJECT])
    assert list(asked.experiments) == ["data-mnist", "data-fashion-mnist"]
    full = mnist["dataset"] | {"train_examples": 60000}
    for path in studies:  # the override for the full size, as each file documents it
        assert "# Full size:  --config " in path.read_text()
        large = read_configs([path], {"dataset": full, "epochs": 10}, [PROJECT]).experiments.values()
        assert {one.epochs for one in large} == {10}


def test_no_document_says_to_install_a_package_of_our_commands_name():
    assert [path for path in DOCUMENTS if "pip install lrbench" in path.read_text()] == []


def test_links_between_documents_lead_somewhere():
    broken = [
        (path.name, target)
        for path in DOCUMENTS
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text())
        if not (path.parent / target).exists()
    ]
    assert broken == []


def test_lock_files_hold_hashes_and_no_address():
    locks = sorted(PROJECT.glob("requirements*.lock"))
    assert len(locks) == 6
    for path in locks:
        text = path.read_text()
        assert "http" not in text
        assert "index" not in text
        for entry in re.split(r"\n(?=\S)", text.strip()):
            assert "--hash=sha256:" in entry, entry


def test_every_library_that_is_imported_is_declared():
    found = {
        name
        for package in ("lrbench", "snakemake_logger_plugin_lrbench")
        for path in (PROJECT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module] * (node.level == 0)
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    imported = {name.split(".")[0] for name in found} - sys.stdlib_module_names - {"lrbench"}
    # TensorFlow brings Keras, and pydantic its core
    by_module = {"PIL": "pillow", "yaml": "pyyaml", "keras": "tensorflow", "pydantic_core": "pydantic"}
    by_module["snakemake_interface_logger_plugins"] = "snakemake-interface-logger-plugins"
    declared = {re.match("[a-z0-9_-]+", line)[0] for line in PYPROJECT["project"]["dependencies"]}
    extras = {"mlflow", "tensorboard"}  # what two kinds of export import, each an extra of its own
    assert extras < PYPROJECT["project"]["optional-dependencies"].keys()
    needed = {by_module.get(name, name) for name in imported} - {"markupsafe", "snakemake"}
    assert needed - extras == declared - {"snakemake"}
    locked = (PROJECT / "requirements.lock").read_text()
    assert [name for name in declared if not re.search(f"^{name}==", locked, re.MULTILINE)] == []


def test_the_finished_pages_need_nothing_beside_them_and_are_small():
    pages = sorted((PROJECT / "docs/examples").glob("*.html"))
    assert 2 <= len(pages) <= 4
    listed = (PROJECT / "docs/examples/README.md").read_text()
    for page in pages:
        text = page.read_text()
        assert len(text.encode()) <= 500_000
        links = re.findall(r'\b(?:href|src)="([^"]*)"', text)
        assert [link for link in links if not link.startswith(("#", "data:"))] == []
        assert f"({page.name})" in listed
