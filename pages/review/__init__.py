"""The page of one job: progress, then its report."""
