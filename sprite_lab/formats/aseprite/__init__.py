"""Aseprite files."""
