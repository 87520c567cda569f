# name: most likely
# title: without a fitted threshold
# plan: I choose the most likely class.
# light: yes
# needs: {prediction: label, several: false}
decision = prediction.argmax(axis=1)
