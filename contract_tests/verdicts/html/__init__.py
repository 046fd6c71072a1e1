"""A run as one page: page (the whole), markup (elements), failures, coverage, rules, rest (its parts)."""
