"""Following a training run of another process, on this machine or another; without torch."""
