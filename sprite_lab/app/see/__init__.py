"""State and tasks of See."""
