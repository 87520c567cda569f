# name: none
# title: without group statistics
# plan: I do not compare a row with the others of its group.
# Rows are not compared with others of their group.
