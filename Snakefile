# lrbench: which learning rate, and why?
#
#   snakemake --cores 3                                        the experiment of config/config.yaml
#   snakemake --cores 3 --configfile config/quick.yaml         another one
#   snakemake --cores 3 verify                                 a stored run trained anew, and compared
#   snakemake --cores 3 verify --configfile config/quick.yaml  ... of another one: --configfile takes all that follows it


include: "workflow/rules/common.smk"
include: "workflow/rules/dataset.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/backpropagate.smk"
include: "workflow/rules/aggregate.smk"
include: "workflow/rules/analyse.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/verify.smk"


# On a cluster these run beside snakemake: seconds each. train, backpropagate and verify load TensorFlow and are sent away.
localrules:
    all,
    dataset,
    aggregate,
    analyse,
    figures,
    report,


PRODUCTS += products(
    rules.dataset,
    rules.backpropagate,
    rules.aggregate,
    rules.analyse,
    rules.figures,
    rules.report,
)


rule all:
    """Every product of every stage, so that a missing one is never overlooked."""
    default_target: True
    input:
        PRODUCTS,
