"""One step of training worked through: forward, backward, update; `measurement` does it, `section` shows it."""

ID = "backpropagation"
COMMAND = "backpropagate"
ABOUT = "Work one step of training through: forward, backward, update."
