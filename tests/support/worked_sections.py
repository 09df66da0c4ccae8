"""The section on backpropagation of made worked steps."""

from __future__ import annotations

import dataclasses
import html
import re

from support import pages, stage_files, worked_steps
from support.examples import THREE, TUTORIAL


def of(**changes):
    measured = stage_files.measured(THREE)
    return dataclasses.replace(
        measured, probes={"backpropagation": worked_steps.worked(**{"learning_rates": TUTORIAL} | changes)}
    )


def section_text(measured, folder) -> str:
    whole = pages.page(measured, stage_files.report_inputs(THREE)[1], folder)
    section = re.search(r'<section id="backpropagation".*?(?=<section id="(?:mistakes|claims)")', whole, re.DOTALL)[0]
    labels = " ".join(re.findall(r'aria-label="([^"]*)"', section))
    section = re.sub(r'<svg class="figure".*?</svg>', "", section, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", " ", section) + " " + labels)
