"""Long reliability trials, run manually and nightly. A short part of each is a test."""
