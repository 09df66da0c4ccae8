"""Screenshots of a report for the documents: light, dark, narrow and print, each a PNG of under 300 kB.

    python docs/screenshots.py reports/tutorial.html

They are written to docs/screenshots/. The browser is the first of chromium-headless-shell, chromium and
google-chrome that is installed; LRBENCH_CHROMIUM may name another.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).parent / "screenshots"
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
MAX_BYTES = 300_000
# width, height and sharpness; dark reaches to the first figure, narrow is a telephone, print the width of a page
VIEWS = {
    "light": {"viewport": {"width": 1280, "height": 1000}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 1000}, "color_scheme": "dark"},
    "narrow": {"viewport": {"width": 360, "height": 780}, "device_scale_factor": 2, "color_scheme": "light"},
    "print": {"viewport": {"width": 750, "height": 1060}, "device_scale_factor": 1.5, "color_scheme": "light"},
}
SCROLLED_TO = {"dark": "#loss", "print": "#steps-to-target"}


def main(arguments: list[str]) -> int:
    """Take the screenshots. Returns 0, or 2 where there is no such report or no browser."""
    path = os.environ.get("LRBENCH_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        print("screenshots: give one report, such as reports/tutorial.html; make it with make report.", file=sys.stderr)
        return 2
    if path is None:
        print(f"screenshots: install one of {', '.join(BROWSERS)}.", file=sys.stderr)
        return 2
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path)
        for name in VIEWS:
            picture = optimised(screenshot(browser, Path(arguments[0]).resolve().as_uri(), name))
            (FOLDER / f"{name}.png").write_bytes(picture)
            print(f"docs/screenshots/{name}.png: {len(picture) / 1000:.0f} kB")
        browser.close()
    return 0


def screenshot(browser: Browser, address: str, name: str) -> bytes:
    """One view of the page, as PNG."""
    context = browser.new_context(offline=True, **VIEWS[name])
    page = context.new_page()
    page.goto(address)
    if name == "print":
        page.emulate_media(media="print")
        page.add_style_tag(content="body{padding:36px 30px}")  # the margins of the paper
    if name in SCROLLED_TO:
        page.locator(SCROLLED_TO[name]).scroll_into_view_if_needed()
        page.evaluate(f"document.querySelector('{SCROLLED_TO[name]}').scrollIntoView()")
    picture = page.screenshot()
    context.close()
    return picture


def optimised(picture: bytes) -> bytes:
    """The same picture in as many colours as fit into 300 kB, at most 256."""
    for colours in (256, 128, 64, 32):
        buffer = io.BytesIO()
        Image.open(io.BytesIO(picture)).convert("RGB").quantize(colours).save(buffer, "PNG", optimize=True)
        if buffer.tell() < MAX_BYTES:
            break
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
