"""Tasks of Measure."""
