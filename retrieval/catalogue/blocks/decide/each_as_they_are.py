# name: each as it is
# title: without limits for each target
# plan: I hand in the predictions of each target as they come from the models.
# needs: {prediction: number, several: true}
decision = predictions
