"""Plausible wrong answers for every exercise: (what the learner believes, the misconception that is named, the answer).

`INDEPENDENT` was written from the notebook alone, by two who saw no misconception: twenty an exercise. Whether a
sentence is true of an answer was judged by reading the two beside each other. None: no misconception is named, and
what was expected stands against what came. A new exercise brings its own ten.
"""

from tests.course.lessons.plausible import exercises, exercises_4_to_6, others, second_hand, second_hand_4_to_6

FIRST = exercises.ANSWERS | exercises_4_to_6.ANSWERS
SECOND = second_hand.ANSWERS | second_hand_4_to_6.ANSWERS
INDEPENDENT = {name: [*FIRST[name], *SECOND[name]] for name in FIRST}
OTHERS = others.ANSWERS
