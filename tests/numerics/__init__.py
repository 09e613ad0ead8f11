"""The catalogue of naive formulas: their numbers, against high-precision truth, beside plain JAX and PyTensor."""
