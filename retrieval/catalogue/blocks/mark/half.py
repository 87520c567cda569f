# name: half
# title: with a threshold of one half
# plan: I average the models' chances and mark the pixels that are more likely in the mask than not.
# light: yes
for model in models.values():
    model.fit(np.arange(len(y)))
marked = [np.mean([model.predict(1, row) for model in models.values()], axis=0) >= 0.5 for row in range(len(test))]
