"""The untrusted side: the only part of the grader that lives in one process tree with student code."""
