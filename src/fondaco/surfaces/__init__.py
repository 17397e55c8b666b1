"""Surfaces: how people and programs reach the desk; each parses, invokes and renders."""
