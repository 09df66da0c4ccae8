"""Data sets: readers of the formats that people have, and how examples are split."""
