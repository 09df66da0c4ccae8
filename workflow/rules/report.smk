REPORT_CODE = {probes: code("report", probes, templates=files_digest(template_files(probes))) for probes in PROBE_SETS}


rule report:
    """Write the report."""
    input:
        dataset="results/{experiment}/dataset/manifest.json",
        tables="results/{experiment}/tables.json",
        epochs=ancient("results/{experiment}/epochs.csv"),
        evaluations=ancient("results/{experiment}/evaluations.csv"),
        steps=ancient("results/{experiment}/steps.parquet"),
        probes=of_experiment(lambda asked: probe_files(asked.name, asked.probes)),
        analysed="results/{experiment}/analysis.json",
        analysis=expand("results/{{experiment}}/{table}.csv", table=ANALYSIS_TABLES),
        conclusions=expand("results/{{experiment}}/{name}.json", name=CONCLUSIONS),
        fit=of_experiment(fit_record),
        contrast=of_experiment(contrast_of),
        search=of_experiment(search_rounds),
        config=of_experiment(kept_config),
        figures="reports/{experiment}/figures/figures.json",
        files=of_experiment(lambda asked: figure_files(asked.name, asked.probes, "svg", "png", "pdf", "csv")),
    output:
        page=report(
            "reports/{experiment}.html",
            caption="../report/report.rst",
            category="{experiment}",
            subcategory="Report",
            labels={"figure": "the whole report"},
        ),
    log:
        "logs/{experiment}/report.log",
    localrule: True
    conda:
        CONDA_ENVIRONMENT
    params:
        reports=lambda wildcards: f"{REPORTS}/{wildcards.experiment}",
        settings=training_settings,
        plan=plan,
        analysis=analysis_settings,
        experiment=of_experiment(report_settings),
        code=of_experiment(lambda asked: REPORT_CODE[asked.probes]),
    shell:
        """
        lrbench report --settings {params.settings:q} --plan {params.plan:q} --experiment {params.experiment:q} \
            --dataset {input.dataset:q} --tables {input.tables:q} --analysis {params.analysis:q} --analysed {input.analysed:q} \
            --probes {input.probes:q} --fit {input.fit:q} --contrast {input.contrast:q} \
            --search {input.search:q} \
            --figures {params.reports:q}/figures --code {params.code:q} \
            --output {output.page:q} >{log:q} 2>&1
        """
