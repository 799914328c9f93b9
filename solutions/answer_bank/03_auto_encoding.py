"""Answers to notebook 3 that its checks are tested on. Each cell runs after the solution and replaces functions of it."""
# ruff: noqa

# %% exercise="pca_codes" wrong="not centred"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    basis = torch.linalg.svd(X, full_matrices=False).Vh[:k]
    return X @ basis.T, basis, X.mean(0)

# %% exercise="pca_codes" wrong="directions of centred data, codes of data that is not"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k]
    return X @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="the smallest first"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    basis = torch.linalg.eigh((X - mean).T @ (X - mean)).eigenvectors.T[:k]
    return (X - mean) @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="the largest k, the smallest of them first"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    basis = torch.linalg.eigh((X - mean).T @ (X - mean)).eigenvectors.T[-k:]
    return (X - mean) @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="basis in columns"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k].T
    return (X - mean) @ basis, basis, mean

# %% exercise="pca_codes" wrong="V taken for its transpose"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh.T[:k]
    return (X - mean) @ torch.linalg.pinv(basis)[:, :k], basis, mean

# %% exercise="pca_codes" wrong="codes without their spread"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    U, S, Vh = torch.linalg.svd(X - mean, full_matrices=False)
    return U[:, :k], Vh[:k], mean

# %% exercise="pca_codes" wrong="standardised columns"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    Z = (X - mean) / X.std(0)
    basis = torch.linalg.svd(Z, full_matrices=False).Vh[:k]
    return Z @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="codes of the other sign"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k]
    return (mean - X) @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="one mean for all columns"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean().expand(X.shape[1])
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k]
    return (X - mean) @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="mean with a dimension too many"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0, keepdim=True)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k]
    return (X - mean) @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="any k"
def pca_codes(X, k):
    mean = X.mean(0)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k]
    return (X - mean) @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="k compared with the larger side"
def pca_codes(X, k):
    if not 1 <= k <= max(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k]
    return (X - mean) @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="the last component refused"
def pca_codes(X, k):
    if not 1 <= k < min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k]
    return (X - mean) @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="Gram matrix, divided by a spread that may be zero"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    Z = X - mean
    values, vectors = torch.linalg.eigh(Z @ Z.T)
    basis = (vectors.flip(1)[:, :k].T @ Z) / values.flip(0)[:k, None].clamp_min(0).sqrt()
    return Z @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="median instead of mean"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.median(0).values
    basis = torch.linalg.svd(X - X.mean(0), full_matrices=False).Vh[:k]
    return (X - mean) @ basis.T, basis, mean

# %% exercise="pca_codes" wrong="basis scaled by the singular values"
def pca_codes(X, k):
    if not 1 <= k <= min(X.shape):
        raise ValueError("k")
    mean = X.mean(0)
    U, S, Vh = torch.linalg.svd(X - mean, full_matrices=False)
    basis = S[:k, None] * Vh[:k]
    return U[:, :k], basis, mean

# %% exercise="pca_codes" wrong="an assertion instead of a ValueError"
def pca_codes(X, k):
    assert 1 <= k <= min(X.shape)
    mean = X.mean(0)
    basis = torch.linalg.svd(X - mean, full_matrices=False).Vh[:k]
    return (X - mean) @ basis.T, basis, mean

# %% exercise="pca_codes" right="eigenvectors of the covariance"
def pca_codes(X, k):
    n, d = X.shape
    if k < 1 or k > n or k > d:
        raise ValueError("no such number of components")
    mean = X.sum(0) / n
    centred = X - mean
    covariance = centred.T @ centred / n
    basis = torch.linalg.eigh(covariance)[1].flip(-1)[:, :k].T
    return torch.einsum("nd,kd->nk", centred, basis), basis, mean

# %% exercise="pca_codes" right="numpy, other signs"
def pca_codes(X, k):
    import numpy
    if k not in range(1, min(X.shape) + 1):
        raise ValueError(k)
    A = X.numpy()
    U, S, Vh = numpy.linalg.svd(A - A.mean(axis=0), full_matrices=False)
    U, Vh = -U, -Vh
    return torch.from_numpy(U[:, :k] * S[:k]), torch.from_numpy(Vh[:k]), torch.from_numpy(A.mean(axis=0))

