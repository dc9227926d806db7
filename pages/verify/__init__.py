"""Check a report or a proof file: is it intact, who anchored it, and when?"""
