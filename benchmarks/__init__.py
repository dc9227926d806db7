"""Speed and endurance, measured against real services. Not part of the tests."""
