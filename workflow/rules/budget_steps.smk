rule budget_steps:
    """Replay runs, and split what their steps change into gain, cost of curvature and cost of noise."""
    input:
        dataset="results/{experiment}/dataset/manifest.json",
        search=of_experiment(search_rounds),
    output:
        measured="results/{experiment}/step_budget.json",
    log:
        "logs/{experiment}/budget_steps.log",
    wildcard_constraints:
        experiment=one_of(having("step_budget")),
    threads: 1
    params:
        settings=training_settings,
        plan=plan,
        options=probe_options("step_budget"),
        data=lambda wildcards: data_path(experiment(wildcards)),
        model=model_file,
        code=code("budget_steps"),
    shell:
        """
        lrbench budget_steps --settings {params.settings:q} --plan {params.plan:q} --options {params.options:q} \
            --dataset {input.dataset:q} --data {params.data:q} --code {params.code:q} \
            {params.model:q} --output {output.measured:q} >{log:q} 2>&1
        """
