"""What a step gains and what eats it: `measurement` replays runs and expands the loss, `section` says where it pays."""

ID = "step_budget"
COMMAND = "budget_steps"
ABOUT = "Replay runs, and split what their steps change into gain, cost of curvature and cost of noise."
TRAINS = True
