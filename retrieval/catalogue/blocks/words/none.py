# name: none
# title: without words
# plan: I do not look into the text columns.
# The words of the text columns are not looked at.
