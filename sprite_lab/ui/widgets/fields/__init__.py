"""Fields, buttons and labels."""
