# name: none
# title: without sums and ratios
# plan: I use the numbers one by one.
# The numbers are used one by one.
