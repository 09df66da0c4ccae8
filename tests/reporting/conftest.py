from support.browser import browser, opened
from support.reports import report_of

__all__ = ["browser", "opened", "report_of"]
