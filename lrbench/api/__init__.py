"""What programs and notebooks get of finished experiments and studies, checked as the stages check it."""
