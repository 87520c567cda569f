class LearnsTarget:
    """What networks have in common: the target as a tensor. Numbers are learned on the scale of their spread."""

    def _truth(self, y):
        """(the target of each row, how many numbers the network gives a row)."""
        self.classes_ = np.unique(y)
        if LEARN_CLASSES:
            return torch.tensor(np.searchsorted(self.classes_, y)), len(self.classes_)
        self.centre, self.spread = np.mean(y), np.std(y) or 1.0
        return torch.tensor((y - self.centre) / self.spread, dtype=torch.float32), 1
