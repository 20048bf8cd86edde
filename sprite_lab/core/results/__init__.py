"""Measurements as values."""
