"""The house's lines: which room imports which, no cycle, no import in hiding, nothing private of JAX, and sizes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("graph", "ops", "compiler", "runtime")  # each imports only itself and those before it
FILE_LINES, FUNCTION_LINES = 400, 60

# What may be longer, and why. Split it rather than add a row.
LONG_FILES: dict[str, str] = {
    "__init__.py": "the one list of public names, one a line",
}
LONG_FUNCTIONS: dict[str, str] = {}


@dataclass(frozen=True)
class Module:
    """One file of the package; `name` is dotted and begins below the import name: `graph.node`."""

    path: Path

    @property
    def file(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def name(self) -> str:
        return self.file.removesuffix(".py").removesuffix("__init__").rstrip("/").replace("/", ".")

    @property
    def room(self) -> str:
        return self.name.split(".")[0]

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"))

    def runtime_nodes(self) -> Iterator[ast.AST]:
        """Every syntax node but those below `if TYPE_CHECKING:`, which never run."""
        todo: list[ast.AST] = [self.tree]
        while todo:
            node = todo.pop()
            yield node
            unseen = isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
            todo.extend([] if unseen else ast.iter_child_nodes(node))

    def imports(self) -> Iterator[str]:
        """Dotted names of what this file imports: those of the package as `.graph.node`, others as they are."""
        package = self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]
        for node in self.runtime_nodes():
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                parts = package.split(".") if package else []
                base = [*parts[: len(parts) - node.level + 1], *(node.module.split(".") if node.module else ())]
                yield from (".".join(("", *base, alias.name)) for alias in node.names)


MODULES = [
    Module(ROOT / "__init__.py"),
    *(Module(path) for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))),
]
NAMES = {module.name for module in MODULES}

every_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.file)


def inside(imported: str) -> str | None:
    """The module of the package that an import names, itself or by a name in it; None for other packages."""
    if not imported.startswith("."):
        return None
    name = imported[1:]
    return name if name in NAMES else name.rpartition(".")[0]


@every_module
def test_imports_point_one_way(module: Module) -> None:
    """graph <- ops <- compiler <- runtime; only the front door stands outside."""
    for imported in module.imports():
        name = inside(imported)
        assert not imported.startswith("theon"), f"{imported}: inside the package, imports are relative"
        assert imported.split(".")[0] not in ROOMS, f"{imported}: the rooms are never installed bare"
        if name is None or not module.name:
            continue
        assert name in NAMES and name, f"{module.file} imports the front door, or what is no module: {imported}"
        assert ROOMS.index(name.split(".")[0]) <= ROOMS.index(module.room), f"{module.file} imports {name}"


@every_module
def test_graph_does_not_know_jax(module: Module) -> None:
    if module.room == "graph":
        assert not [name for name in module.imports() if name.split(".")[0] in ("jax", "jaxlib")]


@every_module
def test_nothing_private_of_jax(module: Module) -> None:
    """By import or by attribute."""
    assert not [name for name in module.imports() if "_src" in name.split(".")]
    assert not [node for node in module.runtime_nodes() if isinstance(node, ast.Attribute) and node.attr == "_src"]


@every_module
def test_no_import_hides_in_a_function(module: Module) -> None:
    for function in functions(module):
        hidden = [node.lineno for node in ast.walk(function) if isinstance(node, (ast.Import, ast.ImportFrom))]
        assert not hidden, f"{module.file}: lines {hidden}"
    called = [node.func for node in module.runtime_nodes() if isinstance(node, ast.Call)]
    names = {part.id if isinstance(part, ast.Name) else getattr(part, "attr", "") for part in called}
    assert not names & {"__import__", "import_module"}


def test_no_import_cycle() -> None:
    edges = ((m.name, name) for m in MODULES for name in map(inside, m.imports()) if name is not None)
    cycles = [part for part in nx.strongly_connected_components(nx.DiGraph(edges)) if len(part) > 1]
    assert not cycles
    assert not [(m.name, name) for m in MODULES for name in map(inside, m.imports()) if name == m.name]


def functions(module: Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(module.tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def test_sizes() -> None:
    """Files of 400 lines, functions of 60; an exception has a reason, and is still one."""
    files = {m.file: len(m.path.read_text(encoding="utf-8").splitlines()) for m in MODULES}
    long_files = {file for file, lines in files.items() if lines > FILE_LINES}
    assert long_files == set(LONG_FILES), {file: files[file] for file in long_files ^ set(LONG_FILES)}
    lengths = {
        f"{m.file}:{function.name}": (function.end_lineno or 0) - function.lineno + 1
        for m in MODULES
        for function in functions(m)
    }
    long_functions = {name for name, lines in lengths.items() if lines > FUNCTION_LINES}
    assert long_functions == set(LONG_FUNCTIONS), {name: lengths[name] for name in long_functions ^ set(LONG_FUNCTIONS)}


def test_the_front_door_only_opens() -> None:
    """It re-exports, binds and lists: no function, no class, no branch, no loop."""
    (door,) = [module for module in MODULES if not module.name]
    docstring, *statements = door.tree.body
    assert isinstance(docstring, ast.Expr)
    for statement in statements:
        if isinstance(statement, ast.ImportFrom):
            assert statement.level == 1, f"line {statement.lineno}: only the package's own names are re-exported"
        elif isinstance(statement, ast.Expr):  # binding methods to nodes
            call = statement.value
            assert isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "_bind"
        else:  # binding `op(x)`, and the list of names
            assert isinstance(statement, ast.Assign), f"line {statement.lineno}"
            assert ast.unparse(statement.targets[0]) in ("Op.__call__", "__all__")
