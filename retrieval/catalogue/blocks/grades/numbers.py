# name: numbers
# plan: The classes are grades, and their order counts: I let the models learn the grade as a number, which takes one set of trees instead of one for each class.
# title: without classes
LEARN_CLASSES = False
