"""What convolutions and pools cannot do: channels that differ, windows that do not fit, words without a meaning."""

import numpy as np

import theon
from theon import ArgumentError, DTypeError, Node, ShapeError

from .case import case, counting


@case(ShapeError, ValueError)
def channels_that_differ() -> Node:
    """conv: x has 3 channels, the kernel takes 1
      <!>
    left   x : float32[batch, 28, 28, 3]   made at <x>
    right  kernel : float32[5, 5, 1, 16]   made at <k>
    hint: a kernel has the shape (*window, channels of x / groups, channels of the result)
    """
    x = theon.tensor("x", shape=("batch", 28, 28, 3))  # x
    kernel = theon.shared(np.zeros((5, 5, 1, 16), np.float32), "kernel")  # k
    return theon.nn.conv(x, kernel)  # !


@case(ShapeError, ValueError)
def a_kernel_of_another_rank() -> Node:
    """conv: a kernel for 2 spatial axes has 4, received 3
      <!>
    input  x : float32[batch, 28, 28, 3]   made at <x>
    input  kernel : float32[5, 3, 16]   made at <k>
    hint: its shape is (*window, channels of x / groups, channels of the result)
    """
    x = theon.tensor("x", shape=("batch", 28, 28, 3))  # x
    kernel = theon.shared(np.zeros((5, 3, 16), np.float32), "kernel")  # k
    return theon.nn.conv(x, kernel)  # !


@case(ShapeError, ValueError)
def groups_that_do_not_come_out_even() -> Node:
    """conv: the channels of x (3) do not divide into 2 groups
      <!>
    left   x : float32[batch, 28, 3]   made at <x>
    right  kernel : float32[5, 1, 16]   made at <k>
    hint: give groups that divide it
    """
    x = theon.tensor("x", shape=("batch", 28, 3))  # x
    kernel = theon.shared(np.zeros((5, 1, 16), np.float32), "kernel")  # k
    return theon.nn.conv(x, kernel, groups=2)  # !


@case(ShapeError, ValueError)
def a_kernel_larger_than_the_image() -> object:
    """conv: a window over 5 does not fit into 4
      <!>
    left   x : float32[1, 4, 3]   made at <x>
    right  kernel : float32[5, 3, 16]   made at <k>
    hint: make it smaller, or pad: padding='same' keeps the size
    """
    x = theon.tensor3("x")  # x
    kernel = theon.shared(np.zeros((5, 3, 16), np.float32), "kernel")  # k
    y = theon.nn.conv(x, kernel)  # !
    f = counting([x], y)
    return f(np.zeros((1, 4, 3), np.float32))


@case(ArgumentError, ValueError)
def a_padding_without_a_meaning() -> Node:
    """max_pool: padding has no such value: 'full'
      <!>
    input  x : float32[batch, 28, 3]   made at <x>
    hint: use 'valid', 'same', or a pair (before, after) for each axis
    """
    x = theon.tensor("x", shape=("batch", 28, 3))  # x
    return theon.nn.max_pool(x, 2, padding="full")  # type: ignore[arg-type]  # !


@case(ArgumentError, ValueError)
def a_format_without_a_meaning() -> Node:
    """avg_pool: data_format has no such value: 'NCW'
      <!>
    input  x : float32[batch, 28, 3]   made at <x>
    hint: use 'channels_last' or 'channels_first'
    """
    x = theon.tensor("x", shape=("batch", 28, 3))  # x
    return theon.nn.avg_pool(x, 2, data_format="NCW")  # type: ignore[arg-type]  # !


@case(ShapeError, ValueError)
def same_padding_of_an_image_with_gaps() -> Node:
    """conv: 'same' says nothing of an x with gaps
      <!>
    input  x : float32[batch, 28, 3]   made at <x>
    input  kernel : float32[5, 3, 16]   made at <k>
    hint: give padding as pairs beside input_dilation
    """
    x = theon.tensor("x", shape=("batch", 28, 3))  # x
    kernel = theon.shared(np.zeros((5, 3, 16), np.float32), "kernel")  # k
    return theon.nn.conv(x, kernel, padding="same", input_dilation=2)  # !


@case(ArgumentError, ValueError)
def a_stride_of_nothing() -> Node:
    """max_pool: strides is positive, received 0
      <!>
    input  x : float32[batch, 28, 3]   made at <x>
    hint: give 1 or more
    """
    x = theon.tensor("x", shape=("batch", 28, 3))  # x
    return theon.nn.max_pool(x, 2, strides=0)  # !


@case(ArgumentError, ValueError)
def windows_that_hold_nothing() -> Node:
    """max_pool: padding ((2, 0),) makes windows that hold nothing
      <!>
    input  x : float32[batch, 28, 3]   made at <x>
    hint: pad by less than the window's size
    """
    x = theon.tensor("x", shape=("batch", 28, 3))  # x
    return theon.nn.max_pool(x, 2, padding=[(2, 0)])  # !


@case(ShapeError, ValueError)
def nothing_to_pool_over() -> Node:
    """avg_pool: x needs a batch axis, a channel axis and one more
      <!>
    input  x : float32[?, ?]   made at <x>
    hint: add axes with theon.expand_dims
    """
    x = theon.matrix("x")  # x
    return theon.nn.avg_pool(x, 2)  # !


@case(DTypeError, TypeError)
def a_pool_of_complex_numbers() -> Node:
    """max_pool: takes float, not complex64
      <!>
    input  z : complex64[1, 4, 1]   made at <z>
    hint: take theon.real or theon.abs first
    """
    z = theon.tensor("z", shape=(1, 4, 1), dtype="complex64")  # z
    return theon.nn.max_pool(z, 2)  # !
