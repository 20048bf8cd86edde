"""Live and the judge on canvas and grid, and their switches."""