# %% exercise="pca_codes" right="deflation by power iteration in float64"
def pca_codes(X, k):
    if not 0 < k <= min(X.shape):
        raise ValueError("k must be positive, and at most n and d")
    mean = X.double().mean(0)
    centred = X.double() - mean
    basis = torch.zeros(0, X.shape[1], dtype=torch.float64)
    for i in range(k):
        v = torch.cos(torch.arange(X.shape[1], dtype=torch.float64) * (i + 1.3) ** 2)
        for _ in range(400):
            w = centred.T @ (centred @ v)
            w = w - basis.T @ (basis @ w)
            if w.norm() > 1e-9 * centred.norm() ** 2 * v.norm():
                v = w
            v = v - basis.T @ (basis @ v)
            v = v / v.norm()
        basis = torch.cat([basis, v[None]])
    return ((centred @ basis.T).to(X), basis.to(X), mean.to(X))

# %% exercise="auto_encoder" wrong="code through ReLU"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def forward(self, images):
        return super().forward(images).relu()

# %% exercise="auto_encoder" wrong="code through tanh"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def forward(self, images):
        return super().forward(images).tanh()

# %% exercise="auto_encoder" wrong="code normalised"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def forward(self, images):
        return F.normalize(super().forward(images), dim=-1)

# %% exercise="auto_encoder" wrong="stride by pooling"
class ImageEncoder(nn.Module):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__()
        widths = [channels, width, 2 * width, 4 * width]
        self.steps = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(widths))
        self.last = nn.Linear(4 * width * math.ceil(size / 8) ** 2, code_length)
    def forward(self, images):
        x = images.reshape(-1, *images.shape[-3:]).permute(0, 3, 1, 2)
        for step in self.steps:
            x = F.max_pool2d(step(x).relu(), 2, ceil_mode=True)
        return self.last(x.flatten(1)).reshape(*images.shape[:-3], -1)

# %% exercise="auto_encoder" wrong="no padding"
class ImageEncoder(nn.Module):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__()
        widths = [channels, width, 2 * width, 4 * width]
        layers = []
        for a, b in pairwise(widths):
            layers += [nn.Conv2d(a, b, 3, stride=2), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.LazyLinear(code_length))
        self.layers(torch.zeros(1, channels, 16 if size < 16 else size, 16 if size < 16 else size))
    def forward(self, images):
        codes = self.layers(images.reshape(-1, *images.shape[-3:]).movedim(-1, 1))
        return codes.reshape(*images.shape[:-3], -1)

# %% exercise="auto_encoder" wrong="same width in all layers"
class ImageEncoder(nn.Module):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, width, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(width, width, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(width, width, 3, stride=2, padding=1), nn.ReLU(),
            nn.Flatten(), nn.Linear(width * math.ceil(size / 8) ** 2, code_length),
        )
    def forward(self, images):
        codes = self.layers(images.reshape(-1, *images.shape[-3:]).movedim(-1, 1))
        return codes.reshape(*images.shape[:-3], -1)

# %% exercise="auto_encoder" wrong="flattened channels last"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def forward(self, images):
        x = images.reshape(-1, *images.shape[-3:]).movedim(-1, 1)
        x = self.layers[:6](x)
        codes = self.layers[7](x.movedim(1, -1).flatten(1))
        return codes.reshape(*images.shape[:-3], -1)

# %% exercise="auto_encoder" wrong="no ReLU after the last convolution"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.layers[5]

# %% exercise="auto_encoder" wrong="leaky ReLU"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for i in (1, 3, 5):
            self.layers[i] = nn.LeakyReLU(0.01)

# %% exercise="auto_encoder" wrong="GELU"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for i in (1, 3, 5):
            self.layers[i] = nn.GELU()

# %% exercise="auto_encoder" wrong="batch normalisation"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__(channels, size, code_length, width)
        self.layers.insert(1, nn.BatchNorm2d(width))

# %% exercise="auto_encoder" wrong="batch normalisation without parameters"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        if codes.ndim > 1 and len(codes) > 1:
            codes = (codes - codes.mean(0)) / (codes.std(0) + 1e-5)
        return super().forward(codes)

# %% exercise="auto_encoder" wrong="dropout"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers.insert(7, nn.Dropout(0.2))

# %% exercise="auto_encoder" wrong="images taken for channels first"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def forward(self, images):
        shape = (-1, images.shape[-1], *images.shape[-3:-1])
        return self.layers(images.reshape(shape)).reshape(*images.shape[:-3], -1)

