"""The learning-rate range test: `measurement` raises the rate over one epoch, `section` holds it against the sweep."""

ID = "range_test"
COMMAND = "test_range"
ABOUT = "Raise the learning rate over one epoch with every seed, and say which rate the loss suggests."
TRAINS = True
