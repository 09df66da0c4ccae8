"""What turns a drawing into a small SVG, and that into an element of a page."""

import re

RATE_GROUP = re.compile(r"rate-(\d+)\.\d+")  # the id of what is drawn of a rate: the rate's place, and a number
