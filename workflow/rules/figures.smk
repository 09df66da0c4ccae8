rule figures:
    """Draw the figures of a report, with their numbers as CSV."""
    input:
        dataset="results/{experiment}/dataset/manifest.json",
        tables="results/{experiment}/tables.json",
        epochs=ancient("results/{experiment}/epochs.csv"),
        evaluations=ancient("results/{experiment}/evaluations.csv"),
        steps=ancient("results/{experiment}/steps.parquet"),
        backpropagation="results/{experiment}/backpropagation.json",
        analysed="results/{experiment}/analysis.json",
        analysis=expand("results/{{experiment}}/{table}.csv", table=ANALYSIS_TABLES),
        across="results/{experiment}/across.json",
    output:
        index="reports/{experiment}/figures/figures.json",
        files=expand(
            "reports/{{experiment}}/figures/{figure}.{kind}",
            figure=figure_ids(),
            kind=["svg", "csv"],
        ),
        pictures=[
            report(
                f"reports/{{experiment}}/figures/{figure}.png",
                caption="../report/figure.rst",
                category="{experiment}",
                subcategory="Figures",
                labels={"figure": figure},
            )
            for figure in figure_ids()
        ],
    log:
        "logs/{experiment}/figures.log",
    params:
        settings=training_settings,
        plan=plan,
        analysis=analysis_settings,
        code=code("figures"),
    shell:
        """
        lrbench figures --settings {params.settings:q} --plan {params.plan:q} --tables {input.tables:q} \
            --dataset {input.dataset:q} --analysis {params.analysis:q} --analysed {input.analysed:q} \
            --backpropagation {input.backpropagation:q} \
            --output reports/{wildcards.experiment:q}/figures --code {params.code:q} >{log:q} 2>&1
        """
