rule figures:
    """Draw the figures of a report."""
    input:
        tables="results/{experiment}/tables.json",
        epochs=ancient("results/{experiment}/epochs.csv"),
        evaluations=ancient("results/{experiment}/evaluations.csv"),
        steps=ancient("results/{experiment}/steps.parquet"),
    output:
        index="reports/{experiment}/figures/figures.json",
        pictures=expand(
            "reports/{{experiment}}/figures/{figure}.{kind}",
            figure=["loss", "accuracy"],
            kind=["svg", "png"],
        ),
    log:
        "logs/{experiment}/figures.log",
    params:
        settings=training_settings,
        plan=plan,
        code=code("lrbench.reporting.figures", libraries=["matplotlib"]),
    shell:
        """
        lrbench figures --settings {params.settings:q} --plan {params.plan:q} --tables {input.tables:q} \
            --output "$(dirname {output.index:q})" >{log:q} 2>&1
        """
