"""Training runs, their data and their folders."""
