"""The reporting wing: figures and the page. It draws without a display, whatever the environment asks for."""

import os

os.environ["MPLBACKEND"] = "agg"  # before matplotlib is imported: a notebook's backend may not exist here
