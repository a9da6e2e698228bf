"""Statements written once, and the types of columns that behave the same on both databases."""