# %% exercise="auto_encoder" wrong="rows and columns exchanged"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def forward(self, images):
        return super().forward(images.transpose(-3, -2))

# %% exercise="auto_encoder" wrong="sides rounded down"
class ImageEncoder(nn.Module):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, width, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(2 * width, 4 * width, 3, stride=2, padding=1), nn.ReLU(),
            nn.Flatten(), nn.Linear(4 * width * (size // 8) ** 2, code_length),
        )
    def forward(self, images):
        codes = self.layers(images.reshape(-1, *images.shape[-3:]).movedim(-1, 1))
        return codes.reshape(*images.shape[:-3], -1)

# %% exercise="auto_encoder" wrong="one batch dimension only"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def forward(self, images):
        return self.layers(images.permute(0, 3, 1, 2))

# %% exercise="auto_encoder" wrong="sigmoid missing"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        return super().forward(codes).logit()

# %% exercise="auto_encoder" wrong="clamp instead of sigmoid"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        return super().forward(codes).logit().clamp(0, 1)

# %% exercise="auto_encoder" wrong="tanh, moved to 0 to 1"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        return super().forward(codes).logit().tanh() / 2 + 0.5

# %% exercise="auto_encoder" wrong="bilinear enlargement"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        x = self.start(codes.reshape(-1, codes.shape[-1]))
        for side, convolve in zip(self.sides, self.steps):
            x = convolve(F.interpolate(F.relu(x), size=(side, side), mode="bilinear"))
        return torch.sigmoid(x).movedim(1, -1).reshape(*codes.shape[:-1], side, side, -1)

# %% exercise="auto_encoder" wrong="zeros between the pixels"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        x = self.start(codes.reshape(-1, codes.shape[-1]))
        for side, convolve in zip(self.sides, self.steps):
            wide = x.new_zeros(*x.shape[:2], 2 * x.shape[2], 2 * x.shape[3])
            wide[..., ::2, ::2] = x.relu()
            x = convolve(wide[..., :side, :side])
        return torch.sigmoid(x).movedim(1, -1).reshape(*codes.shape[:-1], side, side, -1)

# %% exercise="auto_encoder" wrong="doubled each time, cropped at the end"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        x = self.start(codes.reshape(-1, codes.shape[-1]))
        for convolve in self.steps:
            x = convolve(F.interpolate(F.relu(x), scale_factor=2))
        side = self.sides[-1]
        x = x[..., :side, :side]
        return torch.sigmoid(x).movedim(1, -1).reshape(*codes.shape[:-1], side, side, -1)

# %% exercise="auto_encoder" wrong="resized at the end"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        x = self.start(codes.reshape(-1, codes.shape[-1]))
        for convolve in self.steps:
            x = convolve(F.interpolate(F.relu(x), scale_factor=2))
        side = self.sides[-1]
        x = F.interpolate(x, size=(side, side))
        return torch.sigmoid(x).movedim(1, -1).reshape(*codes.shape[:-1], side, side, -1)

# %% exercise="auto_encoder" wrong="ReLU after the enlargement only from the second step"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        x = self.start(codes.reshape(-1, codes.shape[-1]))
        for i, (side, convolve) in enumerate(zip(self.sides, self.steps)):
            x = F.interpolate(x.relu() if i else x, size=(side, side))
            x = convolve(x)
        return torch.sigmoid(x).movedim(1, -1).reshape(*codes.shape[:-1], side, side, -1)

# %% exercise="auto_encoder" wrong="transposed convolutions"
class ImageDecoder(nn.Module):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__()
        self.side = math.ceil(size / 8)
        self.start = nn.Linear(code_length, 4 * width * self.side**2)
        widths = [4 * width, 2 * width, width, channels]
        self.steps = nn.ModuleList(nn.ConvTranspose2d(a, b, 3, stride=2, padding=1, output_padding=1) for a, b in pairwise(widths))
        self.size = size
    def forward(self, codes):
        x = self.start(codes.reshape(-1, codes.shape[-1])).unflatten(-1, (-1, self.side, self.side))
        for step in self.steps:
            x = step(x.relu())
        x = x[..., : self.size, : self.size].sigmoid().movedim(1, -1)
        return x.reshape(*codes.shape[:-1], *x.shape[1:])

# %% exercise="auto_encoder" wrong="decoder flattened channels last"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        x = self.start[0](codes.reshape(-1, codes.shape[-1]))
        side = math.isqrt(x.shape[1] // self.steps[0].in_channels)
        x = x.reshape(-1, side, side, self.steps[0].in_channels).movedim(-1, 1)
        for side, convolve in zip(self.sides, self.steps):
            x = convolve(F.interpolate(F.relu(x), size=(side, side)))
        return torch.sigmoid(x).movedim(1, -1).reshape(*codes.shape[:-1], side, side, -1)

# %% exercise="auto_encoder" wrong="decoder without biases"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__(channels, size, code_length, width)
        widths = [4 * width, 2 * width, width, channels]
        self.steps = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1, bias=False) for a, b in pairwise(widths))

