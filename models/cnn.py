"""A small convolutional network with batch normalisation and dropout: an example of a model of one's own.

model: {file: models/cnn.py}
"""

import keras
from keras import layers


def build(input_shape, classes):
    """An uncompiled model from images of `input_shape` to probabilities of so many classes."""
    image = input_shape if len(input_shape) == 3 else (*input_shape, 1)  # grey images come without a channel
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Reshape(image),
            layers.Conv2D(8, 3, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 3, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(classes, activation="softmax"),
        ]
    )
