rule analyse:
    """Measure runs and rates, compare them, and say which rate to train with and why."""
    input:
        dataset="results/{experiment}/dataset/manifest.json",
        tables="results/{experiment}/tables.json",
        epochs=ancient("results/{experiment}/epochs.csv"),
        evaluations=ancient("results/{experiment}/evaluations.csv"),
        steps=ancient("results/{experiment}/steps.parquet"),
    output:
        **in_folder("results/{experiment}", ANALYSIS),
        analysed=f"results/{{experiment}}/{ANALYSIS_INDEX}",
    log:
        "logs/{experiment}/analyse.log",
    localrule: True
    conda:
        CONDA_ENVIRONMENT
    params:
        results=lambda wildcards: f"{RESULTS}/{wildcards.experiment}",
        settings=training_settings,
        plan=plan,
        analysis=analysis_settings,
        code=code("analyse"),
    shell:
        """
        lrbench analyse --settings {params.settings:q} --plan {params.plan:q} --analysis {params.analysis:q} \
            --dataset {input.dataset:q} --tables {input.tables:q} \
            --output {params.results:q} --code {params.code:q} >{log:q} 2>&1
        """
