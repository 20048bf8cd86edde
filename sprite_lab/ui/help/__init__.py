"""Help: guide, explanations, keys, code, updates."""