# %% exercise="auto_encoder" wrong="images channels first"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        return super().forward(codes).movedim(-1, -3)

# %% exercise="auto_encoder" wrong="first layer detached"
_Right = ImageDecoder
class ImageDecoder(_Right):
    def forward(self, codes):
        x = self.start(codes.reshape(-1, codes.shape[-1])).detach()
        for side, convolve in zip(self.sides, self.steps):
            x = convolve(F.interpolate(F.relu(x), size=(side, side)))
        return torch.sigmoid(x).movedim(1, -1).reshape(*codes.shape[:-1], side, side, -1)

# %% exercise="auto_encoder" wrong="a second linear layer"
_Right = ImageEncoder
class ImageEncoder(_Right):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__(channels, size, code_length, width)
        self.layers.append(nn.ReLU())
        self.layers.append(nn.Linear(code_length, code_length))

# %% exercise="auto_encoder" right="loops over plain parameters"
class ImageEncoder(nn.Module):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__()
        def drawn(*shape):
            return nn.Parameter(0.1 * torch.randn(shape))
        c = [channels, width, 2 * width, 4 * width]
        side = size
        for _ in range(3):
            side = (side + 1) // 2
        self.out_w, self.out_b = drawn(code_length, c[3] * side * side), drawn(code_length)
        self.w = nn.ParameterList([drawn(c[i + 1], c[i], 3, 3) for i in range(3)])
        self.b = nn.ParameterList([drawn(c[i + 1]) for i in range(3)])
        self.register_buffer("calls", torch.zeros(()))
    def forward(self, images):
        *batch, h, w, c = images.shape
        x = images.reshape(math.prod(batch), h, w, c).permute(0, 3, 1, 2)
        for weight, bias in zip(self.w, self.b):
            x = F.conv2d(F.pad(x, (1, 1, 1, 1)), weight, bias, stride=2).clamp(min=0)
        x = x.reshape(len(x), -1) @ self.out_w.t() + self.out_b
        return x.reshape(*batch, x.shape[-1])
