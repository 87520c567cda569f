# name: plain
# plan: I train vectors of words and pairs of words whose weighted mean tells the answer (as fastText does; Joulin et al. 2016), with words left out at random, and average two such networks.
import torch
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import TfidfVectorizer
from torch import nn

torch.set_num_threads(THREADS)
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


#> shared/learns_target


class WordVectors(LearnsTarget, BaseEstimator):
    """The number of passes follows from the work and SECONDS, not from the clock."""

    def __init__(self, size=48, rate=0.02, left_out=0.2, members=2, most_passes=6, random_state=SEED):
        self.size, self.rate, self.left_out, self.members = size, rate, left_out, members
        self.most_passes, self.random_state = most_passes, random_state

    def fit(self, X, y):
        torch.manual_seed(self.random_state)
        truth, outputs = self._truth(y)
        self.weights = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), token_pattern=r"[\w']+|[!?]", max_features=150_000, dtype=np.float32)
        weights = self.weights.fit_transform(self._joined(X))
        batch = 128 if len(X) > 3000 else 32
        steps = -(-len(X) // batch)
        seconds = self.members * (weights.nnz * self.size * 6e-8 + steps * 2e-3)  # of a pass, about, on one thread
        passes = self.most_passes if DEVICE == "cuda" else int(np.clip(0.5 * SECONDS * THREADS / seconds, 2, self.most_passes))
        self.networks = [self._train(weights, truth, outputs, batch, passes) for _ in range(self.members)]
        return self

    def predict_proba(self, X):
        return np.mean([torch.softmax(out, 1).numpy() for out in self._views(X)], axis=0)

    def predict(self, X):
        return np.mean([out[:, 0].numpy() for out in self._views(X)], axis=0) * self.spread + self.centre

    def _train(self, weights, truth, outputs, batch, passes):
        vectors = nn.EmbeddingBag(weights.shape[1], self.size, mode="sum", sparse=True).to(DEVICE)
        nn.init.normal_(vectors.weight, std=0.1)
        head = nn.Sequential(nn.Dropout(0.2), nn.Linear(self.size, outputs)).to(DEVICE)
        optimizers = [torch.optim.SparseAdam(vectors.parameters(), lr=self.rate), torch.optim.AdamW(head.parameters(), lr=self.rate / 4)]
        steps = passes * -(-weights.shape[0] // batch)
        schedules = [torch.optim.lr_scheduler.LinearLR(one, 1.0, 0.05, steps) for one in optimizers]
        for _ in range(passes):
            head.train()
            for rows in torch.randperm(weights.shape[0]).split(batch):
                out = head(self._sums(vectors, weights[rows.numpy()], self.left_out))
                wanted = truth[rows].to(DEVICE)
                loss = nn.functional.cross_entropy(out, wanted) if LEARN_CLASSES else nn.functional.mse_loss(out[:, 0], wanted)
                for one in optimizers:
                    one.zero_grad()
                loss.backward()
                for one in (*optimizers, *schedules):
                    one.step()
        return vectors, head.eval()

    def _sums(self, vectors, weights, left_out=0.0):
        """The weighted sum of each text's vectors: rows × size."""
        places = torch.from_numpy(weights.indices.astype(np.int64))
        shares = torch.from_numpy(weights.data.astype(np.float32))
        if left_out:
            shares = shares * (torch.rand(len(shares)) >= left_out) / (1 - left_out)
        starts = torch.from_numpy(weights.indptr[:-1].astype(np.int64))
        return vectors(places.to(DEVICE), starts.to(DEVICE), per_sample_weights=shares.to(DEVICE))

    def _joined(self, X):
        return X[texts].fillna("").astype(str).agg(" \n ".join, axis=1)

    @torch.no_grad()
    def _views(self, X):
        weights = self.weights.transform(self._joined(X))
        parts = [weights[start : start + 4096] for start in range(0, weights.shape[0], 4096)]
        return [torch.cat([head(self._sums(vectors, part)).cpu() for part in parts]) for vectors, head in self.networks]


models["word vectors"] = WordVectors(size=48, rate=0.02, left_out=0.2, members=2, most_passes=6)
