# Data files are no inputs: they count by the digest of their content, and Snakemake has its own notions of what a path
# may be and when a file may be from.
rule dataset:
    """Check a data set against its digests and its format, and record what it holds."""
    output:
        manifest="results/{experiment}/dataset/manifest.json",
    log:
        "logs/{experiment}/dataset.log",
    localrule: True
    conda:
        CONDA_ENVIRONMENT
    params:
        data=lambda wildcards: data_path(experiment(wildcards)),
        split=lambda wildcards: canonical_json(experiment(wildcards).split_settings),
        content=lambda wildcards: experiment(wildcards).dataset_content,
        code=code("dataset"),
    shell:
        """
        lrbench dataset --data {params.data:q} --split {params.split:q} --code {params.code:q} \
            --output {output.manifest:q} >{log:q} 2>&1
        """
