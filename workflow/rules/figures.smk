# One rule for all experiments that have the same probes, since a rule's files must be known before its wildcards are.
for probes in PROBE_SETS:

    rule:
        """Draw the figures of a report, with their numbers as CSV."""
        name:
            figures_rule(probes)
        input:
            dataset="results/{experiment}/dataset/manifest.json",
            tables="results/{experiment}/tables.json",
            epochs=ancient("results/{experiment}/epochs.csv"),
            evaluations=ancient("results/{experiment}/evaluations.csv"),
            steps=ancient("results/{experiment}/steps.parquet"),
            probes=probe_files("{experiment}", probes),
            analysed="results/{experiment}/analysis.json",
            analysis=expand("results/{{experiment}}/{table}.csv", table=ANALYSIS_TABLES),
            across="results/{experiment}/across.json",
        output:
            index="reports/{experiment}/figures/figures.json",
            files=figure_files("{experiment}", probes, "svg", "pdf", "csv"),
            pictures=[
                report(
                    picture,
                    caption="../report/figure.rst",
                    category="{experiment}",
                    subcategory="Figures",
                    labels={"figure": Path(picture).stem},
                )
                for picture in figure_files("{experiment}", probes, "png")
            ],
        log:
            "logs/{experiment}/figures.log",
        wildcard_constraints:
            experiment=one_of(having(*probes, alone=True)),
        localrule: True
        conda:
            CONDA_ENVIRONMENT
        params:
            reports=lambda wildcards: f"{REPORTS}/{wildcards.experiment}",
            settings=training_settings,
            plan=plan,
            analysis=analysis_settings,
            code=code("figures", probes),
        shell:
            """
            lrbench figures --settings {params.settings:q} --plan {params.plan:q} --tables {input.tables:q} \
                --dataset {input.dataset:q} --analysis {params.analysis:q} --analysed {input.analysed:q} \
                --probes {input.probes:q} \
                --output {params.reports:q}/figures --code {params.code:q} >{log:q} 2>&1
            """
