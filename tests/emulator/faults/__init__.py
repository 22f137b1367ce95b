"""Faults that a test injects: which requests they affect, and what happens to the answer."""
