"""Authoring: from the instructor's sources under `solutions/` to what learners get. Never installed with a learner."""

from autograder.authoring.sources import equivalent, mistake, variant

__all__ = ["equivalent", "mistake", "variant"]
