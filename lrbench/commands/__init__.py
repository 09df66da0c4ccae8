"""What each subcommand of `lrbench` does: it reads its inputs, calls one package, and writes its outputs.

A subcommand is a function whose parameters are its flags. Nothing is decided here, and each function imports what it
needs when it is called, so that `lrbench --help` is quick and TensorFlow is loaded only where a model is trained.
"""
