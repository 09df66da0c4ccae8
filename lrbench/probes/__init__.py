"""Probes: measurements beside training, a package each. None is a part of a run's identity.

A probe is known by its folder: its name in a config, the name of its JSON file and the id of its section in the page
are the folder's. In the folder are:

    __init__          COMMAND, the name of its rule, of that rule's file and of its subcommand; ABOUT, what that does;
                      FOLLOWS_ANALYSIS = True where it measures runs that analysis recommends; TRAINS = True where it
                      trains the experiment's model itself
    measurement       `measure(settings, plan, parts)`, which returns the content of its JSON file; where it follows
                      analysis, `measure(settings, plan, parts, results)`, a `lrbench.tables.probes.Results`; where it
                      trains, `measure(settings, plan, parts, training)`, a `lrbench.tables.probes.Training`
    contract          CONTRACT, a `lrbench.tables.probes.Contract`: what that content is
    section           `section(measured)`, which returns its `Section` of the page; it may be left out
    section.html.j2   the template of that section
    figures           a package with `figures()`, as lrbench.reporting.figures has it; it may be left out

`contract`, `section` and `figures` are code of the stages that draw and write the page: they import nothing that
measures. Only `measurement` imports the learning wing. `lrbench.registry` finds probes.
"""
