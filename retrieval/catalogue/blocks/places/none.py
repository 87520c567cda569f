# name: none
# title: without places
# plan: I use longitude and latitude as they are.
# Longitude and latitude are used as they are.
