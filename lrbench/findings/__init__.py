"""What an analysis says: numbers, observations, claims and the recommendation, each with its evidence."""
