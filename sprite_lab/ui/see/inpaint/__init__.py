"""Inpaint: how kept pixels lead the others, step by step and in several ways."""
