"""The course app: the command, the checks engine, the lesson builder, the lab's settings and the site."""
