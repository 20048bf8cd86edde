"""Map: sprites, samples and their trajectories on a plane."""
