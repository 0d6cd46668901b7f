"""The instructor's side: student code runs in a sandbox, answers are compared outside it, marks go to nbgrader."""
