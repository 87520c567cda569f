# name: none
# title: without cleaning
# plan: I leave the values as they are in the files.
# Nothing is cleaned: the values stay as they are in the files.
