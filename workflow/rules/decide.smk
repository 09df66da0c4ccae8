# Experiments that search for their rate, in rounds: what a round trains is known once the round before is decided.

from lrbench.findings.rounds import first_round


def plan_of_round(asked, number):
    """Which runs a round needs, those of the rounds before it included."""
    if number == 1:
        return first_round(asked.analysis_settings)
    return decision(asked, number - 1)["next"]


def decision(asked, number):
    """What was decided after a round; where it is not decided yet, snakemake comes back once it is."""
    made = checkpoints.decide.get(experiment=asked.name, round=number)
    return read_round(made.output.decided, asked.training_settings, asked.analysis_settings)


def rounds_of_search(asked):
    """The numbers of the rounds that a search has, up to the one that ends it."""
    number = 1
    while decision(asked, number)["next"] is not None:
        number += 1
    return range(1, number + 1)


def round_blocks(wildcards):
    """What the training jobs of a round and of those before it write."""
    asked = experiment(wildcards)
    return planned_blocks(asked, plan_of_round(asked, int(wildcards.round)))


def round_before(wildcards):
    """What was decided after the round before; nothing for the first."""
    number = int(wildcards.round)
    return [] if number == 1 else [round_file(f"results/{wildcards.experiment}", number - 1)]


checkpoint decide:
    """Decide after a round of a search which rates and seeds to train next, or that nothing is left to ask for."""
    input:
        dataset="results/{experiment}/dataset/manifest.json",
        before=round_before,
        blocks=round_blocks,
    output:
        decided=round_file("results/{experiment}", "{round}"),
    log:
        "logs/{experiment}/decide/round-{round}.log",
    wildcard_constraints:
        experiment=one_of(SEARCHES),
        round="[1-9][0-9]*",
    localrule: True
    params:
        results=f"{RESULTS}/{{experiment}}",
        store=STORE,
        settings=training_settings,
        analysis=analysis_settings,
        expect=training_origin,
        seeds_per_job=lambda wildcards: experiment(wildcards).seeds_per_job,
        code=code("decide"),
    shell:
        """
        lrbench decide --settings {params.settings:q} --analysis {params.analysis:q} --expect {params.expect:q} \
            --search-round {wildcards.round} --before {input.before:q} --dataset {input.dataset:q} \
            --store {params.store:q} --blocks {params.results:q}/training --seeds-per-job {params.seeds_per_job:q} \
            --output {output.decided:q} --code {params.code:q} >{log:q} 2>&1
        """
