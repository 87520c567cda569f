# name: most likely of each
# plan: I choose the most likely class of each target.
# light: yes
# needs: {prediction: label, several: true}
decision = [values.argmax(axis=1) for values in predictions]
