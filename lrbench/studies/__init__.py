"""What compares the variants of a study.

It reads what analysis and findings concluded of each variant, and neither of them knows it.
"""
