# name: none
# title: without gradients
# plan: I use the pixels as they are.
# The pixels are used as they are.
