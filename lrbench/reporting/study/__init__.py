"""The page of a study: its figures, and what it shows of each variant."""
