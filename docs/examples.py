"""Finished pages for the documents: copies in docs/examples/, each under 500 kB, with a picture of the first.

    python docs/examples.py reports/optimizers.html reports/batch-size.html

What a copy links to beside itself is not there, so such links become plain text. The browser is found as by
docs/screenshots.py.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright
from screenshots import BROWSERS, optimised

FOLDER = Path(__file__).parent / "examples"
MAX_BYTES = 500_000
VIEW = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
SHOWN = "#accuracy-by-rate figure"  # the picture is of this part of the first page, without its caption
LINK = re.compile(r'<a\b[^>]*?\bhref="(?!#|data:)[^"]*"[^>]*>(.*?)</a>', re.DOTALL)
FILES = re.compile(r'<span class="files">.*?</a></span>', re.DOTALL)  # links to a figure's files, below it


def main(arguments: list[str]) -> int:
    """Copy the pages and take the picture. Returns 0, or 2 where a page is missing or too large, or no browser."""
    pages = [Path(argument) for argument in arguments]
    if not pages or not all(page.is_file() for page in pages):
        print("examples: give pages that are there, such as reports/optimizers.html.", file=sys.stderr)
        return 2
    path = os.environ.get("LRBENCH_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        print(f"examples: install one of {', '.join(BROWSERS)}.", file=sys.stderr)
        return 2
    FOLDER.mkdir(exist_ok=True)
    copies = {page.name: alone(page.read_text(encoding="utf-8")).encode() for page in pages}
    for name, content in copies.items():
        if len(content) > MAX_BYTES:
            print(f"examples: {name} has {len(content)} bytes, over {MAX_BYTES}; choose another.", file=sys.stderr)
            return 2
    for name, content in copies.items():
        (FOLDER / name).write_bytes(content)
        print(f"docs/examples/{name}: {len(content) / 1000:.0f} kB")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path)
        page = browser.new_context(offline=True, **VIEW).new_page()
        page.goto((FOLDER / pages[0].name).resolve().as_uri())
        page.add_style_tag(content="figcaption{display:none}figure{padding:12px}")
        picture = optimised(page.locator(SHOWN).screenshot())
        browser.close()
    (FOLDER / f"{pages[0].stem}.png").write_bytes(picture)
    print(f"docs/examples/{pages[0].stem}.png: {len(picture) / 1000:.0f} kB")
    return 0


def alone(page: str) -> str:
    """The page with plain text in place of links to files that stand beside the original."""
    return LINK.sub(r"<span>\1</span>", FILES.sub("", page))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
