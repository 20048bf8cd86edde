"""Animations and videos."""
