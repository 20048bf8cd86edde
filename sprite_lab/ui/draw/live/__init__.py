"""What Live and the judge show on canvas and grid, and their switches."""
