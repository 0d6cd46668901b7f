"""nbgrader in the students' servers: which course, and where its exchange is; jupyterhub_config.py says the folder."""

import os

c = get_config()  # noqa: F821 (nbgrader provides it)
c.CourseDirectory.course_id = "kindling"
c.Exchange.root = os.environ["KINDLING_EXCHANGE"]
