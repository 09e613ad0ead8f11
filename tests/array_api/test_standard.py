"""Every function of the standard, called at random, against the strict implementation by the standard's authors."""

from __future__ import annotations

from typing import Any

import array_api_strict as strict
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import theon
from tests.op_table.run import assert_close

from .calls import CALLS
from .eager import call, resolved
from .standard import FUNCTIONS, WITHOUT_ARRAYS

# What finds positions gives int32, theon's dtype of them.
POSITIONS = ("argmax", "argmin", "argsort", "count_nonzero", "nonzero", "searchsorted")
COUNTS = ("unique_all", "unique_counts", "unique_inverse", "nonzero")


def sized(name: str, want: list[Any]) -> dict[str, Any]:
    """How many there are depends on the values: the caller has to declare it."""
    return {"size": len(want[0])} if name.startswith("unique") or name == "nonzero" else {}


def product(parts: list[Any], name: str) -> list[Any]:
    """A decomposition is unique up to signs or phases: what it multiplies to, and what does not turn."""
    if name == "linalg.qr":
        q, r = parts
        return [q @ r, np.abs(r)]
    if name == "linalg.svd":
        u, s, v = parts
        k = s.shape[-1]
        return [(u[..., :k] * s[..., None, :]) @ v[..., :k, :], s, np.abs(u.conj().swapaxes(-1, -2) @ u)]
    if name == "linalg.eigh":
        w, v = parts
        return [(v * w[..., None, :]) @ v.conj().swapaxes(-1, -2), w]
    return parts


def by_strict(name: str, args: Any, kwargs: Any) -> list[Any]:
    def given_to(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return strict.asarray(value)
        return [given_to(part) for part in value] if isinstance(value, list) else value

    named = {k: getattr(strict, v) if k == "dtype" else given_to(v) for k, v in kwargs.items()}
    if name == "astype":
        args = (args[0], getattr(strict, args[1]))
    with np.errstate(all="ignore"), strict.ArrayAPIStrictFlags(api_version="2025.12"):
        result = resolved(strict, name)(*map(given_to, args), **named)
    return [np.asarray(part) for part in (result if isinstance(result, (list, tuple)) else [result])]


def held(name: str, want: Any, args: Any, kwargs: Any) -> Any:
    """The dtype in theon: where the standard says "the default dtype", 32 bits."""
    wide = {"int64": "int32", "uint64": "uint32", "float64": "float32", "complex128": "complex64"}
    given_dtypes = {part.dtype.name for part in flat([*args, *kwargs.values()]) if isinstance(part, np.ndarray)}
    given_dtypes |= {part for part in (*args, *kwargs.values()) if isinstance(part, str)}
    given_dtypes |= {"float64"} if "complex128" in given_dtypes else set()
    given_dtypes |= {"complex128"} if "float64" in given_dtypes else set()
    if want.name in wide and (name in POSITIONS or want.name not in given_dtypes):
        return np.dtype(wide[want.name])
    return want


def flat(values: Any) -> list[Any]:
    return [leaf for v in values for leaf in (flat(v) if isinstance(v, (list, tuple)) else [v])]


def agrees(name: str, args: Any, kwargs: Any, compiled: bool = False) -> None:
    want = by_strict(name, args, kwargs)
    got = call(resolved(theon, name), args, kwargs | sized(name, want), compiled)
    what = f"{name}{args}{kwargs}"
    assert len(got) == len(want), what
    if name.startswith("empty"):
        assert [(x.shape, x.dtype) for x in got] == [(x.shape, held(name, x.dtype, args, kwargs)) for x in want], what
        return
    for k, (mine, theirs) in enumerate(zip(got, want, strict=True)):
        integral = name in COUNTS and theirs.dtype == np.int64 and (k or name == "nonzero")
        promised = np.dtype("int32") if integral else held(name, theirs.dtype, args, kwargs)
        assert mine.dtype == promised, f"{what} is {mine.dtype}, the standard says {theirs.dtype}"
    for mine, theirs in zip(product(got, name), product(want, name), strict=True):
        assert_close(mine, theirs.astype(mine.dtype), 256 if "." in name else 64, what)


def run(name: str, examples: int) -> None:
    checks = [HealthCheck.too_slow]

    @settings(max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=checks)
    @given(st.composite(CALLS[name])())
    def every(drawn: Any) -> None:
        agrees(name, *drawn)

    every()


DRAWN = sorted(set(FUNCTIONS) - set(WITHOUT_ARRAYS))


def test_every_function_is_drawn() -> None:
    assert set(CALLS) == set(DRAWN)


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_some_calls(name: str) -> None:
    run(name, 3)


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_many_calls(name: str) -> None:
    run(name, 150)
