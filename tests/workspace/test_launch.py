"""Two config files of one experiment's name do not overwrite each other's results."""

from __future__ import annotations

import pytest
from support.samples import idx_folder

from lrbench.cli import main
from lrbench.errors import InputError
from lrbench.workspace.launch import keep_linked_folders, record_configs, refuse_other_configs

CONFIG = "{{experiment: {name}, dataset: {{name: D, path: data}}, learning_rates: [{rate}], seeds: [0]}}"


def write(folder, file, name="mine", rate=0.1):
    (folder / file).write_text(CONFIG.format(name=name, rate=rate))


@pytest.fixture
def made(project):
    """A folder in which an experiment was made from a config file, and another file has its name."""
    (project / "data").rmdir()
    idx_folder(project / "data")
    write(project, "first.yaml")
    write(project, "second.yaml", rate=0.2)
    (project / "results/mine").mkdir(parents=True)
    record_configs(project, {"mine": "first.yaml"})
    return project


def test_another_file_of_the_same_name_is_refused(made, capsys):
    assert main(["check", "second.yaml"]) == 2
    assert capsys.readouterr() == (
        "",
        "lrbench: second.yaml: the results of experiment 'mine' here were made from first.yaml, and would be "
        "overwritten; give one of the two another name, or remove them first (lrbench clean --experiment mine; their "
        "stored runs stay).\n",
    )
    assert main(["check", "first.yaml"]) == 0
    write(made, "first.yaml", rate=0.3)  # an edited file is the same file
    assert main(["check", "first.yaml"]) == 0


def test_a_report_alone_is_not_overwritten_either(made):
    (made / "results/mine").rmdir()
    refuse_other_configs(made, {"mine": "second.yaml"})
    (made / "reports").mkdir()
    (made / "reports/mine.html").touch()
    with pytest.raises(InputError, match=r"^second\.yaml: the results of experiment 'mine'"):
        refuse_other_configs(made, {"mine": "second.yaml"})


@pytest.mark.parametrize("change", ["gone", "another name", "copied", "no config", "no record", "damaged record"])
def test_a_file_that_takes_the_others_place_is_taken(change, made):
    first, record = made / "first.yaml", made / "results/.configs/mine.json"
    if change == "gone":
        first.unlink()
    elif change == "another name":
        write(made, "first.yaml", name="other")
    elif change == "copied":
        first.write_bytes((made / "second.yaml").read_bytes())
    elif change == "no config":
        first.write_text("[")
    elif change == "no record":
        record.unlink()
    else:
        record.write_text("{")
    refuse_other_configs(made, {"mine": "second.yaml"})
    record_configs(made, {"mine": "second.yaml"})
    write(made, "first.yaml")
    with pytest.raises(InputError, match=r"^first\.yaml: .* were made from .*second\.yaml"):
        refuse_other_configs(made, {"mine": "first.yaml"})


def test_a_folder_that_was_moved_has_its_own_files(made, tmp_path_factory):
    moved = made.rename(tmp_path_factory.mktemp("elsewhere") / "moved")
    refuse_other_configs(moved, {"mine": "first.yaml"})
    with pytest.raises(InputError, match="second"):
        refuse_other_configs(moved, {"mine": "second.yaml"})


def test_a_file_outside_the_folder_is_known_by_its_whole_path(made, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    write(elsewhere, "first.yaml", rate=0.5)
    record_configs(made, {"mine": str(elsewhere / "first.yaml")})
    refuse_other_configs(made, {"mine": str(elsewhere / "first.yaml")})
    with pytest.raises(InputError, match=f"were made from {elsewhere}/first.yaml"):
        refuse_other_configs(made, {"mine": "first.yaml"})


def test_a_record_that_cannot_be_written_stops_nothing(project):
    (project / "results").write_text("")
    record_configs(project, {"mine": "first.yaml"})


def test_an_empty_folder_behind_a_link_is_kept_and_others_are_left_alone(project):
    keep_linked_folders(project)
    (project / "elsewhere").mkdir()
    (project / "reports").symlink_to("elsewhere")
    keep_linked_folders(project)
    assert [path.name for path in (project / "elsewhere").iterdir()] == [".lrbench"]
    (project / "elsewhere/.lrbench").rename(project / "elsewhere/mine.html")
    keep_linked_folders(project)
    assert [path.name for path in (project / "elsewhere").iterdir()] == ["mine.html"]
    (project / "reports").unlink()
    (project / "reports").mkdir()
    keep_linked_folders(project)
    assert list((project / "reports").iterdir()) == []
