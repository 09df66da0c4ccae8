"""What one step of an optimizer does to the weights, with Keras' roundings and in as few operations as they allow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import tensorflow as tf

    Update: TypeAlias = Callable[[Sequence[tf.Tensor]], None]


def update_of(optimizer: Any, variables: Sequence[Any]) -> Update:
    """What one step does with the gradients of the variables, in their order, and with the optimizer's own state."""
    import keras
    import tensorflow as tf

    optimizer.build(variables)

    def keras_update(gradients: Sequence[tf.Tensor]) -> None:
        optimizer.apply(gradients, variables)

    plain = all(variable.dtype == "float32" and variable.constraint is None for variable in variables)
    if not (isinstance(optimizer, keras.optimizers.Adam) and plain):
        return keras_update
    adam = _adam(optimizer, variables)

    def update(gradients: Sequence[tf.Tensor]) -> None:
        dense = all(isinstance(gradient, tf.Tensor) for gradient in gradients)  # those of an embedding are rows
        (adam if dense else keras_update)(gradients)

    return update


def _adam(optimizer: Any, variables: Sequence[Any]) -> Update:
    """Keras' Adam and AdamW in six operations a variable, where Keras takes twelve, with the same roundings.

    θ, m and v change in place. m += (g − m)(1 − β₁) and v += (g² − v)(1 − β₂) are steps of gradient descent at a
    negative rate; θ −= mα / (√v + ε) is Adagrad's step with v for its sums; AdamW's decay is a step down θ itself.
    TensorFlow's own fused Adam subtracts the β from 1 in float32, Keras in float64, so its weights are others.
    """
    import tensorflow as tf

    descend, adagrad = tf.raw_ops.ResourceApplyGradientDescent, tf.raw_ops.ResourceApplyAdagradV2
    beta_1, beta_2 = (tf.constant(beta, tf.float32) for beta in (optimizer.beta_1, optimizer.beta_2))
    steps = optimizer.iterations.value  # where a schedule looks which step it is
    states = [  # Keras' own, so that a model saved with its optimizer goes on from where it was
        [variable.value for variable in group] for group in (variables, optimizer._momentums, optimizer._velocities)
    ]

    def update(gradients: Sequence[tf.Tensor]) -> None:
        rate = tf.convert_to_tensor(optimizer.learning_rate)
        step = tf.cast(steps.assign_add(1), tf.float32)
        alpha = rate * tf.sqrt(1 - tf.pow(beta_2, step)) / (1 - tf.pow(beta_1, step))
        for theta, m, v, gradient in zip(*states, gradients, strict=True):
            if optimizer.weight_decay is not None:
                descend(var=theta.handle, alpha=optimizer.weight_decay * rate, delta=theta)
            descend(var=m.handle, alpha=-(1 - optimizer.beta_1), delta=gradient - m)
            descend(var=v.handle, alpha=-(1 - optimizer.beta_2), delta=tf.square(gradient) - v)
            adagrad(var=theta.handle, accum=v.handle, lr=alpha, epsilon=optimizer.epsilon, grad=m, update_slots=False)

    return update
