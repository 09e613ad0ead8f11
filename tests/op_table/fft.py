"""Rows of Fourier transforms."""

from __future__ import annotations

from typing import Any

import numpy as np

import theon

from .row import BOOL, COMPLEXES, FLOATS, INTS, Row, case, floating

EVERY = (*FLOATS, *INTS, *COMPLEXES, *BOOL)
REALS = (*FLOATS, *INTS, *BOOL)


def transformed(*dtypes: str) -> str:
    return "complex128" if floating(*dtypes) in ("float64", "complex128") else "complex64"


def reals(*dtypes: str) -> str:
    return "float64" if transformed(*dtypes) == "complex128" else "float32"


ONE = (
    case((4,)),
    case((2, 5)),
    case((5, 2), axis=0, norm="ortho"),
    case((2, 3), n=5, norm="forward"),
    case((2, 6), n=3),
    case((1,)),
    case((0, 3)),
    case((3, 4), n=4, axis=-2),
    case((2, 7), n=6, norm="ortho"),
)
INVERSE = (*ONE[:5], *ONE[6:], case((1, 2), n=1), case((2, 3), n=7, norm="ortho"))
MANY = (
    case((3, 4)),
    case((2, 3, 4), axes=(0, 2), norm="ortho"),
    case((2, 3, 4), s=(4, 3), axes=(1, 2)),
    case((2, 3, 4), axes=(2, 0), norm="forward"),
    case((2, 3, 2, 3)),
    case((2, 1, 2, 3, 2), norm="ortho"),
    case((0, 3, 3), axes=(1, 2)),
)
TWO = (
    case((3, 4)),
    case((2, 3, 4), norm="ortho"),
    case((2, 3, 4), s=(4, 3)),
    case((2, 3, 4), axes=(0, 1), norm="forward"),
    case((0, 3, 3)),
)


def rows() -> Any:
    for names, cases in (("fft ifft rfft ihfft", ONE), ("irfft hfft", INVERSE)):
        for name in names.split():
            yield name, cases
    for name in ("fftn", "ifftn", "rfftn", "irfftn"):
        yield name, MANY
    for name in ("fft2", "ifft2", "rfft2", "irfft2"):
        yield name, TWO


TRANSFORMS = tuple(
    Row(
        f"fft.{name}",
        getattr(theon.fft, name),
        getattr(np.fft, name),
        cases,
        REALS if name in ("rfft", "rfftn", "rfft2", "ihfft") else EVERY,
        gives=reals if name in ("irfft", "irfftn", "irfft2", "hfft") else transformed,
        gradient_cases=cases,
        gradient_dtypes=() if name in ("rfft", "rfftn", "rfft2", "ihfft") else ("complex64",),
        ulps=64,
    )
    for name, cases in rows()
)

ORDERS = (
    *(
        Row(
            f"fft.{name}",
            lambda name=name, **kwargs: getattr(theon.fft, name)(**kwargs),
            lambda name=name, **kwargs: getattr(np.fft, name)(**kwargs),
            (case(n=4), case(n=5), case(n=1, d=0.5), case(n=6, d=3.0), case(n=9, d=-2.0)),
            gives="float32",
            differentiable=False,
        )
        for name in ("fftfreq", "rfftfreq")
    ),
    *(
        Row(
            f"fft.{name}",
            getattr(theon.fft, name),
            getattr(np.fft, name),
            (
                case((5,)),
                case((4,)),
                case((2, 3)),
                case((2, 3), axes=1),
                case((3, 4), axes=(0, -1)),
                case((0,)),
            ),
            EVERY,
        )
        for name in ("fftshift", "ifftshift")
    ),
)

ROWS = (*TRANSFORMS, *ORDERS)
