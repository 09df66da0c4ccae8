"""What is said last of a snakemake call that failed."""

from __future__ import annotations

import pytest

from lrbench.workspace.failures import last_words

FAILED = """\
Error in rule train:
    jobid: 3
    output: results/a/training/lr-0.1/block-0.json
    log: {logs} (check log file(s) for error details)
    shell:
        lrbench train ...
"""
INTERRUPTED = "interrupted; what was finished is kept, and running again goes on from there."


@pytest.fixture
def said(here):
    """What is said after jobs failed that had these contents in their logs."""

    def say(*contents, and_then=""):
        logged = ""
        for number, content in enumerate(contents):
            if content is not None:
                (here / f"{number}.log").write_bytes(content.encode())
            logged += FAILED.format(logs=f"{number}.log")
        (here / "snakemake.log").write_text(logged + and_then)
        return last_words([here / "snakemake.log"])

    return say


def test_a_failed_job_s_last_sentence_is_said(said):
    content = "epoch 1/2\nlrbench: a note.\nlrbench: data: is damaged; fetch it again.\n"
    assert said(content) == ["lrbench: data: is damaged; fetch it again."]


def test_one_sentence_of_several_jobs_is_said_once(said):
    assert said("lrbench: no.\n", "lrbench: no.\n", "lrbench: other.\n") == ["lrbench: no.", "lrbench: other."]


def test_of_many_jobs_five_are_named(said):
    lines = said(*(f"lrbench: {number}.\n" for number in range(7)))
    assert lines == [f"lrbench: {number}." for number in range(5)] + [
        "lrbench: 2 more jobs failed; their logs are in the folder logs."
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("Traceback\n  File x\nMemoryError: \x1b[0m\n\n", r"its last line is 'MemoryError: \\x1b[0m'"),
        ("", "it is empty"),
        (None, "it is empty"),
    ],
)
def test_a_job_that_said_nothing_is_named_with_its_log(said, content, problem):
    assert said(content) == [
        f"lrbench: 0.log: the job that writes this log ended without saying why, and {problem}; look there."
    ]


def test_after_an_interrupt_that_is_all_that_is_said(said):
    by_user = "Terminating processes on user request, this might take some time.\n"
    assert said("epoch 1\n", f"lrbench: {INTERRUPTED}\n", and_then=by_user) == [f"lrbench: {INTERRUPTED}"]


def test_what_failed_before_an_interrupt_is_said_before_it(said):
    by_user = "Terminating processes on user request, this might take some time.\n"
    assert said("lrbench: no.\n", and_then=by_user) == ["lrbench: no.", f"lrbench: {INTERRUPTED}"]


def test_a_training_process_that_alone_was_interrupted_says_so(said):
    assert said(f"lrbench: {INTERRUPTED}\n") == [f"lrbench: {INTERRUPTED}"]


def test_each_of_several_logs_of_a_job_is_read(here):
    (here / "b.log").write_text("lrbench: there.\n")
    (here / "a.log").write_text("lrbench: here.\n")
    (here / "snakemake.log").write_text(FAILED.format(logs="a.log, b.log"))
    assert last_words([here / "snakemake.log"]) == ["lrbench: here.", "lrbench: there."]


def test_without_a_log_nothing_is_said(here):
    assert last_words([here / "none.log"]) == []
    assert last_words([]) == []
