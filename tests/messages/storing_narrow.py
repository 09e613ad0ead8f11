"""What cannot be done with float8 and int4: they are for storage, and nothing converts them but who writes it."""

import numpy as np

import theon
from theon import ArgumentError, DTypeError, GradientError, InputTypeError, Node

from .case import case


@case(DTypeError, TypeError)
def arithmetic_on_float8() -> Node:
    """multiply: float8_e4m3fn is for storage, it is not computed with
      <!>
    input  w : float8_e4m3fn[3]   made at <w>
    hint: convert with x.astype("float32")
    """
    w = theon.shared(np.zeros(3), name="w", dtype="float8_e4m3fn")  # w
    return w * 2.0  # !


@case(DTypeError, TypeError)
def float8_beside_float32() -> Node:
    """add: float8_e5m2 and float32 have no common dtype: what is for storage does not promote
      <!>
    input  w : float8_e5m2[3]   made at <w>
    input  x : float32[?]   made at <x>
    hint: convert one with .astype; to compute, to float32 or an int of 8 bits or more
    """
    w = theon.shared(np.zeros(3), name="w", dtype=theon.float8_e5m2)  # w
    x = theon.vector("x")  # x
    return w + x  # !


@case(DTypeError, TypeError)
def a_matrix_product_of_float8() -> Node:
    """matmul: float8_e4m3fn is for storage, it is not computed with
      <!>
    left   w : float8_e4m3fn[3, 3]   made at <w>
    right  w : float8_e4m3fn[3, 3]   made at <w>
    hint: convert with x.astype("float32")
    """
    w = theon.shared(np.zeros((3, 3)), name="w", dtype="float8_e4m3fn")  # w
    return w @ w  # !


@case(DTypeError, TypeError)
def float8_joined_with_float16() -> Node:
    """concat: float8_e4m3fn and float16 have no common dtype: what is for storage does not promote
      <!>
    input  a : float8_e4m3fn[?]   made at <a>
    input  b : float16[?]   made at <b>
    hint: convert one with .astype; to compute, to float32 or an int of 8 bits or more
    """
    a = theon.vector("a", dtype="float8_e4m3fn")  # a
    b = theon.vector("b", dtype="float16")  # b
    return theon.concat([a, b])  # !


@case(DTypeError, TypeError)
def the_sum_of_int4() -> Node:
    """sum: int4 is for storage, it is not computed with
      <!>
    input  x : int4[?]   made at <x>
    hint: convert with x.astype("int8")
    """
    x = theon.vector("x", dtype="int4")  # x
    return x.sum()  # !


@case(DTypeError, TypeError)
def the_mean_of_int4() -> Node:
    """int4 is for storage, it is not computed with
      <!>
    input  x : int4[?]   made at <x>
    hint: convert with x.astype("int8")
    """
    x = theon.vector("x", dtype="int4")  # x
    return x.mean()  # !


@case(DTypeError, TypeError)
def int4_beside_a_float() -> Node:
    """where: int4 is for storage, 0.5 would widen it
      <!>
    input  x : int4[?]   made at <x>
    hint: convert with .astype
    """
    x = theon.vector("x", dtype="int4")  # x
    return theon.where(x > 0, x, 0.5)  # !


@case(DTypeError, TypeError)
def an_int_that_int4_does_not_hold() -> Node:
    """the constant 9 does not fit int4
      <!>
    hint: int4 goes from -8 to 7: use a wider dtype, or a float
    """
    return theon.constant([1, 9], "int4")  # !


@case(DTypeError, TypeError)
def adding_to_a_part_of_float8() -> Node:
    """add: float8_e4m3fn is for storage, it is not computed with
      <!>
    input  index : float8_e4m3fn[]   made at <!>
    hint: convert with x.astype("float32")
    """
    x = theon.vector("x", dtype="float8_e4m3fn")  # x
    return x.at[0].add(1.0)  # type: ignore[no-any-return]  # !


@case(DTypeError, TypeError)
def draws_in_float8() -> Node:
    """normal: draws floats, not float8_e4m3fn
      <!>
    input  const : float32[]   made at <!>
    input  const : float32[]   made at <!>
    hint: draw floats, and convert with .astype
    """
    rng = theon.random.stream(0)
    return theon.random.normal(rng, (2,), dtype="float8_e4m3fn")  # !


@case(ArgumentError, ValueError)
def float8_by_default() -> None:
    """default_float: takes a float dtype
      <!>
    received: 'float8_e4m3fn'
    hint: use one of float16, bfloat16, float32, float64
    """
    with theon.default_float("float8_e4m3fn"):  # !
        pass


@case(GradientError, ValueError)
def a_gradient_by_int4() -> Node:
    """grad: cannot differentiate by w, which is not float
      <!>
    wrt  w : int4[3]   made at <w>
    hint: declare it float32, or cast it with .astype before it is used
    """
    w = theon.shared(np.zeros(3), name="w", dtype="int4")  # w
    return theon.grad(theon.sum(w.astype("float32")), w)  # !


@case(GradientError, ValueError)
def a_cost_in_float8() -> Node:
    """grad: the cost must be a real float
      <!>
    cost  cast : float8_e4m3fn[]   made at <y>
    hint: convert with x.astype("float32")
    """
    x = theon.scalar("x")
    y = x.astype("float8_e4m3fn")  # y
    return theon.grad(y, x)  # !


@case(ArgumentError, ValueError)
def steps_on_float8() -> object:
    """sgd: w is not float, so it has no gradient to follow
      <!>
    param  w : float8_e4m3fn[3]   made at <w>
    hint: keep a float32 parameter, and use w.astype("float8_e4m3fn")
    """
    w = theon.shared(np.zeros(3), name="w", dtype="float8_e4m3fn")  # w
    return theon.optim.sgd(theon.sum(w.astype("float32")), [w], learning_rate=0.1)  # !


@case(InputTypeError, TypeError)
def a_float32_array_for_a_float8_input() -> None:
    """f: input x is float8_e4m3fn[?], received float32[3]
      <!>
    input  x : float8_e4m3fn[?]   made at <x>
    hint: pass value.astype('float8_e4m3fn'), or allow_input_downcast=True
    """
    x = theon.vector("x", dtype="float8_e4m3fn")  # x
    f = theon.function([x], x, name="f")
    f(np.zeros(3, np.float32))  # !
