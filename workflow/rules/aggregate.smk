# The blocks are named by their folder: the names of some thousands of files are longer than a command may be.
rule aggregate:
    """Put the runs of an experiment into tables."""
    input:
        dataset="results/{experiment}/dataset/manifest.json",
        blocks=of_experiment(training_blocks),
    output:
        **in_folder("results/{experiment}", TABLES),
        tables=f"results/{{experiment}}/{TABLES_INDEX}",
    log:
        "logs/{experiment}/aggregate.log",
    localrule: True
    conda:
        CONDA_ENVIRONMENT
    params:
        results=lambda wildcards: f"{RESULTS}/{wildcards.experiment}",
        store=STORE,
        settings=training_settings,
        plan=plan,
        expect=training_origin,
        seeds_per_job=lambda wildcards: experiment(wildcards).seeds_per_job,
        code=code("aggregate"),
    shell:
        """
        lrbench aggregate --settings {params.settings:q} --plan {params.plan:q} --expect {params.expect:q} \
            --dataset {input.dataset:q} --store {params.store:q} \
            --blocks {params.results:q}/training --seeds-per-job {params.seeds_per_job:q} \
            --output {params.results:q} --code {params.code:q} >{log:q} 2>&1
        """
