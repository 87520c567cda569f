# name: none
# title: without the files' sizes
# plan: I do not look at the files of the rows.
# The files of the rows are not looked at.
