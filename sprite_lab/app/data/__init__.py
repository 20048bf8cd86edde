"""State and tasks of Data."""
