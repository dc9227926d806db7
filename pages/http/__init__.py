"""What an HTTP client talks to, beside the pages: one file a concept."""
