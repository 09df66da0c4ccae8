"""Measures, statistics and conclusions: tables in, tables out, every function pure."""
