"""The reverse process with a model: samples, branches, races and interpolations."""
