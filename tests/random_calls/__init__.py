"""Calls drawn at random, family by family, against NumPy or SciPy: the same values, or an error on both sides."""
