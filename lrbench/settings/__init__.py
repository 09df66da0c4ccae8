"""Settings of an experiment: config files in, checked and frozen settings out."""
