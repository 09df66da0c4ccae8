# lrbench: which learning rate, and why?
#
#   snakemake --cores 3                                        the experiment of config/config.yaml
#   snakemake --cores 3 --configfile config/quick.yaml         another one
#   snakemake --cores 3 --configfile config/studies/optimizers.yaml    several, and the page that compares them
#   snakemake --cores 3 verify                                 a stored run trained anew, and compared
#   snakemake --cores 1 verify_fit                             one of its runs trained by Keras' own fit, and compared
#   snakemake --cores 3 verify --configfile config/quick.yaml  ... of another one: --configfile takes all that follows it


include: "workflow/Snakefile"


# An include brings rules and leaves the default target as it was, which is none.
if workflow.modifier.is_main_snakefile():
    workflow.default_target = "all"
