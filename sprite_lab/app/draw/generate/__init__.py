"""Drawing into cells with a model: requests, their jobs, and the 64 variations to choose from."""
