# name: plain
# plan: I train a network on waves of the ranked numbers and on embedded categories: four members that share their layers and differ in signs and heads (TabM, Gorishniy 2024), averaged.
import torch
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OrdinalEncoder, QuantileTransformer, StandardScaler
from torch import nn

torch.set_num_threads(THREADS)
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


class Members(nn.Module):
    """rows × columns -> rows × members × outputs."""

    def __init__(self, numbers, sizes, outputs, width, members, dropout):
        super().__init__()
        self.numbers, waves = numbers, 12
        self.frequencies = nn.Parameter(torch.randn(numbers, waves) * 0.3)
        self.of_waves = nn.Parameter(torch.randn(numbers, 2 * waves + 1, 10) * 0.2)
        self.tables = nn.ModuleList(nn.Embedding(size + 1, min(16, 2 + size // 2)) for size in sizes)
        width_in = numbers * 10 + sum(table.embedding_dim for table in self.tables)
        self.signs = nn.Parameter((torch.randint(0, 2, (members, width_in)) * 2 - 1).float())
        self.layers = nn.Sequential(nn.Linear(width_in, width), nn.ReLU(), nn.Dropout(dropout), nn.Linear(width, width), nn.ReLU(), nn.Dropout(dropout))
        self.heads = nn.Parameter(torch.randn(members, width, outputs) / width**0.5)
        self.offsets = nn.Parameter(torch.zeros(members, outputs))

    def forward(self, x):
        values, codes = x[:, : self.numbers], x[:, self.numbers :].long()
        turns = 2 * torch.pi * values[..., None] * self.frequencies
        waves = torch.cat([torch.sin(turns), torch.cos(turns), values[..., None]], -1)
        parts = [torch.relu(torch.einsum("rnw,nwo->rno", waves, self.of_waves)).flatten(1)]
        parts += [table(codes[:, place]) for place, table in enumerate(self.tables)]
        inner = self.layers(torch.cat(parts, 1)[:, None, :] * self.signs)
        return torch.einsum("rmw,mwo->rmo", inner, self.heads) + self.offsets


#> shared/learns_target


class TableNetwork(LearnsTarget, BaseEstimator):
    """The number of passes follows from the rows and the time that a script may take, not from the clock."""

    def __init__(self, width=96, members=4, dropout=0.15, rate=0.003, most_passes=40, random_state=SEED):
        self.width, self.members, self.dropout, self.rate = width, members, dropout, rate
        self.most_passes, self.random_state = most_passes, random_state

    def fit(self, X, y):
        torch.manual_seed(self.random_state)
        ranks = QuantileTransformer(n_quantiles=min(1000, len(X)), output_distribution="normal", random_state=SEED)
        codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
        filled = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), ranks, StandardScaler())
        self.columns = make_column_transformer((filled, numeric), (codes, categorical))
        table = self._table(X)
        sizes = [int(table[:, -place].max()) + 1 for place in range(len(categorical), 0, -1)]
        truth, outputs = self._truth(y)
        self.network = Members(table.shape[1] - len(sizes), sizes, outputs, self.width, self.members, self.dropout).to(DEVICE)
        batch = 256 if len(X) > 4000 else 64
        cost = len(X) * 1e-9 * self.members * self.width * (10 * table.shape[1] + self.width)  # seconds of a pass, about
        passes = int(np.clip(0.6 * SECONDS / cost, 4, self.most_passes))
        optimizer = torch.optim.AdamW(self.network.parameters(), lr=self.rate, weight_decay=0.03)
        steps = passes * -(-len(X) // batch)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, self.rate, total_steps=steps)
        table, truth = torch.from_numpy(table), truth.to(DEVICE)
        self.network.train()
        for _ in range(passes):
            for rows in torch.randperm(len(table)).split(batch):
                out = self.network(table[rows].to(DEVICE))
                wanted = truth[rows.to(DEVICE)][:, None].expand(out.shape[:2])
                loss = nn.functional.cross_entropy(out.flatten(0, 1), wanted.flatten()) if LEARN_CLASSES else ((out[..., 0] - wanted) ** 2).mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
        return self

    def predict_proba(self, X):
        return torch.softmax(self._run(X), -1).mean(1).numpy()

    def predict(self, X):
        return self._run(X)[..., 0].mean(1).numpy() * self.spread + self.centre

    def _table(self, X):
        fitted = hasattr(self.columns, "transformers_")
        table = np.asarray(self.columns.transform(X) if fitted else self.columns.fit_transform(X), dtype=np.float32)
        if categorical:
            table[:, -len(categorical) :] += 1  # what was never seen is 0
        return table

    @torch.no_grad()
    def _run(self, X):
        self.network.eval()
        return torch.cat([self.network(part.to(DEVICE)).cpu() for part in torch.from_numpy(self._table(X)).split(4096)])


models["table network"] = TableNetwork(width=96, members=4, dropout=0.15, rate=0.003, most_passes=40)
