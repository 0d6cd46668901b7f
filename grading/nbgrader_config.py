"""nbgrader's configuration for the class in grading/class/: run nbgrader's own commands from this folder."""

from pathlib import Path

c = get_config()  # noqa: F821 (nbgrader provides it)
_here = Path(__file__).resolve().parent

c.CourseDirectory.root = str(_here / "class")
c.CourseDirectory.course_id = "kindling"
c.CourseDirectory.db_url = f"sqlite:///{_here / 'class' / 'gradebook.db'}"

# What a student writes is shown in formgrader: markup in it is cleaned.
c.HTMLExporter.sanitize_html = True

# Feedback is one self-contained page without a foreign request.
c.GenerateFeedback.exporter_class = "grading.reports.FeedbackExporter"
c.FeedbackExporter.template_name = "kindling"
c.FeedbackExporter.extra_template_basedirs = [str(_here / "templates")]
