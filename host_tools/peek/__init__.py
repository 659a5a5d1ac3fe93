"""What a peripheral's registers say on a live target: found, read in one round trip, decoded and shown."""
