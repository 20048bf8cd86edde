"""Inpaint: how kept pixels guide the others, step by step, with several ways of inpainting."""
