"""Grading: from submissions to grades. Verdicts are made here, in the trusted process, from data."""
