"""Declarations: every op, one file a family."""
