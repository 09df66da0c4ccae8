"""Which learning rate, and why? A reproducible benchmark and report generator."""
