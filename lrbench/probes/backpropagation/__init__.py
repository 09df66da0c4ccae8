"""One step of training worked through: forward, backward, update."""
