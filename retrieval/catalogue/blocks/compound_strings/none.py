# name: none
# title: without parts of strings
# plan: I leave strings that hold several values whole.
# Strings that hold several values are left whole.
