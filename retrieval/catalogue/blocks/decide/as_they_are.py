# name: as they are
# title: without limits
# plan: I hand in the predictions as they come from the models.
# needs: {prediction: number, several: false}
decision = prediction
