"""How fast lrbench is, beside other ways to do the same; `make benchmark` writes docs/performance.md."""
