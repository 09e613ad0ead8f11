"""theon: a static computation-graph compiler. Declare a graph, derive its gradient, compile it with XLA, run it.

This module is the front door: it re-exports the public names and binds operators and methods to nodes, once.
"""

from .compiler.compilation import Options
from .graph import export
from .graph.errors import (
    ArgumentError,
    CheckError,
    DisconnectedError,
    DTypeError,
    GradientError,
    IndexingError,
    InputError,
    InputTypeError,
    ShapeError,
    StateError,
    TheonError,
)
from .graph.node import Node, apply, constant
from .graph.op import Op
from .graph.text import dprint
from .graph.types import TensorType, bfloat16, default_float
from .graph.where import scope
from .ops import nn, random
from .ops import optimizers as optim
from .ops.arithmetic import (
    abs,
    add,
    clip,
    copysign,
    divide,
    divmod,
    floor_divide,
    maximum,
    minimum,
    multiply,
    negative,
    nextafter,
    positive,
    pow,
    remainder,
    sign,
    square,
    subtract,
)
from .ops.checkpoint import checkpoint
from .ops.comparison import (
    bitwise_and,
    bitwise_invert,
    bitwise_left_shift,
    bitwise_or,
    bitwise_right_shift,
    bitwise_xor,
    conj,
    equal,
    greater,
    greater_equal,
    imag,
    isfinite,
    isinf,
    isnan,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    not_equal,
    real,
    where,
)
from .ops.control import scan
from .ops.creation import arange, eye, full, full_like, ones, ones_like, zeros, zeros_like
from .ops.elementwise import astype
from .ops.gradient import Lop, Rop, grad, stop_gradient
from .ops.host import check, print
from .ops.index import inc_subtensor, set_subtensor, take, take_along_axis
from .ops.interop import from_jax
from .ops.join import concat, split, stack
from .ops.linalg import dot, einsum, matmul, tensordot
from .ops.methods import METHODS, bind
from .ops.mode import training
from .ops.moments import mean, std, var
from .ops.reduce import all, any, max, min, prod, sum
from .ops.rounding import ceil, floor, fmod, rint, round, trunc
from .ops.shape import (
    broadcast_to,
    dimshuffle,
    expand_dims,
    matrix_transpose,
    moveaxis,
    permute_dims,
    ravel,
    reshape,
    squeeze,
    swapaxes,
    transpose,
)
from .ops.state import shared
from .ops.transcendental import *
from .ops.variables import *
from .ops.vectorize import vectorize
from .runtime.function import Function, evaluate, function
from .runtime.state import get_value, set_value

bind({**METHODS, "eval": evaluate, "get_value": get_value, "set_value": set_value})
Op.__call__ = apply
