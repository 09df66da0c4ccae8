"""What makes two results the same: digests of data and code, run keys, files written whole."""
