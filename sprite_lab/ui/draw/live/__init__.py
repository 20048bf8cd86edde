"""Live and the judge on the canvas and the grid, and their switches."""
