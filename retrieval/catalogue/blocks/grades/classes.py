# name: classes
# plan: I let the models learn the grades as classes, without their order.
# title: without the grades' order
LEARN_CLASSES = True
