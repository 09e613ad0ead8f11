"""The public names: one explicit list, everything on it documented; and importing theon changes nothing of JAX's."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import theon

# Subnamespaces are public; the rooms are where things live, and are imported by nobody else.
NAMESPACES = {"data", "export", "fft", "linalg", "nn", "optim", "random"}
ROOMS = {"graph", "ops", "compiler", "runtime"}
STANDARD = {"__array_api_version__", "__array_namespace_info__"}  # what code for the Array API standard asks for


def modules() -> set[str]:
    return {name for name in dir(theon) if isinstance(getattr(theon, name), ModuleType)}


def test_the_list_is_what_there_is() -> None:
    """A name that is reached but not listed is an accident, one that is listed but not there a mistake."""
    there = {name for name in dir(theon) if not name.startswith("_")} - modules()
    assert set(theon.__all__) - NAMESPACES - STANDARD == there
    assert set(theon.__all__) >= NAMESPACES
    assert modules() == NAMESPACES | ROOMS
    assert len(set(theon.__all__)) == len(theon.__all__)


@pytest.mark.parametrize("name", sorted(NAMESPACES))
def test_namespaces_have_lists_too(name: str) -> None:
    namespace = getattr(theon, name)
    assert namespace.__doc__
    assert len(set(namespace.__all__)) == len(namespace.__all__)
    for one in namespace.__all__:
        assert hasattr(namespace, one)


def public() -> Iterator[tuple[str, Any]]:
    """Every public callable, by the name that users write after `theon.`."""
    for name in theon.__all__:
        value = getattr(theon, name)
        if isinstance(value, ModuleType):
            yield from ((f"{name}.{one}", getattr(value, one)) for one in value.__all__)
        else:
            yield name, value


CALLABLES = {name: value for name, value in public() if callable(value)}
ERRORS = {name for name, value in CALLABLES.items() if isinstance(value, type) and issubclass(value, Exception)}

# What a docstring may leave out, and why.
HANDED_OUT = {"Function", "History", "Node", "Op", "data.Minibatches", "random.Stream"}  # classes made by functions
LEFT_OUT = {
    "Raises": HANDED_OUT
    | {"angle", "checkpoint", "divmod", "full_like", "isin", "ones_like", "permute_dims", "positive", "ravel", "std"}
    | {"disconnected_grad", "stop_gradient", "zeros_like"}  # these raise what the functions they are made of raise
    | {"TensorType", "export.graphviz", "export.record"},
    "Source": HANDED_OUT
    | {"Options", "TensorType", "Trainer", "data.minibatches", "permute_dims"}  # theon's own
    | {"export.dot", "export.graphviz", "export.mermaid", "export.networkx", "export.record", "export.svg"},
    ">>>": HANDED_OUT | {"export.graphviz"},  # which needs a program that need not be there
}


@pytest.mark.parametrize("name", sorted(CALLABLES))
def test_docstring_begins_with_a_sentence(name: str) -> None:
    text = inspect.getdoc(CALLABLES[name])
    assert text, f"theon.{name} has no docstring"
    assert text.split("\n\n")[0].rstrip().endswith((".", ":")), text


@pytest.mark.parametrize("section", LEFT_OUT)
def test_docstrings_have_their_sections(section: str) -> None:
    lacking = {name for name, value in CALLABLES.items() if section not in (inspect.getdoc(value) or "")}
    assert lacking - ERRORS <= LEFT_OUT[section]


def test_errors_are_theons_and_pythons() -> None:
    """Whoever catches the built-in error catches theon's."""
    for name in ERRORS - {"TheonError"}:
        value = CALLABLES[name]
        assert issubclass(value, theon.TheonError)
        assert any(base.__module__ == "builtins" and base is not Exception for base in value.__mro__[1:-3]), name


DECLARE = """
x = theon.vector("x")
w = theon.shared(1.0, "w")
rng = theon.random.stream(0)
y = theon.grad((theon.tanh(theon.nn.dropout(x * w, 0.5, rng)) ** 2).sum(), w)
theon.scan(lambda carry, v: (carry + v, carry), 0.0, x)
theon.optim.adam(y**2, [w])
"""

SETTINGS = f"""
import jax
def settings():
    return {{name: getattr(jax.config, name) for name in dir(jax.config) if name.startswith("jax_")}}
before = settings()
import theon
{DECLARE}
assert settings() == before
assert not jax.config.jax_enable_x64 and jax.config.jax_default_device is None
"""

# On a platform that does not exist, the first look at a device fails.
NO_BACKEND = f"""
import theon
{DECLARE}
import jax
try:
    jax.devices()
except RuntimeError:
    pass
else:
    raise AssertionError("this test shows nothing: there is a device")
"""


@pytest.mark.parametrize(
    ("code", "extra"),
    [(SETTINGS, {}), (NO_BACKEND, {"JAX_PLATFORMS": "no_such_platform"})],
    ids=["settings", "backends"],
)
def test_importing_and_declaring_leave_jax_alone(code: str, extra: dict[str, str]) -> None:
    """No setting is changed, and no device is looked for, until something is computed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JAX_")}
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120, env=environment | extra)
