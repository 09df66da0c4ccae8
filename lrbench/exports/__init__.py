"""What is taken from finished experiments into other tools, a module each."""
