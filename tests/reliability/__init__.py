"""Long reliability trials, run by hand and each night. A short part of each is a test."""
