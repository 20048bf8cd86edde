"""What cells ask of a model and how they are generated: the inspector, and a page of variations."""
