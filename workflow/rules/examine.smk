rule examine:
    """Examine which validation examples the runs at the recommended rate get wrong."""
    input:
        dataset="results/{experiment}/dataset/manifest.json",
        tables="results/{experiment}/tables.json",
        epochs=ancient("results/{experiment}/epochs.csv"),
        evaluations=ancient("results/{experiment}/evaluations.csv"),
        steps=ancient("results/{experiment}/steps.parquet"),
        analysed="results/{experiment}/analysis.json",
        recommendation="results/{experiment}/recommendation.json",
    output:
        mistakes="results/{experiment}/mistakes.json",
    log:
        "logs/{experiment}/examine.log",
    wildcard_constraints:
        experiment=one_of(having("mistakes")),
    localrule: True
    conda:
        CONDA_ENVIRONMENT
    params:
        store=STORE,
        settings=training_settings,
        plan=plan,
        analysis=analysis_settings,
        data=lambda wildcards: data_path(experiment(wildcards)),
        code=code("examine"),
    shell:
        """
        lrbench examine --settings {params.settings:q} --plan {params.plan:q} --tables {input.tables:q} \
            --analysis {params.analysis:q} --analysed {input.analysed:q} --store {params.store:q} \
            --dataset {input.dataset:q} --data {params.data:q} --code {params.code:q} \
            --output {output.mistakes:q} >{log:q} 2>&1
        """
