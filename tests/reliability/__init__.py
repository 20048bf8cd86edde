"""Long trials of what must not break; run by hand, a short part of each is a test."""
