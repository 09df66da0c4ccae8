rule train:
    """Train the classifier at one learning rate, once for each seed of a block."""
    input:
        dataset="results/{experiment}/dataset/manifest.json",
        before=blocks_before,
    output:
        block="results/{experiment}/training/lr-{learning_rate}/block-{block}.json",
    log:
        "logs/{experiment}/train/lr-{learning_rate}/block-{block}.log",
    conda:
        CONDA_ENVIRONMENT
    threads: 1
    params:
        store=STORE,
        settings=training_settings,
        seeds=block_seeds,
        expect=training_origin,
        data=lambda wildcards: data_path(experiment(wildcards)),
        model=model_file,
    shell:
        """
        lrbench train --learning-rate {wildcards.learning_rate:q} --seeds {params.seeds:q} \
            --settings {params.settings:q} --expect {params.expect:q} \
            --dataset {input.dataset:q} --data {params.data:q} --store {params.store:q} \
            {params.model:q} --output {output.block:q} >{log:q} 2>&1
        """
