"""`corten trace`: a recording of `corten.trace` is taken from a target; of it a summary, JSON and a page are made."""
