"""The probes, one module a lesson: how we look at an answer, never what we expect of it."""
