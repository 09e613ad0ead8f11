"""Norms, distances and moments."""

from ..grid import FEW_REALS, POSITIVE, REAL, VECTOR, domain
from ..row import Row

PLANE = domain([x for x in FEW_REALS if x])

ROWS = (
    Row("Euclidean norm", lambda m, x: m.sqrt(m.sum(x**2)), (VECTOR,)),
    Row("Euclidean norm of products", lambda m, x: m.sqrt(m.sum(x * x)), (VECTOR,)),
    Row("root mean square", lambda m, x: m.sqrt(m.mean(x**2)), (VECTOR,)),
    Row("normalised vector", lambda m, x: (x / m.sqrt(m.sum(x**2)))[0], (VECTOR,)),
    Row("distance", lambda m, x, y: m.sqrt(m.sum((x - y) ** 2)), (VECTOR, VECTOR)),
    Row("hypotenuse", lambda m, x, y: m.sqrt(x**2 + y**2), (PLANE, PLANE)),
    Row("magnitude", lambda m, x: m.sqrt(x**2), (REAL,)),
    Row("third norm", lambda m, x: m.sum(m.abs(x) ** 3) ** (1 / 3), (VECTOR,)),
    Row("largest entry", lambda m, x: m.max(m.abs(x)), (VECTOR,)),
    Row(
        "cosine similarity",
        lambda m, x, y: m.sum(x * y) / (m.sqrt(m.sum(x**2)) * m.sqrt(m.sum(y**2))),
        (VECTOR, VECTOR),
    ),
    Row("variance from moments", lambda m, x: m.mean(x**2) - m.mean(x) ** 2, (VECTOR,)),
    Row("variance", lambda m, x: m.mean((x - m.mean(x)) ** 2), (VECTOR,)),
    Row("standard deviation", lambda m, x: m.sqrt(m.mean((x - m.mean(x)) ** 2)), (VECTOR,)),
    Row("standard deviation from moments", lambda m, x: m.sqrt(m.mean(x**2) - m.mean(x) ** 2), (VECTOR,)),
    Row(
        "standardised entry",
        lambda m, x: ((x - m.mean(x)) / m.sqrt(m.mean((x - m.mean(x)) ** 2)))[0],
        (VECTOR,),
    ),
    Row("geometric mean", lambda m, x: m.prod(m.abs(x)) ** 0.25, (VECTOR,)),
    Row("log of a product", lambda m, x: m.log(m.prod(m.abs(x))), (VECTOR,)),
    Row("harmonic mean", lambda m, x: 1 / m.mean(1 / m.abs(x)), (VECTOR,)),
    Row("power mean", lambda m, x: m.mean(m.abs(x) ** 8) ** 0.125, (VECTOR,)),
    Row("log of a norm", lambda m, x: m.log(m.sqrt(m.sum(x**2))), (VECTOR,)),
    Row("inverse square distance", lambda m, x: 1 / m.sum(x**2), (VECTOR,)),
    Row("radial basis", lambda m, x: m.exp(-m.sum(x**2) / 2), (VECTOR,)),
    Row("log of a square", lambda m, x: m.log(x**2), (POSITIVE,)),
    Row("log of a square root", lambda m, x: m.log(m.sqrt(x)), (POSITIVE,)),
    Row("log of a cube", lambda m, x: m.log(x**3), (POSITIVE,)),
    Row("log of a ratio", lambda m, x, y: m.log(x / y), (POSITIVE, POSITIVE)),
    Row("log of a product of two", lambda m, x, y: m.log(x * y), (POSITIVE, POSITIVE)),
    Row("logit of a ratio", lambda m, x, y: m.log(x / (x + y)), (POSITIVE, POSITIVE)),
)
