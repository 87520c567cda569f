# name: probabilities
# plan: I hand in the probabilities, kept off exactly 0 and 1.
# needs: {prediction: probability, several: false}
decision = np.clip(prediction, 1e-6, 1 - 1e-6)
