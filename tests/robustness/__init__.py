"""Robustness campaigns (`make prove`): each one breaks something on purpose and counts the consequences."""
