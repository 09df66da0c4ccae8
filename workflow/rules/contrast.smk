rule contrast:
    """Set an experiment whose weights are carried over against the same one with fresh weights."""
    input:
        dataset="results/{experiment}/dataset/manifest.json",
        tables="results/{experiment}/tables.json",
        epochs=ancient("results/{experiment}/epochs.csv"),
        evaluations=ancient("results/{experiment}/evaluations.csv"),
        steps=ancient("results/{experiment}/steps.parquet"),
        fresh=f"results/{{experiment}}{COMPANION}/tables.json",
    output:
        contrast=f"results/{{experiment}}/{CONTRAST}",
    log:
        "logs/{experiment}/contrast.log",
    wildcard_constraints:
        experiment=one_of(CARRIED),
    localrule: True
    conda:
        CONDA_ENVIRONMENT
    params:
        settings=training_settings,
        plan=plan,
        analysis=analysis_settings,
        name=lambda wildcards: f"{wildcards.experiment}{COMPANION}",
        code=code("contrast"),
    shell:
        """
        lrbench contrast --settings {params.settings:q} --plan {params.plan:q} --analysis {params.analysis:q} \
            --dataset {input.dataset:q} --tables {input.tables:q} --fresh {input.fresh:q} --name {params.name:q} \
            --output {output.contrast:q} --code {params.code:q} >{log:q} 2>&1
        """
