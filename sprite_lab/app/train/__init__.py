"""State and tasks of Train."""
