LINES, LINE_FILES = lines_of_index(os.getcwd(), EXPERIMENTS, STUDIES)


rule index:
    """List every experiment and study of this folder with its answer."""
    input:
        LINE_FILES,
    output:
        page=INDEX,
    log:
        "logs/index.log",
    localrule: True
    params:
        names=LINES,
        code=code("index", templates=files_digest(template_files(()))),
    shell:
        """
        lrbench index --names {params.names:q} --results results --reports reports \
            --code {params.code:q} --output {output.page:q} >{log:q} 2>&1
        """
