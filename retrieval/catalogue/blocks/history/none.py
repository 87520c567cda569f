# name: none
# title: without the past
# plan: I leave out what the target was before.
# The past of the target is left out.
