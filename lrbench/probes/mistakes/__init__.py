"""What the runs at the recommended rate get wrong: `measurement` counts it, `section` shows it."""

ID = "mistakes"
COMMAND = "examine"
ABOUT = "Examine which validation examples the runs at the recommended rate get wrong."
FOLLOWS_ANALYSIS = True
MOST_CLASSES = 20  # of a confusion matrix that can be read; of more classes the most frequent confusions are listed
