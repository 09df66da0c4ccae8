"""A working folder: how snakemake is called in it, who works there, and what may be removed."""
