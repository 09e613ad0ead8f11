"""What is said of bad input, as a row of a table, and the nodes that such rows are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import theon
from theon import TheonError

t: Any = theon  # arguments of other types are what this is about
fft: Any = theon.fft
la: Any = theon.linalg
r: Any = theon.random

v = theon.tensor("v", (3,))
w = theon.tensor("w", (4,))
m = theon.tensor("m", (2, 3))
s = theon.tensor("s", (3, 3))
c3 = theon.tensor("c3", (2, 3, 4))
u = theon.vector("u")
um = theon.matrix("um")
z = theon.tensor("z", (3,), "complex64")
zs = theon.tensor("zs", (3, 3), "complex64")
n = theon.tensor("n", (3,), "int32")
b = theon.tensor("b", (3,), "bool")
e = theon.tensor("e", (0,))
x = theon.scalar("x")
k = theon.iscalar("k")
f8 = theon.tensor("f8", (3,), "float8_e5m2")
i4 = theon.tensor("i4", (3,), "int4")
rng = theon.random.stream(seed=0)


@dataclass(frozen=True)
class Bad:
    """`call` raises `kind` in the name of `op`, or as `op` begins, and shows `said`."""

    op: str
    kind: type[TheonError]
    said: str
    call: Callable[[], object]


CONSTANT = "cannot make a constant of"
DTYPE = "not a dtype that theon holds"
