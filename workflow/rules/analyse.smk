rule analyse:
    """Measure runs and rates, compare them, and say which rate to train with and why."""
    input:
        dataset="results/{experiment}/dataset/manifest.json",
        tables="results/{experiment}/tables.json",
        epochs=ancient("results/{experiment}/epochs.csv"),
        evaluations=ancient("results/{experiment}/evaluations.csv"),
        steps=ancient("results/{experiment}/steps.parquet"),
    output:
        runs="results/{experiment}/runs.csv",
        targets="results/{experiment}/targets.csv",
        reach="results/{experiment}/reach.csv",
        rates="results/{experiment}/rates.csv",
        comparisons="results/{experiment}/comparisons.csv",
        across="results/{experiment}/across.json",
        recommendation="results/{experiment}/recommendation.json",
        observations="results/{experiment}/observations.json",
        claims="results/{experiment}/claims.json",
        analysed="results/{experiment}/analysis.json",
    log:
        "logs/{experiment}/analyse.log",
    params:
        settings=training_settings,
        plan=plan,
        analysis=analysis_settings,
        code=code(
            "lrbench.findings.pipeline",
            "lrbench.findings.writing",
            libraries=["numpy", "pandas", "scipy"],
        ),
    shell:
        """
        lrbench analyse --settings {params.settings:q} --plan {params.plan:q} --analysis {params.analysis:q} \
            --dataset {input.dataset:q} --tables {input.tables:q} \
            --runs {output.runs:q} --targets {output.targets:q} --reach {output.reach:q} --rates {output.rates:q} \
            --comparisons {output.comparisons:q} --across {output.across:q} \
            --recommendation {output.recommendation:q} --observations {output.observations:q} \
            --claims {output.claims:q} --analysed {output.analysed:q} >{log:q} 2>&1
        """
