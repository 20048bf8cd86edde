"""Train: start and steer a training run, and watch its loss and its samples from one noise."""
