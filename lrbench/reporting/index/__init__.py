"""The index page: every experiment and study of a working directory, with its answer in a line."""
