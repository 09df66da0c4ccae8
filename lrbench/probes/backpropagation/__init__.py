"""One step of training worked through: forward, backward, update; `measurement` does it, `section` shows it."""

ID = "backpropagation"  # of its section in the page
