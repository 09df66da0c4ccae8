# lrbench: which learning rate, and why?
#
#   snakemake --cores 3                                        the experiment of config/config.yaml
#   snakemake --cores 3 --configfile config/quick.yaml         another one
#   snakemake --cores 3 --configfile config/studies/optimizers.yaml    several, and the page that compares them
#   snakemake --cores 3 verify                                 a stored run trained anew, and compared
#   snakemake --cores 1 verify_fit                             one of its runs trained by Keras' own fit, and compared
#   snakemake --cores 3 verify --configfile config/quick.yaml  ... of another one: --configfile takes all that follows it


include: "workflow/rules/common.smk"
include: "workflow/rules/dataset.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/aggregate.smk"
include: "workflow/rules/analyse.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/verify.smk"


if CARRIED:

    include: "workflow/rules/contrast.smk"


# A rule for each probe that a config names.
for rule_name in probe_rules():

    include: f"workflow/rules/{rule_name}.smk"


# The rules that compare the variants of studies.
if STUDIES:

    include: "workflow/rules/compare.smk"
    include: "workflow/rules/study.smk"

    localrules:
        compare,
        study,


# On a cluster these run beside snakemake, as figures and examine do: seconds each. train, backpropagate, test_range,
# budget_steps and verify load TensorFlow and are sent away.
localrules:
    all,
    dataset,
    aggregate,
    analyse,
    report,


PRODUCTS += products(
    rules.dataset,
    rules.aggregate,
    rules.analyse,
    rules.report,
    *([rules.compare, rules.study] if STUDIES else []),
)


rule all:
    """Every product of every stage, so that a missing one is never overlooked."""
    default_target: True
    input:
        PRODUCTS,
