"""The graph: nodes, types, ops, and what can be said of them without computing."""
