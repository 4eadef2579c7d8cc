"""Sphinx: how the site of course and documents is built (`make site`). Source folder: the project's root."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "Training Loops: Build, Break, Defend"
author = "the course's authors"
project_copyright = ""
extensions = ["myst_parser", "lesson_pages", "offline", "cards"]

root_doc = "docs/site/index"
source_suffix = {".md": "markdown", ".ipynb": "lesson"}
include_patterns = [
    "docs/*.md",
    "docs/site/index.md",
    "benchmarks/*.md",
    "course/*/*.ipynb",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
]
exclude_patterns = [".*", "**/.ipynb_checkpoints", "build", "demo", "solutions", "submitted", "autograded", "feedback"]

myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_fence_as_directive = ["mermaid"]
myst_heading_anchors = 4
myst_heading_slug_func = "lesson_pages.anchor"
nitpicky = True  # a link to nothing is a warning, and a warning stops the build

smartquotes = False  # quotation marks as the notebooks have them

html_theme = "furo"
html_title = project
html_math_renderer = "mathml"
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_static_path = ["static"]
html_additional_pages = {"index": "to_the_landing_page.html"}
templates_path = ["templates"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_theme_options = {
    "light_css_variables": {"color-code-background": "#f3f4f6"},
    "dark_css_variables": {"color-code-background": "#1e2126"},
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
