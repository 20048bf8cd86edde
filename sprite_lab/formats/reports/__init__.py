"""Reports, charts and model cards.

Imports core, numpy and Pillow. Runs on any thread but the UI's.
"""
