"""Still pictures: PNG, sheets, palettes.

Imports core, numpy and Pillow. Runs on any thread but the UI's.
"""
