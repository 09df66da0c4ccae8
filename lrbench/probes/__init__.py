"""Measurements beside training, a folder each; none is a part of a run's identity."""
