"""theon: a static computation-graph compiler. Declare a graph, derive its gradient, compile it with XLA, run it."""

from .compiler.compilation import Options
from .graph import export as export
from .graph.errors import TheonError
from .graph.node import Node, constant
from .graph.op import Op
from .graph.text import dprint
from .graph.types import TensorType, default_float
from .graph.where import scope
from .ops import *  # noqa: F403
