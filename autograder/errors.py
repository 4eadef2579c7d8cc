"""Errors that a person can mend: one clear sentence each (what, where, what to do). The command line exits with 2.

InputError
├── SourceError      a lesson's sources cannot be read       (authoring.sources)
├── RecordError      an answer key cannot be recorded        (authoring.record)
├── BundleError      the learner's bundle cannot be made     (authoring.bundle)
├── CourseError      there is no usable course here          (authoring.course)
├── EntryError       an answer cannot become a known mistake (grading.entry)
├── GradebookError   the database does not fit the lesson    (grading.gradebook)
└── SandboxError     learner code cannot be locked in here   (grading.sandbox)
"""

from __future__ import annotations


class InputError(RuntimeError):
    """Something that the person who runs the program can mend; its text is the sentence to show."""
