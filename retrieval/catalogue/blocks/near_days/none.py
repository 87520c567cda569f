# name: none
# title: without near days
# plan: I do not look at the target on near days.
# The target on near days is not looked at.
