"""Every error that theon raises, and the one block of text they share.

A rule deep inside the library knows *what* is wrong but not *whose line* it is, so it raises a bare `Mismatch`.
Whoever holds the nodes (`node.apply`, the compiler's driver, the runtime) turns it into a `TheonError` with
`report`: the complaint, the user's line, each operand with its type and the line that made it, and a way out.
"""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .node import Node
    from .where import Where


class TheonError(Exception):
    """Base class of every error raised by theon; `str(error)` is the whole block."""


class ShapeError(TheonError, ValueError):
    """Ranks, axes or sizes do not fit."""


class DTypeError(TheonError, TypeError):
    """A dtype is not what the op takes, or a conversion would lose information."""


class IndexingError(TheonError, IndexError):
    """An index is out of bounds or of a kind that a static graph cannot take."""


class ArgumentError(TheonError, ValueError):
    """A plain Python argument (an axis, a rate, a name) has no meaning."""


class NodeUseError(TheonError, TypeError):
    """A symbolic node was used where only a value can be (`if node:`, `np.asarray(node)`, `for _ in node`)."""


class GradientError(TheonError, ValueError):
    """A gradient that does not exist: cost not scalar, wrt not float, an op without a derivative."""


class DisconnectedError(GradientError):
    """The cost does not depend differentiably on what it is differentiated by."""


class InputError(TheonError, ValueError):
    """A compiled function was declared or called with inputs that do not fit it."""


class InputTypeError(InputError, TypeError):
    """A value of the wrong kind or dtype was passed to a compiled function."""


class StateError(TheonError, RuntimeError):
    """A shared variable cannot be read or written as asked."""


class RuleError(TheonError, RuntimeError):
    """A rewrite rule failed or broke its promise; a defect of the rule, named in the text."""


class GraphCheckError(TheonError, RuntimeError):
    """A graph is not well formed; a defect of the pass that made it."""


class CheckError(TheonError, RuntimeError):
    """A `theon.check` was false at run time."""


class Mismatch(Exception):
    """What is wrong, before anybody knows where: raised by `Op.infer` and friends, never seen by users."""

    def __init__(self, message: str, hint: str = "", kind: type[TheonError] = ShapeError) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.kind = kind


def require(condition: bool, message: str, hint: str = "", kind: type[TheonError] = ShapeError) -> None:
    """Raise a `Mismatch` unless `condition` holds."""
    if not condition:
        raise Mismatch(message, hint, kind)


def source_line(where: Where | None) -> str:
    """`train.py:18   y = h + b`, as much of it as is known."""
    if where is None or not where.line:
        return "an unknown line"
    # Code that was never in a file has no lines; some Pythons would give another's.
    text = "" if where.file == "<string>" else linecache.getline(where.file, where.line).strip()
    return f"{os.path.basename(where.file)}:{where.line}" + (f"   {text}" if text else "")


def operand_lines(operands: Iterable[tuple[str, Node]]) -> list[str]:
    """The operands of an error, roles in one column: role, label, type and birth line."""
    listed = [(role.rstrip(), node) for role, node in operands]
    width = max((len(role) for role, _ in listed), default=0)
    return [
        f"  {role:{width}}  {node.label} : {node.type}   made at {source_line(node.where)}" for role, node in listed
    ]


def report(
    kind: type[TheonError],
    message: str,
    *,
    where: Where | None = None,
    operands: Iterable[tuple[str, Node]] = (),
    received: object = None,
    hint: str = "",
) -> TheonError:
    """Build the one-block error; the caller raises it `from None` so that the block is all the user sees."""
    lines = [message]
    if where is not None:
        lines.append(f"    {source_line(where)}")
    lines.extend(operand_lines(operands))
    if received is not None:
        lines.append(f"  received: {received}")
    if hint:
        lines.append(f"  hint: {hint}")
    return kind("\n".join(lines))


def located(problem: Mismatch, op: object, inputs: tuple[Node, ...], where: Where | None) -> TheonError:
    """The full error for a `Mismatch` met while applying `op` to `inputs` at the user's line."""
    return report(
        problem.kind,
        f"{op}: {problem.message}",
        where=where,
        operands=zip(roles(len(inputs)), inputs, strict=True),
        hint=problem.hint,
    )


def roles(count: int) -> tuple[str, ...]:
    """Names for the operands of an op in an error text."""
    if count == 1:
        return ("input",)
    if count == 2:
        return ("left", "right")
    return tuple(f"input {i}" for i in range(count))
