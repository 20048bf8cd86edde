"""Training runs, their data, and the run folder."""
