"""`python -m tests.compiler.soundness --graphs 100000 --seed 0 --workers 2`: the random-graph test at length."""

from __future__ import annotations

import sys

from .run import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
