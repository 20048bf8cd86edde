"""``sprite-lab serve``: a model for other programs on this machine.

May import what ``sprite_lab.engine`` may. The server has its own threads; one at a time uses the
model.
"""
