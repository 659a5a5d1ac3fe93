"""A vendor's CMSIS-SVD file in, register modules out: load, patch, read, fold, generate."""
