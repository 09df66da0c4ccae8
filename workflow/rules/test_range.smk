rule test_range:
    """Raise the learning rate over one epoch with every seed, and say which rate the loss suggests."""
    input:
        dataset="results/{experiment}/dataset/manifest.json",
        search=of_experiment(search_rounds),
    output:
        measured="results/{experiment}/range_test.json",
    log:
        "logs/{experiment}/test_range.log",
    wildcard_constraints:
        experiment=one_of(having("range_test")),
    conda:
        CONDA_ENVIRONMENT
    threads: 1
    params:
        settings=training_settings,
        plan=plan,
        options=probe_options("range_test"),
        data=lambda wildcards: data_path(experiment(wildcards)),
        model=model_file,
        code=code("test_range"),
    shell:
        """
        lrbench test_range --settings {params.settings:q} --plan {params.plan:q} --options {params.options:q} \
            --dataset {input.dataset:q} --data {params.data:q} --code {params.code:q} \
            {params.model:q} --output {output.measured:q} >{log:q} 2>&1
        """
