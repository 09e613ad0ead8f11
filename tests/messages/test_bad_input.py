"""Bad input to every family of ops: an error of theon at the user's own line, in the op's name, with a way out.

Whole blocks stand in the other files; here each row says whose error it is and what of the input it shows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from theon import TheonError

from . import bad_arrays, bad_draws, bad_numbers
from .bad import Bad

FAMILIES = {**bad_numbers.FAMILIES, **bad_arrays.FAMILIES, **bad_draws.FAMILIES}


def rows() -> Iterator[Any]:
    for family, several in FAMILIES.items():
        for i, bad in enumerate(several):
            yield pytest.param(bad, id=f"{family}-{i}-{bad.op}")


@pytest.mark.parametrize("bad", list(rows()))
def test_bad_input(bad: Bad) -> None:
    """At declaration; one block, with no error of JAX or NumPy behind it."""
    with pytest.raises(TheonError) as caught:
        bad.call()
    error, code = caught.value, bad.call.__code__
    assert error.__cause__ is None and (error.__context__ is None or error.__suppress_context__)
    first, where, *rest = str(error).split("\n")
    assert type(error) is bad.kind, error
    assert first.startswith(bad.op + (":" if bad.op.isidentifier() else "")), error
    places = {f"{os.path.basename(code.co_filename)}:{line}" for *_, line in code.co_lines()}
    assert where.startswith("    ") and where.split()[0] in places, error
    assert bad.said in "\n".join((first, *rest)), error
    assert rest[-1].startswith("  hint: "), error


def test_every_family_of_ops_is_there() -> None:
    families = (
        "elementwise special reductions scans statistics shape creation sorting fft convolution interpolation random "
        "complex interop"
    )
    several = {"index read", "index write", "linear algebra", "storage dtypes"}
    assert set(FAMILIES) == set(families.split()) | several
    assert all(len(found) >= 5 for found in FAMILIES.values())
