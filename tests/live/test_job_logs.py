"""How far a training job is, by the lines of its log."""

from __future__ import annotations

from lrbench.live.job_logs import JobLog, stamp

LINE = (
    "learning rate {rate:g}, seed {seed}, epoch {epoch}/3: loss 0.5, accuracy 0.8, val_loss 0.4, val_accuracy {acc}\n"
)


def test_epochs_accuracy_and_pace_are_read_as_they_come(tmp_path):
    path = tmp_path / "block-0.log"
    path.write_text("learning rate 0.01: 1 of 3 runs are in the store\nready to train after 2.0 s\n")
    log = JobLog(path, 0.01)
    log.read(10.0)
    assert (log.stored, log.trained, log.seconds_per_epoch) == (1, 0, None)
    with path.open("a") as file:
        file.write(LINE.format(rate=0.01, seed=1, epoch=1, acc=0.8))
        file.write(LINE.format(rate=0.01, seed=1, epoch=2, acc=0.9)[:-4])  # the job is still writing it
    log.read(14.0)
    assert (log.epochs, log.accuracy, log.seconds_per_epoch) == ({1: 1}, 0.8, 4.0)
    with path.open("a") as file:
        file.write(LINE.format(rate=0.01, seed=1, epoch=2, acc=0.9)[-4:])
        file.write(LINE.format(rate=0.1, seed=1, epoch=3, acc=0.1))  # of the rate that it begins after
    log.read(16.0)
    assert (log.epochs, log.accuracy, log.seconds_per_epoch) == ({1: 2}, 0.9, 3.0)


def test_what_an_earlier_job_left_says_nothing(tmp_path):
    path = tmp_path / "block-0.log"
    path.write_text(LINE.format(rate=0.01, seed=0, epoch=3, acc=0.9))
    log = JobLog(path, 0.01, stamp(path))
    log.read(1.0)
    assert log.trained == 0
    path.write_text("")
    log.read(2.0)
    path.write_text(LINE.format(rate=0.01, seed=0, epoch=1, acc=0.7))
    log.read(3.0)
    assert (log.trained, log.accuracy) == (1, 0.7)


def test_another_attempt_begins_anew(tmp_path):
    path = tmp_path / "block-0.log"
    path.write_text(LINE.format(rate=0.01, seed=0, epoch=1, acc=0.7) + LINE.format(rate=0.01, seed=0, epoch=2, acc=0.7))
    log = JobLog(path, 0.01)
    log.read(1.0)
    path.write_text(LINE.format(rate=0.01, seed=1, epoch=1, acc=0.5))
    log.read(2.0)
    assert (log.epochs, log.accuracy) == ({1: 1}, 0.5)


def test_a_log_that_is_not_there_says_nothing(tmp_path):
    log = JobLog(tmp_path / "none.log", 0.01)
    log.read(1.0)
    assert (log.trained, log.accuracy) == (0, None)
