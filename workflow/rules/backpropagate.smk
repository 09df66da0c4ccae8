rule backpropagate:
    """Work one step of training through by hand: forward pass, backward pass and update of the first example."""
    input:
        dataset="results/{experiment}/dataset/manifest.json",
        search=of_experiment(search_rounds),
    output:
        worked="results/{experiment}/backpropagation.json",
    log:
        "logs/{experiment}/backpropagate.log",
    wildcard_constraints:
        experiment=one_of(having("backpropagation")),
    conda:
        CONDA_ENVIRONMENT
    threads: 1
    params:
        settings=training_settings,
        plan=plan,
        data=lambda wildcards: data_path(experiment(wildcards)),
        code=code("backpropagate"),
    shell:
        """
        lrbench backpropagate --settings {params.settings:q} --plan {params.plan:q} \
            --dataset {input.dataset:q} --data {params.data:q} --code {params.code:q} \
            --output {output.worked:q} >{log:q} 2>&1
        """
