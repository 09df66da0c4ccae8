rule study:
    """Draw the figures of a study and write its page."""
    input:
        compared=f"results/{{study}}/{STUDY_INDEX}",
        config=of_study(kept_config),
        comparison=expand("results/{{study}}/{file}", file=STUDY.values()),
    output:
        figures="reports/{study}/figures/figures.json",
        files=expand(
            "reports/{{study}}/figures/{figure}.{kind}", figure=STUDY_FIGURES, kind=("svg", "png", "pdf", "csv")
        ),
        page=report(
            "reports/{study}.html",
            caption="../report/report.rst",
            category="{study}",
            subcategory="Study",
            labels={"figure": "the whole page"},
        ),
    log:
        "logs/{study}/study.log",
    localrule: True
    conda:
        CONDA_ENVIRONMENT
    params:
        reports=lambda wildcards: f"{REPORTS}/{wildcards.study}",
        study=of_study(study_settings),
        config=of_study(lambda study: config_word(study.config_path)),
        code=code("study", templates=files_digest(template_files(()))),
    shell:
        """
        lrbench study --study {params.study:q} --compared {input.compared:q} --config {params.config:q} \
            --figures {params.reports:q}/figures --code {params.code:q} --output {output.page:q} >{log:q} 2>&1
        """
