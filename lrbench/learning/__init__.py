"""Everything that trains. TensorFlow is imported here and nowhere else, inside functions."""
