# name: none
# title: without comparing the texts
# plan: I do not compare the texts of a row with each other.
# The texts of a row are not compared with each other.
