"""Race: samplers, numbers of steps and models from the same noise."""
