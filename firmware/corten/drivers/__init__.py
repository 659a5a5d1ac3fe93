"""Drivers: one file for each version of an IP block, holding its register table and its driver."""
