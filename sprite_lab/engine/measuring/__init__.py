"""How good a model or its samples are: likelihood, quality, neighbors, thermodynamics."""
