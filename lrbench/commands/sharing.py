"""The subcommand that hands pages on: a folder for a static host."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from lrbench.errors import InputError

RESULTS, REPORTS = Path("results"), Path("reports")


def publish(folder: Path, address: str | None, templates: Path) -> None:
    """Write the finished pages of this folder into a folder that any static host can serve, whole or not at all.

    address : where the folder will be on the web; None where that is not known
    """
    from lrbench.reporting.publication import publication
    from lrbench.reporting.templates import read_templates
    from lrbench.sentences import printable
    from lrbench.workspace.contents import names_with_results
    from lrbench.workspace.published import refuse_foreign, write_published

    if address is not None and not (urlsplit(address).scheme in ("http", "https") and urlsplit(address).netloc):
        raise InputError(f"--address is {address!r} but must begin with https:// or http:// and name a host.")
    refuse_foreign(folder)
    found = publication(RESULTS, REPORTS, names_with_results("."), read_templates(templates, {}), address)
    write_published(folder, found.contents, found.files)
    for name, problem in found.left_out.items():
        print(printable(f"left out: {name}: {problem}"))
    print(printable(f"{folder}: published {', '.join(found.pages)}; open {folder / 'index.html'}"))
