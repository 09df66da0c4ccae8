"""What figures are made of: colours and markers of rates, panels, marks, curves, ticks, and phrases of their words."""
