"""What theon says about a wrong program: one block, at the user's own line, with a way out; and nothing has changed."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import jax
import numpy as np
import pytest

import theon
from tests import messages
from tests.messages.case import Case, templated
from theon import TheonError
from theon.graph import errors
from theon.graph.slot import Slot
from theon.graph.where import warn

# Every file of cases.
MODULES = sorted(module.name for module in iter_modules(messages.__path__) if module.name != "case")
CASES = [
    value
    for name in MODULES
    for value in vars(import_module(f"tests.messages.{name}")).values()
    if isinstance(value, Case)
]
THIS = "test_messages.py"


@pytest.fixture
def slots(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Slot]]:
    """Every slot that the test makes."""
    made: list[Slot] = []
    plain = Slot.__init__

    def recorded(self: Slot, *arguments: Any) -> None:
        plain(self, *arguments)
        made.append(self)

    monkeypatch.setattr(Slot, "__init__", recorded)
    yield made


@pytest.mark.parametrize("case", CASES, ids=str)
def test_block(case: Case, slots: list[Slot]) -> None:
    """Line by line; the error is a TheonError and the built-in that Python users expect; no state has moved."""
    with pytest.raises(TheonError) as caught:
        case.run()
    error = caught.value
    assert str(error).split("\n") == case.text.split("\n"), templated(case, str(error))
    assert type(error) is case.kind and isinstance(error, case.builtin)
    assert error.__cause__ is None and (error.__context__ is None or error.__suppress_context__)
    first, where, *rest = str(error).split("\n")
    assert first and not first.startswith(" ")
    assert where.startswith("    ") and where.strip() in case.places().values()
    assert rest[-1].startswith("  hint: ")
    for slot in slots:
        assert slot.value().tobytes() == np.asarray(slot.recipe()).tobytes()


def test_every_kind_of_error_has_a_block() -> None:
    """The errors that users can make are all met above; the others are defects of theon, or of a device."""
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, TheonError)}
    defects = {errors.RuleError, errors.GraphCheckError}
    assert {case.kind for case in CASES} == kinds - defects - {TheonError}


def test_no_name_stands_twice() -> None:
    names = list(map(str, CASES))
    assert sorted(set(names)) == sorted(names)


# --- whose line it is ---------------------------------------------------------------------------------------


def line_of(error: BaseException) -> str:
    """The user's line in a block."""
    return str(error).split("\n")[1].strip()


def in_a_helper(x: theon.Node) -> theon.Node:
    return x.sum(axis=3)  # the helper's line


WAYS: dict[str, Callable[[theon.Node], object]] = {
    "directly": in_a_helper,
    "partial": functools.partial(in_a_helper),
    "map": lambda x: list(map(in_a_helper, [x])),
    "checkpoint": lambda x: theon.checkpoint(in_a_helper)(x),
    "vectorize": lambda x: theon.vectorize(in_a_helper)(x),
    "scan": lambda x: theon.scan(lambda carry, row: (carry, in_a_helper(row)), 0.0, x),
    "map of theon": lambda x: theon.map(in_a_helper, x),
    "associative_scan": lambda x: theon.associative_scan(lambda a, b: in_a_helper(a), x),
    "a tree of jax": lambda x: jax.tree_util.tree_map(in_a_helper, [x]),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_line_is_the_users(way: str) -> None:
    """Wherever theon calls the user's function from, the line is the one that the user wrote."""
    x = theon.matrix("x")
    with pytest.raises(theon.ShapeError) as caught:
        WAYS[way](x)
    assert line_of(caught.value).startswith(THIS) and line_of(caught.value).endswith("# the helper's line")


def test_the_line_in_another_thread() -> None:
    found: list[str] = []

    def work() -> None:
        try:
            in_a_helper(theon.vector("x"))
        except theon.ShapeError as error:
            found.append(line_of(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found[0].endswith("# the helper's line")


def test_a_line_that_nobody_wrote() -> None:
    """Code without a file still gets its block."""
    with pytest.raises(theon.ShapeError) as caught:
        exec("x.sum(axis=3)", {"x": theon.vector("x")})
    assert line_of(caught.value) == "<string>:1"
    made = theon.Node(theon.scalar().op, (), theon.scalar().type)
    assert errors.operand_lines([("node", made)]) == ["  node  input : float32[]   made at an unknown line"]


def test_warnings_are_at_the_users_line() -> None:
    x, y = theon.vector("x"), theon.vector("y")
    with pytest.warns(UserWarning, match="input y is not used") as unused:
        theon.function([x, y], x.sum(), on_unused_input="warn")  # the warned line
    with pytest.warns(UserWarning, match="does not depend on y") as disconnected:
        theon.grad(x.sum(), y, disconnected_inputs="warn")
    with pytest.warns(UserWarning, match="look here") as plain:
        warn("look here")
    for record in (unused[0], disconnected[0], plain[0]):
        assert record.filename == __file__
    assert line_of(unused[0].message).endswith("# the warned line")  # type: ignore[arg-type]


def test_roles_stand_in_one_column() -> None:
    a, b = theon.scalar("a"), theon.scalar("b")
    lines = errors.operand_lines([("left ", a), ("right", b), ("by", b)])
    assert [line.index(":") for line in lines] == [11, 11, 11]


def test_long_values_are_cut() -> None:
    """A block stays a block, whatever was passed."""
    x = theon.vector("x")
    f = theon.function([x], x.sum())
    with pytest.raises(theon.InputTypeError) as caught:
        f("word " * 1000)
    assert max(map(len, str(caught.value).split("\n"))) < 140
