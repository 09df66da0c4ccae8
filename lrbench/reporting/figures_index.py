"""The name of the file in which figures and page meet."""

INDEX = "figures.json"
