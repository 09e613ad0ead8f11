"""Pictures and records of programs (`theon.export`). Every format reads one neutral record, so any op can be shown."""

from .dot import to_dot as dot
from .files import ExportError
from .mermaid import to_mermaid as mermaid
from .record import record
from .record import to_networkx as networkx
from .svg import graphviz
from .svg import write_svg as svg

__all__ = ["ExportError", "dot", "graphviz", "mermaid", "networkx", "record", "svg"]
