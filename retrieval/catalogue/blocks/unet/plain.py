# name: plain
# plan: I train a small U-Net on patches of the pictures, turned and mirrored, to predict what must be added to each pixel.
import torch
from torch import nn

torch.manual_seed(SEED)
torch.set_num_threads(THREADS)
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


class SmallUNet(nn.Module):
    """Two levels; the output is added to the input."""

    def __init__(self, width=24):
        super().__init__()

        def pair(before, after):
            return nn.Sequential(nn.Conv2d(before, after, 3, padding=1), nn.ReLU(), nn.Conv2d(after, after, 3, padding=1), nn.ReLU())

        self.top, self.middle, self.bottom = pair(1, width), pair(width, 2 * width), pair(2 * width, 4 * width)
        self.up_middle, self.up_top = pair(6 * width, 2 * width), pair(3 * width, width)
        self.out, self.pool = nn.Conv2d(width, 1, 1), nn.MaxPool2d(2)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")

    def forward(self, x):
        top = self.top(x)
        middle = self.middle(self.pool(top))
        bottom = self.bottom(self.pool(middle))
        middle = self.up_middle(torch.cat([self.up(bottom), middle], 1))
        return x + self.out(self.up_top(torch.cat([self.up(middle), top], 1)))


class Restorer:
    """Trains on random patches; the number of steps is fixed, whatever the machine."""

    def __init__(self, steps=600, width=24):
        self.steps, self.width = steps, width

    def fit(self, pictures, truths):
        side, batch = 64, 16
        lots = np.random.default_rng(SEED)
        padded = [[np.pad(one, [(0, max(0, side - length)) for length in one.shape], mode="edge") for one in pair] for pair in zip(pictures, truths)]
        self.network = SmallUNet(self.width).to(DEVICE)
        optimizer = torch.optim.AdamW(self.network.parameters(), lr=2e-3)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=self.steps)
        for _ in range(self.steps):
            patches = []
            for _ in range(batch):
                picture, truth = padded[lots.integers(len(padded))]
                down, right = (lots.integers(length - side + 1) for length in picture.shape)
                turns, mirrored = lots.integers(4), lots.integers(2)
                cut = np.stack([one[down : down + side, right : right + side] for one in (picture, truth)])
                patches.append(np.rot90(cut[..., ::-1] if mirrored else cut, turns, axes=(1, 2)))
            both = torch.from_numpy(np.stack(patches).astype(np.float32)).to(DEVICE)
            loss = nn.functional.mse_loss(self.network(both[:, :1]), both[:, 1:])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        return self

    @torch.no_grad()
    def predict(self, pictures):
        restored = []
        for picture in pictures:
            height, width = picture.shape
            whole = np.pad(picture, ((0, -height % 4), (0, -width % 4)), mode="edge").astype(np.float32)
            restored.append(self.network(torch.from_numpy(whole)[None, None].to(DEVICE))[0, 0, :height, :width].cpu().numpy())
        return restored


models["U-Net"] = Restorer(steps=600, width=24)
