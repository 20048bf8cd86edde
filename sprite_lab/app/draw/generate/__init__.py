"""What the model draws into cells: requests, their jobs, and the 64 variations to choose from."""
