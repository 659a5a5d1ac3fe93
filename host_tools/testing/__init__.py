"""Tests that run on a board: the files of tests/target, each on every board that can do what it needs."""
