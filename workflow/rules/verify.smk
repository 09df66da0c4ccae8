rule verify:
    """Compute all that pages rest on again from the stored runs, train one run anew, drawn from all, and compare."""
    input:
        tables=[f"results/{name}/tables.json" for name in EXPERIMENTS],
        pages=[f"reports/{name}.html" for name in [*EXPERIMENTS, *STUDIES]],
    log:
        "logs/verify.log",
    conda:
        CONDA_ENVIRONMENT
    params:
        store=STORE,
        data=[data_path(asked) for asked in EXPERIMENTS.values()],
        models=[asked.model_path or "-" for asked in EXPERIMENTS.values()],
        pages=lambda wildcards: [page_origin(asked) for asked in EXPERIMENTS.values()],
        studies=[study_origin(study) for study in STUDIES.values()],
    shell:
        """
        lrbench verify --tables {input.tables:q} --data {params.data:q} --pages {params.pages:q} \
            --models {params.models:q} --studies {params.studies:q} --store {params.store:q} 2>&1 | tee {log:q}
        """


rule verify_fit:
    """Train one run, drawn from all, by Keras' own fit, compare every weight, and leave a record for the report."""
    input:
        tables=[f"results/{name}/tables.json" for name in EXPERIMENTS],
    log:
        "logs/verify_fit.log",
    conda:
        CONDA_ENVIRONMENT
    params:
        store=STORE,
        data=[data_path(asked) for asked in EXPERIMENTS.values()],
        models=[asked.model_path or "-" for asked in EXPERIMENTS.values()],
    shell:
        """
        lrbench verify --fit --tables {input.tables:q} --data {params.data:q} \
            --models {params.models:q} --store {params.store:q} 2>&1 | tee {log:q}
        """
