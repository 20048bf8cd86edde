"""What was measured, as values.

Imports numpy and the standard library. Frozen values that any thread may hold.
"""
