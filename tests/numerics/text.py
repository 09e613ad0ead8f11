"""The formulas as their authors wrote them, read from the source of the tables."""

from __future__ import annotations

import ast
import inspect
from types import ModuleType

from .formulas import (
    activations,
    continuous,
    counts,
    differences,
    hyperbolic,
    logistic,
    losses,
    mixtures,
    normal,
    norms,
    softmax,
)

MODULES = (
    softmax, logistic, losses, normal, continuous, counts, mixtures, hyperbolic, activations, norms, differences,
)  # fmt: skip


class WithoutNamespace(ast.NodeTransformer):
    """`m.exp` as `exp`."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id == "m":
            return ast.copy_location(ast.Name(node.attr), node)
        return node


def formulas_of(module: ModuleType) -> dict[str, str]:
    """The formula of each row that a table's module spells out, by the row's name."""
    found = {}
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Row":
            name, formula = node.args[:2]
            assert isinstance(name, ast.Constant) and isinstance(formula, ast.Lambda)
            found[str(name.value)] = ast.unparse(WithoutNamespace().visit(formula.body))
    return found


def formulas() -> dict[str, str]:
    """All formulas by name."""
    return {name: text for module in MODULES for name, text in formulas_of(module).items()}


__all__ = ["formulas"]
