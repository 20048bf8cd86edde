"""``sprite-lab serve``: a model for other programs on this machine.

The server has its own threads, of which one at a time uses the model.
"""
