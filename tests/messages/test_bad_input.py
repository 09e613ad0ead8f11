"""Bad input to every family of ops: an error of theon at the user's own line, in the op's name, with a way out.

Whole blocks stand in the other files; here each row says whose error it is and what of the input it shows.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import theon
from theon import ArgumentError, DTypeError, IndexingError, NodeUseError, ShapeError, TheonError

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

FAMILIES: dict[str, tuple[Bad, ...]] = {
    "elementwise": (
        Bad("add", ShapeError, "(3 and 4)", lambda: v + w),
        Bad("multiply", ShapeError, "(3 and 4)", lambda: m * w[:, None]),
        Bad(CONSTANT, ArgumentError, "'word'", lambda: t.add(v, "word")),
        Bad(CONSTANT, ArgumentError, "None", lambda: v * None),
        Bad(CONSTANT, ArgumentError, "[[1, 2], [3]]", lambda: t.exp([[1, 2], [3]])),
        Bad(CONSTANT, ArgumentError, "{'a': 1}", lambda: t.maximum(v, {"a": 1})),
        Bad("maximum", DTypeError, "complex64", lambda: t.maximum(z, 1.0)),
        Bad("less", DTypeError, "complex64", lambda: z < z),
        Bad("floor_divide", DTypeError, "complex64", lambda: z // 2),
        Bad("bitwise_and", DTypeError, "float32", lambda: v & n),
        Bad("bitwise_left_shift", DTypeError, "float32", lambda: v << 1),
        Bad("gcd", DTypeError, "float32", lambda: t.gcd(v, 2)),
        Bad("ldexp", DTypeError, "float32", lambda: t.ldexp(v, v)),
        Bad("frexp", DTypeError, "complex64", lambda: t.frexp(z)),
        Bad("round", ArgumentError, "'two'", lambda: t.round(v, "two")),
        Bad("round", ArgumentError, "1000", lambda: t.round(v, 1000)),
        Bad("deg2rad", DTypeError, "complex64", lambda: t.deg2rad(z)),
        Bad("fabs", DTypeError, "complex64", lambda: t.fabs(z)),
        Bad("packbits", ArgumentError, "'middle'", lambda: t.packbits(b, bitorder="middle")),
        Bad(DTYPE, DTypeError, "'float31'", lambda: v.astype("float31")),
        Bad(DTYPE, DTypeError, "None", lambda: v.astype(None)),
        Bad(DTYPE, DTypeError, "<n : int32[3]>", lambda: v.astype(n)),
        Bad("cast", DTypeError, "complex64", lambda: z.astype("float32")),
        Bad("the constant 300", DTypeError, "uint8", lambda: t.constant(300, "uint8")),
        Bad("where", ShapeError, "(3 and 4)", lambda: t.where(b, v, w)),
    ),
    "special": (
        Bad("erf", DTypeError, "complex64", lambda: t.erf(z)),
        Bad("gammaln", DTypeError, "complex64", lambda: t.gammaln(z)),
        Bad("factorial", DTypeError, "complex64", lambda: t.factorial(z)),
        Bad("comb", DTypeError, "complex64", lambda: t.comb(z, 2)),
        Bad("binom", ShapeError, "(3 and 4)", lambda: t.binom(v, w)),
        Bad("betainc", ShapeError, "(3 and 4)", lambda: t.betainc(v, 1.0, w)),
        Bad("sici", DTypeError, "complex64", lambda: t.sici(z)),
        Bad("expn", ArgumentError, "-1", lambda: t.expn(-1, v)),
        Bad("expn", DTypeError, "complex64", lambda: t.expn(0, z)),
        Bad("polygamma", ArgumentError, "1.5", lambda: t.polygamma(1.5, v)),
        Bad("multigammaln", ArgumentError, "0", lambda: t.multigammaln(v, 0)),
        Bad("i0", DTypeError, "complex64", lambda: t.i0(z)),
        Bad("spence", DTypeError, "float8_e5m2", lambda: t.spence(f8)),
        Bad(CONSTANT, ArgumentError, "'a'", lambda: t.zeta("a")),
    ),
    "reductions": (
        Bad("sum", ShapeError, "axis 3", lambda: v.sum(axis=3)),
        Bad("sum", ArgumentError, "(0, 0)", lambda: m.sum(axis=(0, 0))),
        Bad("sum", ArgumentError, "(0, -2)", lambda: m.sum(axis=(0, -2))),
        Bad("sum", ArgumentError, "'rows'", lambda: t.sum(m, axis="rows")),
        Bad("sum", ArgumentError, "{0}", lambda: t.sum(m, axis={0})),
        Bad("mean", ArgumentError, "1.0", lambda: t.mean(m, axis=1.0)),
        Bad("max", ArgumentError, "True", lambda: t.max(m, axis=(True,))),
        Bad("sum", ArgumentError, "'yes'", lambda: t.sum(m, keepdims="yes")),
        Bad("var", ArgumentError, "'one'", lambda: t.var(v, correction="one")),
        Bad("std", ShapeError, "axis 1", lambda: t.std(v, axis=1)),
        Bad("max", ShapeError, "length 0", lambda: t.max(e)),
        Bad("argmin", ShapeError, "length 0", lambda: t.argmin(e)),
        Bad("argmax", ArgumentError, "(0, 1)", lambda: t.argmax(m, axis=(0, 1))),
        Bad("max", DTypeError, "complex64", lambda: t.max(z)),
        Bad("max", ArgumentError, "where=", lambda: t.max(v, where=b)),
        Bad("sum", ShapeError, "<w : float32[4]>", lambda: t.sum(v, initial=w)),
        Bad("sum", DTypeError, "float8_e5m2", lambda: f8.sum()),
        Bad(DTYPE, DTypeError, "'int31'", lambda: t.sum(v, dtype="int31")),
        Bad("norm", ArgumentError, "'two'", lambda: la.norm(v, ord="two")),
    ),
    "scans": (
        Bad("cumsum", ShapeError, "axis 1", lambda: t.cumsum(v, axis=1)),
        Bad("cumprod", ArgumentError, "(0,)", lambda: t.cumprod(m, axis=(0,))),
        Bad("cummax", DTypeError, "complex64", lambda: t.cummax(z)),
        Bad("cumulative_sum", ShapeError, "2", lambda: t.cumulative_sum(m)),
        Bad("diff", ArgumentError, "-1", lambda: t.diff(v, n=-1)),
        Bad("diff", ArgumentError, "1.5", lambda: t.diff(v, n=1.5)),
        Bad("gradient", ArgumentError, "3", lambda: t.gradient(v, edge_order=3)),
        Bad("gradient", ShapeError, "1 samples", lambda: t.gradient(t.ones(1))),
    ),
    "statistics": (
        Bad("quantile", ArgumentError, "1.5", lambda: t.quantile(v, 1.5)),
        Bad("quantile", ArgumentError, "'best'", lambda: t.quantile(v, 0.5, method="best")),
        Bad("quantile", ArgumentError, "{}", lambda: t.quantile(v, 0.5, method={})),
        Bad("percentile", ArgumentError, "-1", lambda: t.percentile(v, -1)),
        Bad("median", ShapeError, "length 0", lambda: t.median(e)),
        Bad("average", ShapeError, "weights", lambda: t.average(m, axis=1, weights=w)),
        Bad("cov", ShapeError, "3", lambda: t.cov(c3)),
        Bad("cov", ArgumentError, "'one'", lambda: t.cov(m, ddof="one")),
        Bad("bincount", DTypeError, "float32", lambda: t.bincount(v, length=3)),
        Bad("histogram", ArgumentError, "0", lambda: t.histogram(v, bins=0)),
        Bad("histogramdd", ArgumentError, "'many'", lambda: t.histogramdd(m, bins="many")),
        Bad("histogram", ArgumentError, "(2.0, 1.0)", lambda: t.histogram(v, range=(2.0, 1.0))),
    ),
    "shape": (
        Bad("reshape", ShapeError, "4", lambda: v.reshape(4)),
        Bad("reshape", ArgumentError, "-1", lambda: m.reshape(-1, -1)),
        Bad("reshape", ShapeError, "-2", lambda: m.reshape(-2, 3)),
        Bad("reshape", ArgumentError, "'six'", lambda: m.reshape("six")),
        Bad("reshape", ArgumentError, "1.5", lambda: m.reshape(1.5, 4)),
        Bad("reshape", DTypeError, "<x : float32[]>", lambda: m.reshape(x, 3)),
        Bad("transpose", ShapeError, "(0, 0)", lambda: t.transpose(m, (0, 0))),
        Bad("transpose", ShapeError, "(0,)", lambda: t.transpose(m, (0,))),
        Bad("moveaxis", ArgumentError, "length", lambda: t.moveaxis(m, (0, 1), 0)),
        Bad("swapaxes", ShapeError, "axis 2", lambda: t.swapaxes(m, 0, 2)),
        Bad("squeeze", ShapeError, "length 3", lambda: t.squeeze(v, 0)),
        Bad("squeeze", ShapeError, "length 1", lambda: t.squeeze(um)),
        Bad("expand_dims", ShapeError, "axis 4", lambda: t.expand_dims(v, 4)),
        Bad("broadcast_to", ShapeError, "3", lambda: t.broadcast_to(v, (2, 4))),
        Bad("flatten", ArgumentError, "'one'", lambda: t.matrix("a").flatten("one")),
        Bad("concat", ShapeError, "(3 and 4)", lambda: t.concat([m, c3[0].T, s[:, :2].T[:, :2]], axis=0)),
        Bad("stack", ShapeError, "part 1", lambda: t.stack([v, w])),
        Bad("split", ShapeError, "3", lambda: t.split(v, 2)),
        Bad("split", ArgumentError, "0", lambda: t.split(v, 0)),
        Bad("roll", ArgumentError, "shift", lambda: t.roll(v, 0.5)),
        Bad("tile", ArgumentError, "2.5", lambda: t.tile(v, 2.5)),
        Bad("repeat", ArgumentError, "-1", lambda: t.repeat(v, -1)),
        Bad("rot90", ArgumentError, "(0, 0)", lambda: t.rot90(m, axes=(0, 0))),
        Bad("pad", ArgumentError, "'mirror'", lambda: t.pad(v, 1, mode="mirror")),
        Bad("pad", ArgumentError, "[]", lambda: t.pad(v, 1, mode=[])),
        Bad("unstack", ShapeError, "not known", lambda: t.unstack(um)),
        Bad(CONSTANT, ArgumentError, "None", lambda: t.atleast_2d(None)),
    ),
    "creation": (
        Bad("zeros", ShapeError, "-1", lambda: t.zeros((2, -1))),
        Bad("zeros", ArgumentError, "2.5", lambda: t.zeros(2.5)),
        Bad("ones", ArgumentError, "'23'", lambda: t.ones("23")),
        Bad("ones", ArgumentError, "{2, 3}", lambda: t.ones({2, 3})),
        Bad("full", ShapeError, "1 axes", lambda: t.full((2,), v)),
        Bad("eye", ShapeError, "-2", lambda: t.eye(-2)),
        Bad("arange", ArgumentError, "step", lambda: t.arange(0, 3, 0)),
        Bad("arange", ArgumentError, "'word'", lambda: t.arange("word")),
        Bad("linspace", ArgumentError, "-1", lambda: t.linspace(0.0, 1.0, -1)),
        Bad("linspace", ArgumentError, "'no'", lambda: t.linspace(0.0, 1.0, 3, endpoint="no")),
        Bad("meshgrid", ArgumentError, "'yx'", lambda: t.meshgrid(v, indexing="yx")),
        Bad("indices", ArgumentError, "None", lambda: t.indices(None)),
        Bad(DTYPE, DTypeError, "'number'", lambda: t.zeros(2, dtype="number")),
        Bad("tensor", ArgumentError, "2.5", lambda: t.tensor("a", shape=(2.5,))),
    ),
    "index read": (
        Bad("index", IndexingError, "3", lambda: v[3]),
        Bad("index", IndexingError, "-4", lambda: v[-4]),
        Bad("index", IndexingError, "2", lambda: v[0, 0]),
        Bad("index", IndexingError, "5", lambda: v[np.array([0, 5])]),
        Bad("index", IndexingError, "1.5", lambda: t.tensor("a", (3,))[1.5]),
        Bad("index", IndexingError, "'a'", lambda: v["a"]),
        Bad("index", IndexingError, "mask", lambda: v[b]),
        Bad("index", IndexingError, "(2,)", lambda: v[np.array([True, False])]),
        Bad("index", IndexingError, "`...`", lambda: m[..., ...]),
        Bad("index", ArgumentError, "step", lambda: v[::0]),
        Bad("index", ArgumentError, "1.5", lambda: v[:1.5]),
        Bad("index", IndexingError, "(2 and 3)", lambda: s[[0, 1], [0, 1, 2]]),
        Bad("take", IndexingError, "7", lambda: t.take(v, [0, 7])),
        Bad("take", DTypeError, "float32", lambda: t.take(v, [0.5])),
        Bad("take", ArgumentError, "'mirror'", lambda: t.take(v, [0], mode="mirror")),
        Bad("take_along_axis", ShapeError, "1", lambda: t.take_along_axis(m, n)),
        Bad("unravel_index", ArgumentError, "'ab'", lambda: t.unravel_index([1], "ab")),
        Bad("unravel_index", IndexingError, "9", lambda: t.unravel_index([9], (2, 3))),
        Bad("ravel_multi_index", ArgumentError, "1", lambda: t.ravel_multi_index((n,), (2, 3))),
        Bad("dynamic_slice", ShapeError, "9", lambda: t.dynamic_slice(v, (k,), (9,))),
        Bad("nonzero", ArgumentError, "size", lambda: t.nonzero(b)),
        Bad("unique", ArgumentError, "size", lambda: t.unique(v)),
        Bad("compress", ShapeError, "2", lambda: t.compress(m > 0, v, size=1)),
    ),
    "index write": (
        Bad("index", IndexingError, "3", lambda: v.at[3].set(0.0)),
        Bad("index", IndexingError, "-4", lambda: v.at[-4].add(1.0)),
        Bad("index_update", ShapeError, "float32[4]", lambda: v.at[:2].set(w)),
        Bad("set", DTypeError, "float32", lambda: n.at[0].set(0.5)),
        Bad("set", DTypeError, "complex64", lambda: v.at[0].set(z[0])),
        Bad("set", ArgumentError, "not one", lambda: t.set_subtensor(v, 1.0)),
        Bad(CONSTANT, ArgumentError, "'a'", lambda: t.tensor("a", (3,)).at[0].set("a")),
        Bad("add", DTypeError, "bool", lambda: b.at[0].add(True)),
        Bad("put_along_axis", ShapeError, "1", lambda: t.put_along_axis(m, n, 0.0, axis=0)),
        Bad("v cannot be changed", NodeUseError, "v", lambda: v.__setitem__(0, 1.0)),
    ),
    "sorting": (
        Bad("sort", ShapeError, "axis 1", lambda: t.sort(v, axis=1)),
        Bad("argsort", ArgumentError, "'last'", lambda: t.argsort(v, axis="last")),
        Bad("top_k", ShapeError, "4", lambda: t.top_k(v, 4)),
        Bad("partition", ArgumentError, "9", lambda: t.partition(v, 9)),
        Bad("lexsort", ShapeError, "key 1", lambda: t.lexsort([v, w])),
        Bad("searchsorted", ArgumentError, "'middle'", lambda: t.searchsorted(v, 1.0, side="middle")),
        Bad("searchsorted", ShapeError, "2 axes", lambda: t.searchsorted(m, 1.0)),
        Bad("median_filter", ArgumentError, "'round'", lambda: t.median_filter(v, 3, mode="round")),
    ),
    "linear algebra": (
        Bad("matmul", ShapeError, "3 and 4", lambda: v @ w),
        Bad("matmul", ShapeError, "scalar", lambda: v @ x),
        Bad("matmul", ShapeError, "3 and 4", lambda: t.dot(v, w)),
        Bad("tensordot", ArgumentError, "5", lambda: t.tensordot(m, m, axes=5)),
        Bad("einsum", ArgumentError, "1 terms for 2", lambda: t.einsum("ij", m, m)),
        Bad("einsum", ArgumentError, "['k']", lambda: t.einsum("ij->k", m)),
        Bad("einsum", ArgumentError, "subscripts", lambda: t.einsum(m, m)),
        Bad("inv", ShapeError, "2 rows", lambda: la.inv(m)),
        Bad("det", ShapeError, "1 axes", lambda: la.det(v)),
        Bad("cholesky", ShapeError, "2 rows", lambda: la.cholesky(m)),
        Bad("qr", ArgumentError, "'thin'", lambda: la.qr(m, mode="thin")),
        Bad("eigh", ShapeError, "2 rows", lambda: la.eigh(m)),
        Bad("solve", ShapeError, "4", lambda: la.solve(s, w)),
        Bad("solve", ArgumentError, "'round'", lambda: la.solve(s, v, assume_a="round")),
        Bad("solve", ArgumentError, "['sym']", lambda: la.solve(s, v, assume_a=["sym"])),
        Bad("solve_triangular", ArgumentError, "7", lambda: la.solve_triangular(s, v, trans=7)),
        Bad("cross", ShapeError, "4", lambda: t.cross(w, w)),
        Bad("matrix_power", ArgumentError, "0.5", lambda: la.matrix_power(s, 0.5)),
        Bad("matrix_norm", ArgumentError, "'most'", lambda: la.matrix_norm(s, ord="most")),
        Bad("trace", ShapeError, "1", lambda: t.trace(v)),
        Bad("diag", ShapeError, "3 axes", lambda: t.diag(c3)),
        Bad("tensorinv", ArgumentError, "'two'", lambda: la.tensorinv(s, ind="two")),
        Bad("pinv", ArgumentError, "'small'", lambda: la.pinv(s, rtol="small")),
        Bad("expm", ShapeError, "2 rows", lambda: la.expm(m)),
        Bad("block_diag", ArgumentError, "array", lambda: la.block_diag()),
        Bad("polar", ArgumentError, "'up'", lambda: la.polar(s, side="up")),
        Bad("polar", ArgumentError, "['left']", lambda: la.polar(s, side=["left"])),
        Bad("polar", ShapeError, "1 axes", lambda: la.polar(v)),
        Bad("schur", ShapeError, "2 rows", lambda: la.schur(m)),
        Bad("schur", ArgumentError, "'upper'", lambda: la.schur(s, output="upper")),
        Bad("solve_continuous_lyapunov", ShapeError, "2 rows", lambda: la.solve_continuous_lyapunov(m, s)),
        Bad("solve_discrete_lyapunov", ShapeError, "2 by 2", lambda: la.solve_discrete_lyapunov(s, t.eye(2))),
        Bad("circulant", ShapeError, "scalar", lambda: la.circulant(x)),
        Bad("hankel", ShapeError, "scalar", lambda: la.hankel(v, x)),
        Bad("companion", ShapeError, "two coefficients", lambda: la.companion(v[:1])),
        Bad("hilbert", ArgumentError, "-1", lambda: la.hilbert(-1)),
        Bad("hilbert", DTypeError, "float8_e5m2", lambda: la.hilbert(2, "float8_e5m2")),
        Bad("hadamard", ArgumentError, "6", lambda: la.hadamard(6)),
        Bad("hadamard", DTypeError, "uint8", lambda: la.hadamard(2, "uint8")),
        Bad("pascal", ArgumentError, "2.5", lambda: la.pascal(2.5)),
        Bad("pascal", ArgumentError, "[]", lambda: la.pascal(2, kind=[])),
        Bad("dft", ArgumentError, "{}", lambda: la.dft(3, scale={})),
        Bad("dft", DTypeError, "float32", lambda: la.dft(3, dtype="float32")),
        Bad(CONSTANT, ArgumentError, "'a'", lambda: la.svd("a")),
    ),
    "fft": (
        Bad("fft", ShapeError, "axis 1", lambda: fft.fft(v, axis=1)),
        Bad("fft", ShapeError, "0", lambda: fft.fft(v, n=0)),
        Bad("fft", ArgumentError, "2.5", lambda: fft.fft(v, n=2.5)),
        Bad("fft", ArgumentError, "'unit'", lambda: fft.fft(v, norm="unit")),
        Bad("ifft", ArgumentError, "[]", lambda: fft.ifft(v, norm=[])),
        Bad("rfft", DTypeError, "complex64", lambda: fft.rfft(z)),
        Bad("irfft", ArgumentError, "'all'", lambda: fft.irfft(z, n="all")),
        Bad("fftn", ArgumentError, "7", lambda: fft.fftn(m, s=7)),
        Bad("fftn", ArgumentError, "(0, 0)", lambda: fft.fftn(m, axes=(0, 0))),
        Bad("fft2", ShapeError, "axis", lambda: fft.fft2(v)),
        Bad("fftfreq", ArgumentError, "-3", lambda: fft.fftfreq(-3)),
        Bad("fftfreq", ArgumentError, "'d'", lambda: fft.fftfreq(3, d="d")),
        Bad("fft", ShapeError, "axis 0", lambda: fft.fft(e)),
    ),
    "convolution": (
        Bad("convolve", ArgumentError, "'most'", lambda: t.convolve(v, w, mode="most")),
        Bad("convolve", ArgumentError, "{}", lambda: t.convolve(v, w, mode={})),
        Bad("convolve", ShapeError, "", lambda: t.convolve(v, m)),
        Bad("correlate", ShapeError, "without elements", lambda: t.correlate(v, e)),
        Bad(CONSTANT, ArgumentError, "None", lambda: t.convolve(v, None)),
    ),
    "interpolation": (
        Bad("interp", ShapeError, "2 axes", lambda: t.interp(v, m, m)),
        Bad("interp", ShapeError, "3 places, and 4", lambda: t.interp(x, v, w)),
        Bad("interp", ArgumentError, "0", lambda: t.interp(x, v, v, period=0)),
        Bad("interp", DTypeError, "complex64", lambda: t.interp(z, v, v)),
        Bad("map_coordinates", ArgumentError, "3", lambda: t.map_coordinates(m, [v, v], order=3)),
        Bad("map_coordinates", ArgumentError, "'far'", lambda: t.map_coordinates(m, [v, v], order=1, mode="far")),
        Bad("map_coordinates", ArgumentError, "1 coordinates", lambda: t.map_coordinates(m, [v], order=1)),
    ),
    "random": (
        Bad("normal", ArgumentError, "0", lambda: r.normal(0, (3,))),
        Bad("multivariate_normal", ArgumentError, "None", lambda: r.multivariate_normal(None, v, s)),
        Bad("normal", ShapeError, "-3", lambda: r.normal(rng, -3)),
        Bad("bernoulli", ShapeError, "-3", lambda: r.bernoulli(rng, 0.5, (-3,))),
        Bad("uniform", ArgumentError, "'three'", lambda: r.uniform(rng, "three")),
        Bad("uniform", ArgumentError, "{3}", lambda: r.uniform(rng, {3})),
        Bad("normal", DTypeError, "int32", lambda: r.normal(rng, 3, dtype="int32")),
        Bad("normal", DTypeError, "complex64", lambda: r.normal(rng, 3, mean=z)),
        Bad("normal", ShapeError, "(2)", lambda: r.normal(rng, 2, mean=v)),
        Bad("gamma", ShapeError, "(3 and 4)", lambda: r.gamma(rng, v, scale=w)),
        Bad("wald", ShapeError, "(3 and 4)", lambda: r.wald(rng, v, scale=w)),
        Bad("gamma", ArgumentError, "-1", lambda: r.gamma(rng, -1.0)),
        Bad("beta", ArgumentError, "nan", lambda: r.beta(rng, float("nan"), 1.0)),
        Bad("dirichlet", ArgumentError, "0.", lambda: r.dirichlet(rng, [1.0, 0.0])),
        Bad("student_t", ArgumentError, "0", lambda: r.student_t(rng, 0)),
        Bad("bernoulli", ArgumentError, "1.5", lambda: r.bernoulli(rng, 1.5)),
        Bad("bernoulli", ArgumentError, "nan", lambda: r.bernoulli(rng, float("nan"))),
        Bad("binomial", ArgumentError, "2", lambda: r.binomial(rng, 3, 2)),
        Bad("binomial", ArgumentError, "-3", lambda: r.binomial(rng, -3, 0.5)),
        Bad("geometric", ArgumentError, "-0.5", lambda: r.geometric(rng, -0.5)),
        Bad("poisson", ArgumentError, "-2", lambda: r.poisson(rng, -2.0)),
        Bad("negative_binomial", ArgumentError, "inf", lambda: r.negative_binomial(rng, 3, float("inf"))),
        Bad("multinomial", ArgumentError, "-0.5", lambda: r.multinomial(rng, 3, [1.5, -0.5])),
        Bad("multinomial", ShapeError, "not known", lambda: r.multinomial(rng, 3, u)),
        Bad("multinomial", DTypeError, "float32", lambda: r.multinomial(rng, 3, [1.0], dtype="float32")),
        Bad("multinomial", ShapeError, "-1", lambda: r.multinomial(rng, 3, [1.0], -1)),
        Bad("vonmises", ArgumentError, "kappa", lambda: r.vonmises(rng, 0.0, t.constant(-1.0))),
        Bad("hypergeometric", ArgumentError, "nsample", lambda: r.hypergeometric(rng, 3, 2, -1)),
        Bad("zipf", ArgumentError, "1.", lambda: r.zipf(rng, 1.0)),
        Bad("logseries", ArgumentError, "1.", lambda: r.logseries(rng, [0.5, 1.0])),
        Bad("betabinomial", ArgumentError, "-3", lambda: r.betabinomial(rng, -3, 1.0, 1.0)),
        Bad("betabinomial", DTypeError, "float32", lambda: r.betabinomial(rng, 3, 1.0, 1.0, dtype="float32")),
        Bad("betabinomial", ShapeError, "(3 and 4)", lambda: r.betabinomial(rng, 3, v, w)),
        Bad("truncexpon", ArgumentError, "nan", lambda: r.truncexpon(rng, float("nan"))),
        Bad("power", ArgumentError, "0", lambda: r.power(rng, 0.0)),
        Bad("halfnormal", DTypeError, "complex64", lambda: r.halfnormal(rng, 3, z)),
        Bad("halfcauchy", ArgumentError, "0", lambda: r.halfcauchy(0)),
        Bad("double_sided_maxwell", ShapeError, "(2)", lambda: r.double_sided_maxwell(rng, 2, v)),
        Bad("invgamma", ArgumentError, "-1", lambda: r.invgamma(rng, -1.0)),
        Bad("generalized_normal", ArgumentError, "inf", lambda: r.generalized_normal(rng, float("inf"))),
        Bad("ball", ArgumentError, "'two'", lambda: r.ball(rng, "two")),
        Bad("ball", ShapeError, "(2", lambda: r.ball(rng, 2, v, 2)),
        Bad("bits", DTypeError, "int32", lambda: r.bits(rng, 3, "int32")),
        Bad("randint", DTypeError, "float32", lambda: r.randint(rng, 0.5, 3)),
        Bad("choice", ShapeError, "4", lambda: r.choice(rng, 3, 4, replace=False)),
        Bad("choice", ArgumentError, "'no'", lambda: r.choice(rng, 3, 2, replace="no")),
        Bad("choice", ShapeError, "3 places", lambda: r.choice(rng, 3, 2, p=[0.5, 0.5])),
        Bad("permutation", ShapeError, "axis 1", lambda: r.permutation(rng, v, axis=1)),
        Bad("permutation", ArgumentError, "()", lambda: r.permutation(rng, v, axis=())),
        Bad("categorical", ShapeError, "last axis", lambda: r.categorical(rng, x)),
        Bad("orthogonal", ArgumentError, "-1", lambda: r.orthogonal(rng, -1)),
        Bad("stream", ArgumentError, "'seed'", lambda: r.stream("seed")),
    ),
    "complex": (
        Bad("greater", DTypeError, "complex64", lambda: z > 0),
        Bad("floor", DTypeError, "complex64", lambda: t.floor(z)),
        Bad("cast", DTypeError, "imaginary", lambda: z.astype("int32")),
        Bad("cummin", DTypeError, "complex64", lambda: t.cummin(z)),
        Bad("assume", DTypeError, "complex64", lambda: t.assume(z, "positive")),
        Bad("quantile", DTypeError, "complex64", lambda: t.quantile(z, 0.5)),
    ),
    "interop": (
        Bad("from_jax", ArgumentError, "3", lambda: t.from_jax(3)(v)),
        Bad("from_dlpack", ArgumentError, "list", lambda: t.from_dlpack([1.0])),
        Bad("v has no truth value", NodeUseError, "theon.where", lambda: bool(v)),
        Bad("v is not an array", NodeUseError, "theon.function", lambda: np.asarray(v)),
        Bad("v is not a number", NodeUseError, "theon.function", lambda: float(v)),
        Bad("u cannot be iterated", NodeUseError, "theon.scan", lambda: list(u)),
        Bad("u has no known length", NodeUseError, "shape[0]", lambda: len(u)),
        Bad("v cannot be given to NumPy's exp", NodeUseError, "theon.exp", lambda: np.exp(v)),
        Bad("cannot make a constant of nodes", ArgumentError, "theon.stack", lambda: t.exp([v, v])),
    ),
    "storage dtypes": (
        Bad("add", DTypeError, "float8_e5m2", lambda: f8 + f8),
        Bad("add", DTypeError, "int4", lambda: i4 + n),
        Bad("exp", DTypeError, "float8_e5m2", lambda: t.exp(f8)),
        Bad("modf", DTypeError, "int4", lambda: t.modf(i4)),
        Bad("matmul", DTypeError, "float8_e5m2", lambda: f8 @ v),
        Bad("max", DTypeError, "int4", lambda: t.max(i4)),
        Bad("set", DTypeError, "float8_e5m2", lambda: v.at[0].set(f8[0])),
        Bad("cast", DTypeError, "complex64", lambda: z.astype("float8_e5m2")),
        Bad("the constant 9", DTypeError, "int4", lambda: t.constant(9, "int4")),
        Bad("fft", DTypeError, "float8_e5m2", lambda: fft.fft(f8)),
    ),
}  # fmt: skip


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
