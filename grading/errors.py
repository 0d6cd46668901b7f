"""What an instructor can do something about: the message is one sentence for each thing that is wrong."""


class Refused(Exception):
    """What was asked for cannot be done; the message says why."""
