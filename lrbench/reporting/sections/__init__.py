"""What the sections of the page say: looked up in tables and put into words, nothing computed anew."""
