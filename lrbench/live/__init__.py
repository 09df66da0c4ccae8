"""A run of snakemake as it is shown while it runs: how far training is, which stages passed, and the answer."""
