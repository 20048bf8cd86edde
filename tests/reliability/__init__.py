"""Long reliability trials, run manually and nightly. Tests run a short part of each."""