class ImageDecoder(nn.Module):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__()
        self.c3 = nn.Conv2d(width, channels, (3, 3), padding="same")
        self.c2 = nn.Conv2d(2 * width, width, (3, 3), padding="same")
        self.c1 = nn.Conv2d(4 * width, 2 * width, (3, 3), padding="same")
        self.size, self.width = size, width
        self.first = nn.Linear(code_length, 4 * width * (-(-size // 8)) ** 2)
    def forward(self, codes):
        s8, s4, s2 = (-(-self.size // n) for n in (8, 4, 2))
        x = self.first(codes).reshape(-1, 4 * self.width, s8, s8)
        for layer, side in ((self.c1, s4), (self.c2, s2), (self.c3, self.size)):
            x = x.relu().repeat_interleave(2, dim=-1).repeat_interleave(2, dim=-2)
            x = layer(x[:, :, :side, :side])
        x = 1 / (1 + torch.exp(-x))
        return x.permute(0, 2, 3, 1).reshape(*codes.shape[:-1], self.size, self.size, x.shape[1])

# %% exercise="auto_encoder" right="Sequential, upsampling modules, vmap"
class ImageEncoder(nn.Sequential):
    def __init__(self, channels, size, code_length, width=32):
        blocks = [nn.Sequential(nn.Conv2d(a, b, 3, 2, 1), nn.ReLU(inplace=True)) for a, b in ((channels, width), (width, width * 2), (width * 2, width * 4))]
        side = -(-(-(-(-(-size // 2)) // 2)) // 2)
        super().__init__(*blocks, nn.Flatten(0), nn.Linear(width * 4 * side * side, code_length))
    def forward(self, images):
        if images.ndim > 3:
            return torch.stack([self(image) for image in images])
        return super().forward(images.permute(2, 0, 1))
class ImageDecoder(nn.Module):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__()
        sides = [size]
        for _ in range(3):
            sides.insert(0, (sides[0] + 1) // 2)
        self.net = nn.Sequential(
            nn.Linear(code_length, 4 * width * sides[0] ** 2), nn.ReLU(), nn.Unflatten(1, (4 * width, sides[0], sides[0])),
            nn.Upsample((sides[1], sides[1])), nn.Conv2d(4 * width, 2 * width, 3, padding=1), nn.ReLU(),
            nn.Upsample((sides[2], sides[2])), nn.Conv2d(2 * width, width, 3, padding=1), nn.ReLU(),
            nn.Upsample((sides[3], sides[3])), nn.Conv2d(width, channels, 3, padding=1), nn.Sigmoid(),
        )
    def forward(self, codes):
        images = self.net(codes.reshape(-1, codes.shape[-1])).permute(0, 2, 3, 1)
        return images.view(codes.shape[:-1] + images.shape[1:])

# %% exercise="auto_encoder" right="convolution by unfold"
class _Conv(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        self.kernel, self.shift, self.stride = nn.Parameter(torch.randn(b, a, 3, 3) / 9), nn.Parameter(torch.zeros(b)), stride
    def forward(self, x):
        columns = F.unfold(x, 3, padding=1, stride=self.stride)
        y = torch.einsum("ok,bkn->bon", self.kernel.flatten(1), columns) + self.shift[:, None]
        side = (x.shape[-1] - 1) // self.stride + 1
        return y.unflatten(-1, (side, side))
class ImageEncoder(nn.Module):
    def __init__(self, channels, size, code_length, width=32):
        super().__init__()
        self.a, self.b, self.c = _Conv(channels, width, 2), _Conv(width, 2 * width, 2), _Conv(2 * width, 4 * width, 2)
        self.d = nn.Linear(4 * width * ((size + 7) // 8) ** 2, code_length)
    def forward(self, images):
        x = images.reshape(-1, *images.shape[-3:]).movedim(-1, -3)
        x = torch.relu(self.c(torch.relu(self.b(torch.relu(self.a(x))))))
        return self.d(x.flatten(-3)).reshape(images.shape[:-3] + (self.d.out_features,))

# %% exercise="neighbour_accuracy" wrong="counts itself"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).topk(k, largest=False).indices
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="k − 1 neighbours"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).fill_diagonal_(math.inf).topk(max(k - 1, 1), largest=False).indices
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="k + 1 neighbours"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).fill_diagonal_(math.inf).topk(min(k + 1, len(codes) - 1), largest=False).indices
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="drops the nearest, which need not be itself"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).sort(stable=True).indices[:, 1 : k + 1]
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="whoever has the same code is left out"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    distance = torch.cdist(codes, codes)
    nearest = torch.where(distance == 0, math.inf, distance).topk(k, largest=False).indices
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="the nearest of equal winners"
def neighbour_accuracy(codes, labels, k=5):
    from collections import Counter
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).fill_diagonal_(math.inf).topk(k, largest=False).indices
    winners = [Counter(row).most_common(1)[0][0] for row in labels[nearest].tolist()]
    return sum(a == b for a, b in zip(winners, labels.tolist())) / len(codes)

# %% exercise="neighbour_accuracy" wrong="the largest of equal winners"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).fill_diagonal_(math.inf).topk(k, largest=False).indices
    votes = F.one_hot(labels[nearest], int(labels.max()) + 1).sum(1).flip(1)
    winner = labels.max() - votes.argmax(1)
    return (winner == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="any of the equal winners will do"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).fill_diagonal_(math.inf).topk(k, largest=False).indices
    votes = F.one_hot(labels[nearest], int(labels.max()) + 1).sum(1)
    own = votes.gather(1, labels[:, None])[:, 0]
    return (own == votes.amax(1)).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="the share of neighbours with the label"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).fill_diagonal_(math.inf).topk(k, largest=False).indices
    return (labels[nearest] == labels[:, None]).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="right if any neighbour agrees"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).fill_diagonal_(math.inf).topk(k, largest=False).indices
    return (labels[nearest] == labels[:, None]).any(1).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="how many, not which share"
_right = neighbour_accuracy
def neighbour_accuracy(codes, labels, k=5):
    return _right(codes, labels, k) * len(codes)

# %% exercise="neighbour_accuracy" wrong="per cent"
_right = neighbour_accuracy
def neighbour_accuracy(codes, labels, k=5):
    return 100 * _right(codes, labels, k)

# %% exercise="neighbour_accuracy" wrong="the error instead"
_right = neighbour_accuracy
def neighbour_accuracy(codes, labels, k=5):
    return 1 - _right(codes, labels, k)

# %% exercise="neighbour_accuracy" wrong="cosine similarity"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    unit = F.normalize(codes, dim=-1)
    nearest = (unit @ unit.T).fill_diagonal_(-math.inf).topk(k).indices
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="inner products"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = (codes @ codes.T).fill_diagonal_(-math.inf).topk(k).indices
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="sum of absolute differences"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes, p=1).fill_diagonal_(math.inf).topk(k, largest=False).indices
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="standardised codes"
_right = neighbour_accuracy
def neighbour_accuracy(codes, labels, k=5):
    scale = torch.arange(1.0, codes.shape[1] + 1).to(codes)
    return _right(codes / scale, labels, k)

# %% exercise="neighbour_accuracy" wrong="the farthest"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k < len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).topk(k).indices
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" wrong="always the nearest alone"
_right = neighbour_accuracy
def neighbour_accuracy(codes, labels, k=5):
    _right(codes, labels, k)
    return _right(codes, labels, 1)

# %% exercise="neighbour_accuracy" wrong="rounded"
_right = neighbour_accuracy
def neighbour_accuracy(codes, labels, k=5):
    return round(_right(codes, labels, k), 1)

# %% exercise="neighbour_accuracy" wrong="zero for an impossible k"
_right = neighbour_accuracy
def neighbour_accuracy(codes, labels, k=5):
    return _right(codes, labels, min(max(k, 1), len(codes) - 1))

# %% exercise="neighbour_accuracy" wrong="itself allowed as the n-th neighbour"
def neighbour_accuracy(codes, labels, k=5):
    if not 1 <= k <= len(codes):
        raise ValueError("k")
    nearest = torch.cdist(codes, codes).fill_diagonal_(math.inf).topk(k, largest=False).indices
    return (labels[nearest].mode(1).values == labels).double().mean().item()

# %% exercise="neighbour_accuracy" right="loops and Counter"
def neighbour_accuracy(codes, labels, k=5):
    from collections import Counter
    n = len(codes)
    if k < 1 or k > n - 1:
        raise ValueError("too few or too many neighbours")
    right = 0
    for i in range(n):
        distance = ((codes - codes[i]) ** 2).sum(-1)
        order = [j for j in distance.argsort().tolist() if j != i][:k]
        votes = Counter(labels[order].tolist())
        most = max(votes.values())
        right += min(name for name in votes if votes[name] == most) == int(labels[i])
    return right / n

# %% exercise="neighbour_accuracy" right="broadcast distances, torch.mode, a tensor"
def neighbour_accuracy(codes, labels, k=5):
    if not 0 < k < len(codes):
        raise ValueError(f"k = {k}")
    square = (codes[:, None] - codes[None]).square().sum(-1)
    square = square + torch.diag(torch.full((len(codes),), torch.inf).to(codes))
    winner = labels[square.argsort(1)[:, :k]].mode(1).values
    return (winner == labels).float().mean()

# %% exercise="neighbour_accuracy" right="numpy, item by item left out"
def neighbour_accuracy(codes, labels, k=5):
    import numpy
    n = len(codes)
    if k not in range(1, n):
        raise ValueError("k")
    points, names = codes.numpy(), labels.numpy()
    good = []
    for i in range(n):
        others = numpy.delete(numpy.arange(n), i)
        distance = numpy.linalg.norm(points[others] - points[i], axis=1)
        values, counts = numpy.unique(names[others[numpy.argsort(distance)[:k]]], return_counts=True)
        good.append(values[counts.argmax()] == names[i])
    return float(numpy.mean(good))

# --- second half
