"""Tables on disk: their contracts, and how they are read, checked and written."""
