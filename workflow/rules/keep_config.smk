# The name of an experiment or of a study: other rules know these apart.
rule keep_config:
    """Keep a config that another workflow gives as settings as the file that pages name."""
    output:
        config="results/{config}/config.yaml",
    log:
        "logs/{config}/keep_config.log",
    wildcard_constraints:
        config=one_of(Path(path).parent.name for path in KEPT_CONFIGS),
    localrule: True
    conda:
        CONDA_ENVIRONMENT
    params:
        text=lambda wildcards: KEPT_CONFIGS[f"results/{wildcards.config}/config.yaml"],
    shell:
        """
        printf %s {params.text:q} >{output.config:q} 2>{log:q}
        """
