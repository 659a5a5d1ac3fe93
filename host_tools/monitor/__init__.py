"""What follows a target's console: log lines, framed ones among them, and everything else."""
