rule verify:
    """Train one stored run anew, drawn from all of the experiments', and compare every weight and every row."""
    input:
        tables=[f"results/{name}/tables.json" for name in EXPERIMENTS],
    log:
        "logs/verify.log",
    params:
        data=[data_path(asked) for asked in EXPERIMENTS.values()],
    shell:
        """
        lrbench verify --tables {input.tables:q} --data {params.data:q} --store results/runs 2>&1 | tee {log:q}
        """
