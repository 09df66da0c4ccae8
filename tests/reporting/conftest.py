from support.reports import report_of

__all__ = ["report_of"]
