"""Models as people write them: a file of the kind that `model.file` names, with one function a model."""

from __future__ import annotations

import keras
from keras import layers


def chain(input_shape, classes, *middle):
    return keras.Sequential([keras.Input(input_shape), *middle, layers.Dense(classes, activation="softmax")])


def picture(input_shape):
    return layers.Reshape((*input_shape, 1))


def dense(input_shape, classes):
    return chain(input_shape, classes, layers.Flatten(), layers.Dense(16, "relu"), layers.Dense(8, "tanh"))


def branches(input_shape, classes):
    inputs = keras.Input(input_shape)
    flat = layers.Flatten()(inputs)
    both = layers.Concatenate()([layers.Dense(8, "relu")(flat), layers.Dense(8, "selu")(flat)])
    both = layers.Add()([both, layers.Dense(16)(both)])
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(both))


class Subclassed(keras.Model):
    """Builds its weights when it is first called."""

    def __init__(self, classes):
        super().__init__()
        self.flatten = layers.Flatten()
        self.hidden = layers.Dense(9, activation="relu")
        self.drop = layers.Dropout(0.2)
        self.out = layers.Dense(classes, activation="softmax")

    def call(self, inputs, training=False):
        hidden = self.drop(self.hidden(self.flatten(inputs)), training=training)
        self.add_loss(0.01 * keras.ops.mean(keras.ops.square(hidden)))
        return self.out(hidden)


def subclassed(input_shape, classes):
    return Subclassed(classes)


def convolution(input_shape, classes):
    return chain(
        input_shape,
        classes,
        picture(input_shape),
        layers.Conv2D(4, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
    )


def global_pooling(input_shape, classes):
    return chain(
        input_shape,
        classes,
        picture(input_shape),
        layers.Conv2D(4, 3, activation="swish"),
        layers.GlobalAveragePooling2D(),
    )


def average_pooling(input_shape, classes):
    return chain(
        input_shape,
        classes,
        picture(input_shape),
        layers.Conv2D(4, 3, padding="same", activation="gelu"),
        layers.AveragePooling2D(2),
        layers.Flatten(),
    )


def separable(input_shape, classes):
    return chain(input_shape, classes, picture(input_shape), layers.SeparableConv2D(4, 3), layers.Flatten())


def transposed(input_shape, classes):
    return chain(
        input_shape, classes, picture(input_shape), layers.Conv2DTranspose(3, 3, activation="relu"), layers.Flatten()
    )


def batch_normalization(input_shape, classes):
    return chain(
        input_shape,
        classes,
        picture(input_shape),
        layers.Conv2D(4, 3),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Flatten(),
    )


def other_normalizations(input_shape, classes):
    return chain(
        input_shape,
        classes,
        picture(input_shape),
        layers.Conv2D(4, 3),
        layers.GroupNormalization(2),
        layers.Flatten(),
        layers.LayerNormalization(),
        layers.Dense(6, "elu", kernel_constraint=keras.constraints.MaxNorm(1.0)),
        layers.UnitNormalization(),
    )


def dropout(input_shape, classes):
    return chain(input_shape, classes, layers.Flatten(), layers.Dense(16, "relu"), layers.Dropout(0.4))


def noise(input_shape, classes):
    return chain(
        input_shape, classes, layers.Flatten(), layers.GaussianNoise(0.1), layers.SpectralNormalization(layers.Dense(7))
    )


def augmented(input_shape, classes):
    return chain(
        input_shape,
        classes,
        picture(input_shape),
        layers.RandomFlip(),
        layers.Conv2D(4, 3, activation="relu"),
        layers.Flatten(),
    )


def lstm(input_shape, classes):
    return chain(input_shape, classes, layers.LSTM(6))


def gru(input_shape, classes):
    return chain(input_shape, classes, layers.Bidirectional(layers.GRU(4)))


def convolution_of_sequences(input_shape, classes):
    return chain(input_shape, classes, layers.Conv1D(4, 3, activation="relu"), layers.GlobalMaxPooling1D())


def attention(input_shape, classes):
    inputs = keras.Input(input_shape)
    attended = layers.MultiHeadAttention(2, 4, dropout=0.1)(inputs, inputs)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(layers.Flatten()(attended)))


def embedding(input_shape, classes):
    inputs = keras.Input(input_shape)
    tokens = layers.Flatten()(inputs) * 255
    return keras.Model(
        inputs,
        layers.Dense(classes, activation="softmax")(layers.GlobalAveragePooling1D()(layers.Embedding(256, 4)(tokens))),
    )


def regularized(input_shape, classes):
    return chain(
        input_shape,
        classes,
        layers.Flatten(),
        layers.Dense(
            16,
            "relu",
            kernel_regularizer=keras.regularizers.L2(0.01),
            activity_regularizer=keras.regularizers.L1(0.001),
        ),
        layers.Dense(8, bias_regularizer=keras.regularizers.L1L2(0.01, 0.01)),
    )
