"""Everything a browser talks to. A folder for each page; imports deeptrace_core and nothing else of ours."""
