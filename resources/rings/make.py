"""Writes rings.csv: four classes, each a ring or its inside in two of ten features, the rest noise of other sizes.

    python resources/rings/make.py

A row is a point. Its class says how far it lies from the centre in two features, which no linear model sees. The
features differ in size a thousandfold, so they are standardized before training.
"""

from pathlib import Path

import numpy as np

ROWS, NOISE = 2400, 8
SIZES = 10.0 ** np.linspace(-1, 2, 2 + NOISE)  # of the features
RADII = (0.5, 1.5, 2.5, 3.5)

generator = np.random.default_rng(20)
labels = generator.integers(0, len(RADII), ROWS)
radius = np.take(RADII, labels) + generator.normal(0, 0.3, ROWS)
angle = generator.uniform(0, 2 * np.pi, ROWS)
inside = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
features = np.column_stack([inside, generator.normal(0, 2, (ROWS, NOISE))]) * SIZES
names = ["ring_x", "ring_y", *(f"noise_{place}" for place in range(1, NOISE + 1)), "ring"]
rows = [[*(f"{value:.4g}" for value in row), f"ring {label}"] for row, label in zip(features, labels, strict=True)]
Path(__file__).with_name("rings.csv").write_text("\n".join([*map(",".join, [names, *rows]), ""]), encoding="utf-8")
