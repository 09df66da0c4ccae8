rule report:
    """Write the report."""
    input:
        dataset="results/{experiment}/dataset/manifest.json",
        tables="results/{experiment}/tables.json",
        epochs=ancient("results/{experiment}/epochs.csv"),
        evaluations=ancient("results/{experiment}/evaluations.csv"),
        steps=ancient("results/{experiment}/steps.parquet"),
        figures="reports/{experiment}/figures/figures.json",
        pictures=rules.figures.output.pictures,
    output:
        page="reports/{experiment}.html",
    log:
        "logs/{experiment}/report.log",
    params:
        settings=training_settings,
        plan=plan,
        experiment=lambda wildcards: report_settings(experiment(wildcards)),
        templates=files_digest(sorted(TEMPLATES.iterdir())),
        code=code("lrbench.reporting.page", libraries=["jinja2"]),
    shell:
        """
        lrbench report --settings {params.settings:q} --plan {params.plan:q} --experiment {params.experiment:q} \
            --dataset {input.dataset:q} --tables {input.tables:q} --figures "$(dirname {input.figures:q})" \
            --output {output.page:q} >{log:q} 2>&1
        """
