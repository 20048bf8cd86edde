"""Race: samplers, step counts and models from the same noise."""
