rule compare:
    """Compare the variants of a study: best rates, scores, and what carries over."""
    input:
        tables=of_study(lambda study: variant_files(study, TABLES_INDEX)),
        analysed=of_study(lambda study: variant_files(study, ANALYSIS_INDEX)),
    output:
        **in_folder("results/{study}", STUDY),
        compared=f"results/{{study}}/{STUDY_INDEX}",
    log:
        "logs/{study}/compare.log",
    localrule: True
    conda:
        CONDA_ENVIRONMENT
    params:
        results=lambda wildcards: f"{RESULTS}/{wildcards.study}",
        study=of_study(study_settings),
        code=code("compare"),
    shell:
        """
        lrbench compare --study {params.study:q} --tables {input.tables:q} --analysed {input.analysed:q} \
            --output {params.results:q} --code {params.code:q} >{log:q} 2>&1
        """
