"""The built-in network as a model of one's own, to compare what the two engines cost and compute."""

import keras
from keras import layers


def build(input_shape, classes):
    """An uncompiled model from examples of `input_shape` to probabilities of so many classes."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(64, activation="relu"),
            layers.Dense(classes, activation="softmax"),
        ]
    )
