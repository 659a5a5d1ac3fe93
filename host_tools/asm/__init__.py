"""What a function was lowered and compiled to: its code beside its source."""
