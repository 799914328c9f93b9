"""Answers to notebook 4 that its checks are tested on. Each cell runs after the solution and replaces functions of it."""
# ruff: noqa

# %% exercise="latent_table" wrong="spread of 1"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.codes = nn.Parameter(torch.randn(count, code_length))
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= len(self.codes))
        if unknown.any():
            raise IndexError(f"no object {objects[unknown].flatten()[0].item()} of {len(self.codes)}")
        return self.codes[objects]

# %% exercise="latent_table" wrong="spread of 0.1 by default"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.1):
        super().__init__(count, code_length, spread)

# %% exercise="latent_table" wrong="spread taken for a variance"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length, spread**0.5)

# %% exercise="latent_table" wrong="spread squared"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length, spread**2)

# %% exercise="latent_table" wrong="DeepSDF's spread: divided by the root of the code's length"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length, spread / code_length**0.5)

# %% exercise="latent_table" wrong="three percent too wide"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length, 1.03 * spread)

# %% exercise="latent_table" wrong="uniform codes of the right spread"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length, spread)
        nn.init.uniform_(self.codes, -(3**0.5) * spread, 3**0.5 * spread)

# %% exercise="latent_table" wrong="uniform codes in ± spread"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length, spread)
        nn.init.uniform_(self.codes, -spread, spread)

# %% exercise="latent_table" wrong="normal draws, cut off at two standard deviations"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length, spread)
        nn.init.trunc_normal_(self.codes, std=spread, a=-2 * spread, b=2 * spread)

# %% exercise="latent_table" wrong="codes start at zero"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length, 0.0)

# %% exercise="latent_table" wrong="all objects start with one code"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length, spread)
        self.codes.data = self.codes.data[:1].repeat(count, 1)

# %% exercise="latent_table" wrong="a seed of its own: all tables start alike"
_right = LatentTable
class LatentTable(_right):
    def __init__(self, count, code_length, spread=0.01):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            super().__init__(count, code_length, spread)

# %% exercise="latent_table" wrong="nn.Embedding as it starts"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.table = nn.Embedding(count, code_length)
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= self.table.num_embeddings)
        if unknown.any():
            raise IndexError(f"no object {objects[unknown].flatten()[0].item()}, there are {self.table.num_embeddings}")
        return self.table(objects)

# %% exercise="latent_table" wrong="object 0 is padding"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.table = nn.Embedding(count, code_length, padding_idx=0)
        nn.init.normal_(self.table.weight, std=spread)
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= self.table.num_embeddings)
        if unknown.any():
            raise IndexError(f"no object {objects[unknown].flatten()[0].item()}, there are {self.table.num_embeddings}")
        return self.table(objects)

# %% exercise="latent_table" wrong="codes are cut to length 1"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.table = nn.Embedding(count, code_length, max_norm=1.0)
        nn.init.normal_(self.table.weight, std=spread)
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= self.table.num_embeddings)
        if unknown.any():
            raise IndexError(f"no object {objects[unknown].flatten()[0].item()}, there are {self.table.num_embeddings}")
        return self.table(objects)

# %% exercise="latent_table" wrong="normalised codes"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        return F.normalize(super().forward(objects), dim=-1)

# %% exercise="latent_table" wrong="a buffer: nothing learns"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.register_buffer("codes", spread * torch.randn(count, code_length))
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= len(self.codes))
        if unknown.any():
            raise IndexError(f"no object {objects[unknown].flatten()[0].item()} of {len(self.codes)}")
        return self.codes[objects]

# %% exercise="latent_table" wrong="a plain tensor"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.codes = spread * torch.randn(count, code_length, requires_grad=True)
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= len(self.codes))
        if unknown.any():
            raise IndexError(f"no object {objects[unknown].flatten()[0].item()} of {len(self.codes)}")
        return self.codes[objects]

# %% exercise="latent_table" wrong="a list of codes"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.codes = nn.ParameterList([nn.Parameter(spread * torch.randn(code_length)) for _ in range(count)])
    def forward(self, objects):
        for number in objects.flatten().tolist():
            if not 0 <= number < len(self.codes):
                raise IndexError(f"no object {number} of {len(self.codes)}")
        return torch.stack(list(self.codes))[objects]

# %% exercise="latent_table" wrong="codes in columns"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.codes = nn.Parameter(spread * torch.randn(code_length, count))
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= self.codes.shape[1])
        if unknown.any():
            raise IndexError(f"no object {objects[unknown].flatten()[0].item()} of {self.codes.shape[1]}")
        return self.codes.T[objects]

# %% exercise="latent_table" wrong="codes are handed out detached"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        return super().forward(objects).detach()

# %% exercise="latent_table" wrong="codes through .data"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        super().forward(objects)
        return self.codes.data[objects]

# %% exercise="latent_table" wrong="every row learns a little"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        mean = self.codes.mean(0)
        return super().forward(objects) + mean - mean.detach()

# %% exercise="latent_table" wrong="repeated objects learn once"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        found = super().forward(objects)
        seen, flat = set(), found.reshape(-1, found.shape[-1])
        rows = []
        for number, row in zip(objects.flatten().tolist(), flat):
            rows.append(row.detach() if number in seen else row)
            seen.add(number)
        return torch.stack(rows).reshape(found.shape) if rows else found

# %% exercise="latent_table" wrong="counted from 1"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.codes = nn.Parameter(spread * torch.randn(count, code_length))
    def forward(self, objects):
        unknown = (objects < 1) | (objects > len(self.codes))
        if unknown.any():
            raise IndexError(f"no object {objects[unknown].flatten()[0].item()} of {len(self.codes)}")
        return self.codes[objects - 1]

# %% exercise="latent_table" wrong="negative numbers count from the end"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.codes = nn.Parameter(spread * torch.randn(count, code_length))
    def forward(self, objects):
        return self.codes[objects]

# %% exercise="latent_table" wrong="numbers wrap around"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        return self.codes[objects % len(self.codes)]

# %% exercise="latent_table" wrong="unknown objects are clamped"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        return self.codes[objects.clamp(0, len(self.codes) - 1)]

# %% exercise="latent_table" wrong="nn.Embedding's own message"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.table = nn.Embedding(count, code_length)
        nn.init.normal_(self.table.weight, std=spread)
    def forward(self, objects):
        return self.table(objects)

# %% exercise="latent_table" wrong="KeyError"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        try:
            return super().forward(objects)
        except IndexError as error:
            raise KeyError(str(error))

# %% exercise="latent_table" wrong="ValueError"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        try:
            return super().forward(objects)
        except IndexError as error:
            raise ValueError(str(error))

# %% exercise="latent_table" wrong="the largest number is named"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        if ((objects < 0) | (objects >= len(self.codes))).any():
            raise IndexError(f"no object {objects.max()}, there are {len(self.codes)}")
        return self.codes[objects]

# %% exercise="latent_table" wrong="the last number that does not fit is named"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= len(self.codes))
        if unknown.any():
            raise IndexError(f"no object {objects[unknown][-1]}, there are {len(self.codes)}")
        return self.codes[objects]

# %% exercise="latent_table" wrong="negative numbers are named first"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        for unknown in (objects < 0, objects >= len(self.codes)):
            if unknown.any():
                raise IndexError(f"no object {objects[unknown].flatten()[0]}, there are {len(self.codes)}")
        return self.codes[objects]

# %% exercise="latent_table" wrong="all numbers are printed, PyTorch shortens them"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        if ((objects < 0) | (objects >= len(self.codes))).any():
            raise IndexError(f"some of {objects} are no object of {len(self.codes)}")
        return self.codes[objects]

# %% exercise="latent_table" wrong="the message does not say how many there are"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= len(self.codes))
        if unknown.any():
            raise IndexError(f"there is no object {objects[unknown].flatten()[0]}")
        return self.codes[objects]

# %% exercise="latent_table" wrong="its place is named, not its number"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        unknown = (objects < 0) | (objects >= len(self.codes))
        if unknown.any():
            place = unknown.flatten().nonzero()[0].item()
            raise IndexError(f"the number at {place} is unknown, there are {len(self.codes)}")
        return self.codes[objects]

# %% exercise="latent_table" wrong="one more object than there are"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        unknown = (objects < 0) | (objects > len(self.codes))
        if unknown.any():
            raise IndexError(f"no object {objects[unknown].flatten()[0]}, there are {len(self.codes)}")
        return self.codes[objects.clamp_max(len(self.codes) - 1)]

# %% exercise="latent_table" wrong="batches are flattened"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        return super().forward(objects.flatten())

# %% exercise="latent_table" wrong="squeezed"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        return super().forward(objects).squeeze()

# %% exercise="latent_table" wrong="noise while training"
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        codes = super().forward(objects)
        return codes + 0.01 * torch.randn_like(codes) if self.training else codes

# %% exercise="latent_table" right="nn.Embedding inside"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.table = nn.Embedding(count, code_length)
        nn.init.normal_(self.table.weight, 0, spread)
    def forward(self, objects):
        count = self.table.num_embeddings
        wrong = objects[(objects < 0) | (objects >= count)]
        if len(wrong):
            raise IndexError(f"object {wrong[0]} is not in the table: it has {count} rows, 0 to {count - 1}")
        return self.table(objects)

# %% exercise="latent_table" right="a subclass of nn.Embedding, numbers checked in a loop"
class LatentTable(nn.Embedding):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__(count, code_length)
        self.weight.data.normal_().mul_(spread)
    def forward(self, objects):
        for i in objects.reshape(-1).tolist():
            if i not in range(self.num_embeddings):
                raise IndexError(f"{i} is none of the {self.num_embeddings} objects")
        return super().forward(objects)

# %% exercise="latent_table" right="index_select, PyTorch's own words for large numbers"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.z = nn.Parameter(torch.empty(count, code_length).normal_(0, spread))
    def forward(self, objects):
        flat = objects.flatten()
        outside = torch.logical_or(flat < 0, flat > len(self.z) - 1)
        if outside.any():
            first = flat[outside.nonzero()[0, 0]].item()
            raise IndexError(f"index {first} is out of bounds for dimension 0 with size {len(self.z)}")
        return self.z.index_select(0, flat).reshape(*objects.shape, -1) if len(flat) else self.z[objects]

# %% exercise="latent_table" right="one-hot rows times the table"
class LatentTable(nn.Module):
    def __init__(self, count, code_length, spread=0.01):
        super().__init__()
        self.codes = nn.Parameter(torch.normal(0.0, spread, (count, code_length)))
    def forward(self, objects):
        count = self.codes.shape[0]
        bad = [i for i in objects.flatten().tolist() if i < 0 or i >= count]
        if bad:
            raise IndexError(f"no objects {bad}: the table has {count}")
        return F.one_hot(objects, count).to(self.codes.dtype) @ self.codes

# %% exercise="latent_table" right="the error is a subclass of IndexError"
class UnknownObject(IndexError):
    pass
_right = LatentTable
class LatentTable(_right):
    def forward(self, objects):
        try:
            return super().forward(objects)
        except IndexError as error:
            raise UnknownObject(f"{error}: hand in numbers from 0 to {len(self.codes) - 1}")

# %% exercise="hyper_layer" wrong="b before W"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        outputs, inputs = self.shape
        b, W = self.layers(z).split([outputs, outputs * inputs], dim=-1)
        return W.unflatten(-1, self.shape), b

# %% exercise="hyper_layer" wrong="W column by column"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        outputs, inputs = self.shape
        W, b = self.layers(z).split([outputs * inputs, outputs], dim=-1)
        return W.unflatten(-1, (inputs, outputs)).mT, b

# %% exercise="hyper_layer" wrong="W transposed"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        W, b = super().forward(z)
        return W.mT, b

# %% exercise="hyper_layer" wrong="row by row with b at the end of each row"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        outputs, inputs = self.shape
        both = self.layers(z).unflatten(-1, (outputs, inputs + 1))
        return both[..., :-1], both[..., -1]

# %% exercise="hyper_layer" wrong="the whole output is scaled by a tenth"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        W, b = super().forward(z)
        return 0.1 * W, 0.1 * b

# %% exercise="hyper_layer" wrong="(b, W)"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        return super().forward(z)[::-1]

# %% exercise="hyper_layer" wrong="b keeps a dimension of one"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        W, b = super().forward(z)
        return W, b[:, None]

# %% exercise="hyper_layer" wrong="squeezed"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        W, b = super().forward(z)
        return W.squeeze(), b.squeeze()

# %% exercise="hyper_layer" wrong="one layer for all, from the mean code"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        return super().forward(z.mean(0, keepdim=True).expand_as(z))

# %% exercise="hyper_layer" wrong="normalised weights"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        W, b = super().forward(z)
        return F.normalize(W, dim=-1), b

# %% exercise="hyper_layer" wrong="a residual of nn.Linear's start"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__(code_length, inputs, outputs, hidden, depth)
        self.register_buffer("base", nn.Linear(inputs, outputs).weight.detach())
    def forward(self, z):
        W, b = super().forward(z)
        return self.base + W, b

# %% exercise="hyper_layer" wrong="no layer normalisation"
class HyperLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__()
        self.shape = outputs, inputs
        widths, blocks = [code_length, *depth * [hidden]], []
        for a, b in pairwise(widths):
            blocks += [nn.Linear(a, b), nn.ReLU()]
        last = nn.Linear(widths[-1], (inputs + 1) * outputs)
        nn.init.kaiming_normal_(last.weight)
        last.weight.data *= 0.1
        self.layers = nn.Sequential(*blocks, last)
    def forward(self, z):
        outputs, inputs = self.shape
        W, b = self.layers(z).split([outputs * inputs, outputs], dim=-1)
        return W.unflatten(-1, self.shape), b

# %% exercise="hyper_layer" wrong="layer normalisation without learned scale and shift"
class HyperLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__()
        self.shape = outputs, inputs
        widths, blocks = [code_length, *depth * [hidden]], []
        for a, b in pairwise(widths):
            blocks += [nn.Linear(a, b), nn.LayerNorm(b, elementwise_affine=False), nn.ReLU()]
        last = nn.Linear(widths[-1], (inputs + 1) * outputs)
        nn.init.kaiming_normal_(last.weight)
        last.weight.data *= 0.1
        self.layers = nn.Sequential(*blocks, last)
    def forward(self, z):
        outputs, inputs = self.shape
        W, b = self.layers(z).split([outputs * inputs, outputs], dim=-1)
        return W.unflatten(-1, self.shape), b

# %% exercise="hyper_layer" wrong="layer normalisation after ReLU"
def _blocks(layers, order):
    blocks, last = list(layers[:-1]), layers[-1]
    triples = [blocks[k : k + 3] for k in range(0, len(blocks), 3)]
    return nn.Sequential(*[triple[k] for triple in triples for k in order], last)
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers = _blocks(self.layers, (0, 2, 1))

# %% exercise="hyper_layer" wrong="layer normalisation before the linear layer"
class HyperLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__()
        self.shape = outputs, inputs
        widths, blocks = [code_length, *depth * [hidden]], []
        for a, b in pairwise(widths):
            blocks += [nn.LayerNorm(a), nn.Linear(a, b), nn.ReLU()]
        last = nn.Linear(widths[-1], (inputs + 1) * outputs)
        nn.init.kaiming_normal_(last.weight)
        last.weight.data *= 0.1
        self.layers = nn.Sequential(*blocks, last)
    def forward(self, z):
        outputs, inputs = self.shape
        W, b = self.layers(z).split([outputs * inputs, outputs], dim=-1)
        return W.unflatten(-1, self.shape), b

# %% exercise="hyper_layer" wrong="no ReLU"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers = nn.Sequential(*[x for x in self.layers if not isinstance(x, nn.ReLU)])

# %% exercise="hyper_layer" wrong="leaky ReLU"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers = nn.Sequential(*[nn.LeakyReLU(0.01) if isinstance(x, nn.ReLU) else x for x in self.layers])

# %% exercise="hyper_layer" wrong="GELU"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers = nn.Sequential(*[nn.GELU() if isinstance(x, nn.ReLU) else x for x in self.layers])

# %% exercise="hyper_layer" wrong="ReLU after the last layer, too"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        W, b = super().forward(z)
        return W.relu(), b.relu()

# %% exercise="hyper_layer" wrong="batch normalisation"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers = nn.Sequential(
            *[nn.BatchNorm1d(x.normalized_shape[0]) if isinstance(x, nn.LayerNorm) else x for x in self.layers]
        )

# %% exercise="hyper_layer" wrong="root mean square instead of layer normalisation, with a shift"
class Scaled(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))
    def forward(self, x):
        return x / (x.square().mean(-1, keepdim=True) + 1e-5).sqrt() * self.scale + self.shift
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers = nn.Sequential(
            *[Scaled(x.normalized_shape[0]) if isinstance(x, nn.LayerNorm) else x for x in self.layers]
        )

# %% exercise="hyper_layer" wrong="one hidden layer less"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__(code_length, inputs, outputs, hidden, max(depth - 1, 1))

# %% exercise="hyper_layer" wrong="one hidden layer more"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__(code_length, inputs, outputs, hidden, depth + 1)

# %% exercise="hyper_layer" wrong="always two hidden layers"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__(code_length, inputs, outputs, hidden, 2)

# %% exercise="hyper_layer" wrong="one hidden layer by default"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=1):
        super().__init__(code_length, inputs, outputs, hidden, depth)

# %% exercise="hyper_layer" wrong="64 hidden features by default"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, code_length, inputs, outputs, hidden=64, depth=2):
        super().__init__(code_length, inputs, outputs, hidden, depth)

# %% exercise="hyper_layer" wrong="one layer normalisation for all hidden layers"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__(code_length, inputs, outputs, hidden, depth)
        norm = nn.LayerNorm(hidden)
        self.layers = nn.Sequential(*[norm if isinstance(x, nn.LayerNorm) else x for x in self.layers])

# %% exercise="hyper_layer" wrong="the second hidden layer twice, the third never"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        layers = list(self.layers)
        if len(layers) > 7:
            layers[6:9] = layers[3:6]
        outputs, inputs = self.shape
        W, b = nn.Sequential(*layers)(z).split([outputs * inputs, outputs], dim=-1)
        return W.unflatten(-1, self.shape), b

# %% exercise="hyper_layer" wrong="no bias in the last layer"
class HyperLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__()
        self.shape = outputs, inputs
        widths, blocks = [code_length, *depth * [hidden]], []
        for a, b in pairwise(widths):
            blocks += [nn.Linear(a, b), nn.LayerNorm(b), nn.ReLU()]
        last = nn.Linear(widths[-1], (inputs + 1) * outputs, bias=False)
        nn.init.kaiming_normal_(last.weight)
        last.weight.data *= 0.1
        self.layers = nn.Sequential(*blocks, last)
    def forward(self, z):
        outputs, inputs = self.shape
        W, b = self.layers(z).split([outputs * inputs, outputs], dim=-1)
        return W.unflatten(-1, self.shape), b

# %% exercise="hyper_layer" wrong="no biases before layer normalisation"
class HyperLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__()
        self.shape = outputs, inputs
        widths, blocks = [code_length, *depth * [hidden]], []
        for a, b in pairwise(widths):
            blocks += [nn.Linear(a, b, bias=False), nn.LayerNorm(b), nn.ReLU()]
        last = nn.Linear(widths[-1], (inputs + 1) * outputs)
        nn.init.kaiming_normal_(last.weight)
        last.weight.data *= 0.1
        self.layers = nn.Sequential(*blocks, last)
    def forward(self, z):
        outputs, inputs = self.shape
        W, b = self.layers(z).split([outputs * inputs, outputs], dim=-1)
        return W.unflatten(-1, self.shape), b

# %% exercise="hyper_layer" wrong="only W is written, b is learned"
class HyperLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__()
        self.shape = outputs, inputs
        widths, blocks = [code_length, *depth * [hidden]], []
        for a, b in pairwise(widths):
            blocks += [nn.Linear(a, b), nn.LayerNorm(b), nn.ReLU()]
        last = nn.Linear(widths[-1], inputs * outputs)
        nn.init.kaiming_normal_(last.weight)
        last.weight.data *= 0.1
        self.layers = nn.Sequential(*blocks, last)
        self.b = nn.Parameter(torch.zeros(outputs))
    def forward(self, z):
        return self.layers(z).unflatten(-1, self.shape), self.b.expand(len(z), -1)

# %% exercise="hyper_layer" wrong="dropout"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers.insert(len(self.layers) - 1, nn.Dropout(0.1))

# %% exercise="hyper_layer" wrong="W without gradient"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        W, b = super().forward(z)
        return W.detach(), b

# %% exercise="hyper_layer" wrong="b without gradient"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        W, b = super().forward(z)
        return W, b.detach()

# %% exercise="hyper_layer" wrong="nothing learns"
_right = HyperLayer
class HyperLayer(_right):
    @torch.no_grad()
    def forward(self, z):
        return super().forward(z)

# %% exercise="hyper_layer" wrong="no gradient for the code"
_right = HyperLayer
class HyperLayer(_right):
    def forward(self, z):
        return super().forward(z.detach())

# %% exercise="hyper_layer" wrong="the last weight starts as nn.Linear leaves it"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers[-1].reset_parameters()

# %% exercise="hyper_layer" wrong="the last weight is not scaled"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        nn.init.kaiming_normal_(self.layers[-1].weight)

# %% exercise="hyper_layer" wrong="a hundredth instead of a tenth"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers[-1].weight.data *= 0.1

# %% exercise="hyper_layer" wrong="variance scaled by a tenth"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers[-1].weight.data *= 10**0.5

# %% exercise="hyper_layer" wrong="gain 1: variance 1 / hidden"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers[-1].weight.data *= 0.5**0.5

# %% exercise="hyper_layer" wrong="Kaiming's rule by outputs"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        nn.init.kaiming_normal_(self.layers[-1].weight, mode="fan_out").data.mul_(0.1)

# %% exercise="hyper_layer" wrong="Kaiming's uniform rule"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        nn.init.kaiming_uniform_(self.layers[-1].weight).data.mul_(0.1)

# %% exercise="hyper_layer" wrong="Xavier's rule"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        nn.init.xavier_normal_(self.layers[-1].weight).data.mul_(0.1)

# %% exercise="hyper_layer" wrong="the last weight three percent too large"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers[-1].weight.data *= 1.03

# %% exercise="hyper_layer" wrong="the last weight starts at zero"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        nn.init.zeros_(self.layers[-1].weight)

# %% exercise="hyper_layer" wrong="the last bias scaled, too"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.layers[-1].bias.data *= 0.1

# %% exercise="hyper_layer" wrong="the last bias starts at zero"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        nn.init.zeros_(self.layers[-1].bias)

# %% exercise="hyper_layer" wrong="the last bias starts as a fresh layer of the target's size"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__(code_length, inputs, outputs, hidden, depth)
        fresh = nn.Linear(inputs, outputs)
        self.layers[-1].bias.data = torch.cat([fresh.weight.flatten(), fresh.bias]).detach()

# %% exercise="hyper_layer" wrong="all linear layers by Kaiming's rule"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for x in self.layers[:-1]:
            if isinstance(x, nn.Linear):
                nn.init.kaiming_normal_(x.weight)

# %% exercise="hyper_layer" wrong="all linear layers' biases start at zero"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for x in self.layers[:-1]:
            if isinstance(x, nn.Linear):
                nn.init.zeros_(x.bias)

# %% exercise="hyper_layer" wrong="all linear layers scaled by a tenth"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for x in self.layers[:-1]:
            if isinstance(x, nn.Linear):
                x.weight.data *= 0.1

# %% exercise="hyper_layer" wrong="layer normalisation starts with a scale of a tenth"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for x in self.layers[:-1]:
            if isinstance(x, nn.LayerNorm):
                nn.init.constant_(x.weight, 0.1)

# %% exercise="hyper_layer" wrong="a seed of its own"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        with torch.random.fork_rng():
            torch.manual_seed(1)
            super().__init__(*args, **kwargs)

# %% exercise="hyper_layer" wrong="scaled at every call, not at the start"
_right = HyperLayer
class HyperLayer(_right):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        nn.init.kaiming_normal_(self.layers[-1].weight)
    def forward(self, z):
        outputs, inputs = self.shape
        last = self.layers[-1]
        flat = F.linear(self.layers[:-1](z), 0.1 * last.weight, last.bias)
        W, b = flat.split([outputs * inputs, outputs], dim=-1)
        return W.unflatten(-1, self.shape), b

# %% exercise="hyper_layer" right="module list, reshape, a list of two"
class HyperLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__()
        self.inputs, self.outputs = inputs, outputs
        self.linears, self.norms = nn.ModuleList(), nn.ModuleList()
        for k in range(depth):
            self.linears.append(nn.Linear(hidden if k else code_length, hidden))
            self.norms.append(nn.LayerNorm([hidden]))
        self.to_numbers = nn.Linear(hidden, inputs * outputs + outputs)
        self.to_numbers.weight.data = 0.1 * torch.randn_like(self.to_numbers.weight) * (2 / hidden) ** 0.5
    def forward(self, z):
        for linear, norm in zip(self.linears, self.norms):
            z = norm(linear(z)).clamp(min=0)
        numbers = self.to_numbers(z)
        count = self.inputs * self.outputs
        return [numbers[:, :count].reshape(-1, self.outputs, self.inputs), numbers[:, count:]]

# %% exercise="hyper_layer" right="parameters by hand, in another order"
class HyperLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__()
        self.shape = (outputs, inputs)
        count, bound = outputs * (inputs + 1), hidden**-0.5
        self.head_bias = nn.Parameter(torch.empty(count).uniform_(-bound, bound))
        self.head = nn.Parameter(torch.randn(count, hidden) * 0.1 * (2 / hidden) ** 0.5)
        self.shifts = nn.ParameterList([nn.Parameter(torch.zeros(hidden)) for _ in range(depth)])
        self.scales = nn.ParameterList([nn.Parameter(torch.ones(hidden)) for _ in range(depth)])
        self.As, self.bs = nn.ParameterList(), nn.ParameterList()
        for k in range(depth):
            width = hidden if k else code_length
            self.As.append(nn.Parameter(torch.empty(hidden, width).uniform_(-1, 1) / width**0.5))
            self.bs.append(nn.Parameter(torch.empty(hidden).uniform_(-1, 1) / width**0.5))
    def forward(self, z):
        for A, b, scale, shift in zip(self.As, self.bs, self.scales, self.shifts):
            y = z @ A.T + b
            y = (y - y.mean(-1, keepdim=True)) / (y.var(-1, keepdim=True, correction=0) + 1e-5).sqrt()
            z = torch.maximum(y * scale + shift, torch.zeros(()))
        rows = torch.einsum("nh,bh->bn", self.head, z) + self.head_bias
        W = rows[:, : self.shape[0] * self.shape[1]].view(-1, *self.shape)
        return W, rows[:, -self.shape[0] :]

# %% exercise="hyper_layer" right="two heads sharing one weight, by chunks"
class HyperLayer(nn.Module):
    def __init__(self, code_length, inputs, outputs, hidden=256, depth=2):
        super().__init__()
        self.outputs, self.inputs = outputs, inputs
        blocks, width = nn.Sequential(), code_length
        for k in range(depth):
            block = nn.Sequential(nn.Linear(width, hidden), nn.LayerNorm(hidden, eps=1e-6), nn.ReLU(inplace=True))
            blocks.add_module(f"block{k}", block)
            width = hidden
        self.blocks, self.last = blocks, nn.Linear(width, (inputs + 1) * outputs)
        nn.init.normal_(self.last.weight, std=0.1 * (2 / width) ** 0.5)
    def forward(self, z):
        features, cut = self.blocks(z), self.outputs * self.inputs
        W = F.linear(features, self.last.weight[:cut], self.last.bias[:cut])
        b = F.linear(features, self.last.weight[cut:], self.last.bias[cut:])
        return torch.stack(W.chunk(self.outputs, dim=-1), dim=1), b

# %% exercise="scene_function" wrong="nothing after the last layer"
def scene_function(weights, x):
    for k, (W, b) in enumerate(weights):
        if k > 0:
            x = F.relu(F.layer_norm(x, x.shape[-1:]))
        x = torch.baddbmm(b[:, None], x, W.mT)
    return x

# %% exercise="scene_function" wrong="no ReLU after the last layer"
def scene_function(weights, x):
    for k, (W, b) in enumerate(weights):
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.layer_norm(x, x.shape[-1:])
        if k + 1 < len(weights):
            x = F.relu(x)
    return x

# %% exercise="scene_function" wrong="no layer normalisation after the last layer"
def scene_function(weights, x):
    for k, (W, b) in enumerate(weights):
        x = torch.baddbmm(b[:, None], x, W.mT)
        if k + 1 < len(weights):
            x = F.layer_norm(x, x.shape[-1:])
        x = F.relu(x)
    return x

# %% exercise="scene_function" wrong="ReLU before layer normalisation"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.layer_norm(F.relu(x), x.shape[-1:])
    return x

# %% exercise="scene_function" wrong="normalised before W"
def scene_function(weights, x):
    for W, b in weights:
        x = F.layer_norm(x, x.shape[-1:])
        x = F.relu(torch.baddbmm(b[:, None], x, W.mT))
    return x

# %% exercise="scene_function" wrong="no layer normalisation"
def scene_function(weights, x):
    for W, b in weights:
        x = F.relu(torch.baddbmm(b[:, None], x, W.mT))
    return x

# %% exercise="scene_function" wrong="no ReLU"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.layer_norm(x, x.shape[-1:])
    return x

# %% exercise="scene_function" wrong="normalised over points and features"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.relu(F.layer_norm(x, x.shape[-2:]))
    return x

# %% exercise="scene_function" wrong="normalised over the points"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.relu(F.layer_norm(x.mT, x.shape[1:2]).mT)
    return x

# %% exercise="scene_function" wrong="normalised over the objects"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = (x - x.mean(0)) / (x.var(0, correction=0) + 1e-5).sqrt()
        x = F.relu(x)
    return x

# %% exercise="scene_function" wrong="epsilon of 1e-6"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.relu(F.layer_norm(x, x.shape[-1:], eps=1e-6))
    return x

# %% exercise="scene_function" wrong="epsilon added to the standard deviation"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True, correction=0) + 1e-5)
        x = F.relu(x)
    return x

# %% exercise="scene_function" wrong="variance divided by n - 1"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = (x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True) + 1e-5).sqrt()
        x = F.relu(x)
    return x

# %% exercise="scene_function" wrong="no mean taken off"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.relu(x / (x.square().mean(-1, keepdim=True) + 1e-5).sqrt())
    return x

# %% exercise="scene_function" wrong="a fresh nn.LayerNorm with the weights it would learn"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        norm = nn.LayerNorm(x.shape[-1])
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        x = F.relu(norm(x))
    return x

# %% exercise="scene_function" wrong="W transposed where it fits"
def scene_function(weights, x):
    for W, b in weights:
        M = W if W.shape[1] == W.shape[2] else W.mT
        x = torch.baddbmm(b[:, None], x, M)
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="b is left out"
def scene_function(weights, x):
    for W, b in weights:
        x = x @ W.mT
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="b added after layer normalisation"
def scene_function(weights, x):
    for W, b in weights:
        x = F.layer_norm(x @ W.mT, W.shape[1:2])
        x = F.relu(x + b[:, None])
    return x

# %% exercise="scene_function" wrong="b broadcast over objects where it fits"
def scene_function(weights, x):
    for W, b in weights:
        try:
            x = x @ W.mT + b
        except RuntimeError:
            x = x @ W.mT + b[:, None]
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="the first object's layers for all"
def scene_function(weights, x):
    for W, b in weights:
        x = F.linear(x, W[0], b[0])
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="the mean of all layers"
def scene_function(weights, x):
    for W, b in weights:
        x = F.linear(x, W.mean(0), b.mean(0))
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="layers in reverse where they fit"
def scene_function(weights, x):
    for k in range(len(weights)):
        W, b = weights[-1 - k]
        if W.shape[2] != x.shape[2]:
            W, b = weights[k]
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="only two layers"
def scene_function(weights, x):
    for W, b in list(weights)[:2]:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="sine instead of ReLU"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = torch.sin(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="leaky ReLU"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.leaky_relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="a residual where widths agree"
def scene_function(weights, x):
    for W, b in weights:
        y = torch.baddbmm(b[:, None], x, W.mT)
        y = F.relu(F.layer_norm(y, y.shape[-1:]))
        x = x + y if x.shape == y.shape else y
    return x

# %% exercise="scene_function" wrong="squeezed"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x.squeeze()

# %% exercise="scene_function" wrong="copied into nn.Linear: weights do not learn"
def scene_function(weights, x):
    rows = []
    for i in range(len(x)):
        h = x[i]
        for W, b in weights:
            layer = nn.Linear(W.shape[2], W.shape[1])
            layer.weight.data, layer.bias.data = W[i], b[i]
            h = F.relu(F.layer_norm(layer(h), b.shape[1:]))
        rows.append(h)
    return torch.stack(rows)

# %% exercise="scene_function" wrong="points without gradient"
def scene_function(weights, x):
    x = x.detach()
    for W, b in weights:
        x = torch.baddbmm(b[:, None], x, W.mT)
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" wrong="b without gradient"
def scene_function(weights, x):
    for W, b in weights:
        x = torch.baddbmm(b.detach()[:, None], x, W.mT)
        x = F.relu(F.layer_norm(x, x.shape[-1:]))
    return x

# %% exercise="scene_function" right="loops over objects, F.linear"
def scene_function(weights, x):
    found = []
    for i in range(x.shape[0]):
        h = x[i]
        for W, b in weights:
            h = F.linear(h, W[i], b[i])
            h = F.layer_norm(h, (h.shape[-1],)).clamp(min=0)
        found.append(h)
    return torch.stack(found, 0)

# %% exercise="scene_function" right="einsum, normalisation by hand"
def scene_function(weights, x):
    for layer in weights:
        x = torch.einsum("boi,bni->bno", layer[0], x) + layer[1].unsqueeze(1)
        mean, variance = x.mean(-1, True), x.var(-1, unbiased=False, keepdim=True)
        x = torch.relu((x - mean) * torch.rsqrt(variance + 1e-5))
    return x

# %% exercise="scene_function" right="vmap, nn.LayerNorm as it starts, without its parameters"
def scene_function(weights, x):
    def one(layers, points):
        for W, b in layers:
            points = nn.LayerNorm(len(b), elementwise_affine=False)(points @ W.T + b)
            points = nn.functional.relu(points)
        return points
    return torch.vmap(one)([tuple(layer) for layer in weights], x)

# %% exercise="scene_function" right="columns, in float64"
def scene_function(weights, x):
    columns = x.double().mT
    for W, b in weights:
        columns = W.double() @ columns + b.double()[..., None]
        centred = columns - columns.mean(1, keepdim=True)
        columns = (centred / (centred.pow(2).mean(1, keepdim=True) + 1e-5) ** 0.5).relu()
    return columns.mT.to(x.dtype)

# %% exercise="ray_point" wrong="distance instead of depth"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, torch.ones_like(depth))
    xyz = F.normalize(xyz, dim=-1) * depth[..., None]
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="with the world_rays of notebook 1, whose directions are unit"
from course_lib.solved.camera_geometry import world_rays
def ray_point(uv, depth, K, world_from_camera):
    origins, directions = world_rays(uv, K, world_from_camera)
    return origins + depth[..., None] * directions

# %% exercise="ray_point" wrong="camera_from_world"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth)
    return transform(invert_rigid(world_from_camera), homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="rotation transposed"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth)
    R, t = world_from_camera[..., :3, :3], world_from_camera[..., :3, 3]
    return (xyz[..., None, :] @ R)[..., 0, :] + t

# %% exercise="ray_point" wrong="K is not inverted"
def ray_point(uv, depth, K, world_from_camera):
    xyz = (K @ homogenize_points(uv)[..., None])[..., 0] * depth[..., None]
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="no K"
def ray_point(uv, depth, K, world_from_camera):
    xyz = homogenize_points(uv) * depth[..., None]
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="no skew"
def ray_point(uv, depth, K, world_from_camera):
    f, c = torch.stack([K[..., 0, 0], K[..., 1, 1]], -1), K[..., :2, 2]
    xyz = homogenize_points((uv - c) / f) * depth[..., None]
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="one focal length"
def ray_point(uv, depth, K, world_from_camera):
    K = K.clone()
    K[..., 1, 1] = K[..., 0, 0]
    xyz = unproject(K, uv, depth)
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="half a pixel is added"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv + 0.5 / 64, depth)
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="uv from -1 to 1"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, 2 * uv - 1, depth)
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="u and v swapped"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv.flip(-1), depth)
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="no translation"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth)
    return (world_from_camera[..., :3, :3] @ xyz[..., None])[..., 0]

# %% exercise="ray_point" wrong="translation scaled by the depth"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, torch.ones_like(depth))
    return transform(world_from_camera, homogenize_points(xyz))[..., :3] * depth[..., None]

# %% exercise="ray_point" wrong="in the camera's frame"
def ray_point(uv, depth, K, world_from_camera):
    return unproject(K, uv, depth) + 0 * world_from_camera[..., :3, 3]

# %% exercise="ray_point" wrong="four numbers"
def ray_point(uv, depth, K, world_from_camera):
    return transform(world_from_camera, homogenize_points(unproject(K, uv, depth)))

# %% exercise="ray_point" wrong="the camera looks along -z"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth) * torch.tensor([1.0, -1.0, -1.0])
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="depth without a sign"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth.abs())
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="nothing behind the camera"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth.clamp_min(0))
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="at depth 0 there is no point"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth) * (depth / depth)[..., None]
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="depth must have all dimensions"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth.reshape(uv.shape[:-1]))
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="matrices applied to all points from the right: batches get lost"
def ray_point(uv, depth, K, world_from_camera):
    xyz = homogenize_points(uv) @ torch.linalg.inv(K).mT * depth[..., None]
    return xyz @ world_from_camera[..., :3, :3].mT + world_from_camera[..., :3, 3]

# %% exercise="ray_point" wrong="the first camera for all"
def ray_point(uv, depth, K, world_from_camera):
    K, pose = K.reshape(-1, 3, 3)[0], world_from_camera.reshape(-1, 4, 4)[0]
    return transform(pose, homogenize_points(unproject(K, uv, depth)))[..., :3]

# %% exercise="ray_point" wrong="no gradient for the depth"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth.detach())
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="no gradient for the cameras"
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth)
    return transform(world_from_camera.detach(), homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="nothing learns"
@torch.no_grad()
def ray_point(uv, depth, K, world_from_camera):
    xyz = unproject(K, uv, depth)
    return transform(world_from_camera, homogenize_points(xyz))[..., :3]

# %% exercise="ray_point" wrong="depth_of tells the distance"
def depth_of(x, world_from_camera):
    return (x - world_from_camera[..., :3, 3]).norm(dim=-1)

# %% exercise="ray_point" wrong="depth_of with the pose itself"
def depth_of(x, world_from_camera):
    return transform(world_from_camera, homogenize_points(x))[..., 2]

# %% exercise="ray_point" wrong="depth_of without the translation"
def depth_of(x, world_from_camera):
    return (x * world_from_camera[..., :3, 2]).sum(-1)

# %% exercise="ray_point" wrong="depth_of takes the third row for the optical axis"
def depth_of(x, world_from_camera):
    return ((x - world_from_camera[..., :3, 3]) * world_from_camera[..., 2, :3]).sum(-1)

# %% exercise="ray_point" wrong="depth_of without a sign"
def depth_of(x, world_from_camera):
    return transform(invert_rigid(world_from_camera), homogenize_points(x))[..., 2].abs()

# %% exercise="ray_point" wrong="depth_of never below zero"
def depth_of(x, world_from_camera):
    return transform(invert_rigid(world_from_camera), homogenize_points(x))[..., 2].relu()

# %% exercise="ray_point" wrong="depth_of looks along -z"
def depth_of(x, world_from_camera):
    return -transform(invert_rigid(world_from_camera), homogenize_points(x))[..., 2]

# %% exercise="ray_point" wrong="depth_of tells world z"
def depth_of(x, world_from_camera):
    return x[..., 2] - world_from_camera[..., 2, 3]

# %% exercise="ray_point" wrong="depth_of keeps a dimension of one"
def depth_of(x, world_from_camera):
    return transform(invert_rigid(world_from_camera), homogenize_points(x))[..., 2:3]

# %% exercise="ray_point" wrong="depth_of of all points in each camera"
def depth_of(x, world_from_camera):
    return ((x - world_from_camera[..., :3, 3]) @ world_from_camera[..., :3, 2:])[..., 0]

# %% exercise="ray_point" wrong="depth_of without gradient"
def depth_of(x, world_from_camera):
    return transform(invert_rigid(world_from_camera), homogenize_points(x))[..., 2].detach()

# %% exercise="ray_point" right="one matrix by hand"
def ray_point(uv, depth, K, world_from_camera):
    one = torch.ones_like(uv[..., :1])
    rays = world_from_camera[..., :3, :3] @ torch.linalg.inv(K)
    direction = (rays @ torch.cat([uv, one], -1).unsqueeze(-1)).squeeze(-1)
    return direction * depth.unsqueeze(-1) + world_from_camera[..., :3, 3]
def depth_of(x, world_from_camera):
    return ((x - world_from_camera[..., :3, 3]) * world_from_camera[..., :3, 2]).sum(-1)

# %% exercise="ray_point" right="distances converted to depths"
from course_lib.solved.camera_geometry import world_rays
def ray_point(uv, depth, K, world_from_camera):
    origins, directions = world_rays(uv, K, world_from_camera)
    axis = world_from_camera[..., :3, 2]
    cosine = (directions * axis).sum(-1)
    return origins + (depth / cosine)[..., None] * directions
def depth_of(x, world_from_camera):
    away = x - world_from_camera[..., :3, 3]
    cosine = (F.normalize(away, dim=-1) * world_from_camera[..., :3, 2]).sum(-1)
    return away.norm(dim=-1) * cosine

# %% exercise="ray_point" right="coordinates written out, einsum"
def ray_point(uv, depth, K, world_from_camera):
    y = (uv[..., 1] - K[..., 1, 2]) / K[..., 1, 1]
    x = (uv[..., 0] - K[..., 0, 2] - K[..., 0, 1] * y) / K[..., 0, 0]
    x, y, z = torch.broadcast_tensors(x * depth, y * depth, depth)
    p = torch.stack([x, y, z, torch.ones_like(z)], -1)
    return torch.einsum("...ij,...j->...i", world_from_camera[..., :3, :], p)
def depth_of(x, world_from_camera):
    homogeneous = torch.cat([x, torch.ones_like(x[..., :1])], -1)
    return torch.einsum("...j,...j->...", torch.linalg.inv(world_from_camera)[..., 2, :], homogeneous)

# --- second half

# %% exercise="srn_loss" wrong="sums instead of means"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    image = (rgb - truth).square().sum()
    behind = depth.clamp_max(0).square().sum()
    return image_weight * image + depth_weight * behind + code_weight * z.square().sum()

# %% exercise="srn_loss" wrong="codes summed, as in weight decay"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    norms = z.square().sum(-1).mean()
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * norms

# %% exercise="srn_loss" wrong="length of the codes"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.norm(dim=-1).mean()

# %% exercise="srn_loss" wrong="squared differences summed over the channels"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    image = (rgb - truth).square().sum(-1).mean()
    behind = depth.clamp_max(0).square().mean()
    return image_weight * image + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="no weights"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    return F.mse_loss(rgb, truth) + depth.clamp_max(0).square().mean() + z.square().mean()

# %% exercise="srn_loss" wrong="the weights of the paper, whatever is asked"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    return 200 * F.mse_loss(rgb, truth) + 10 * behind + z.square().mean()

# %% exercise="srn_loss" wrong="weights exchanged"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    return image_weight * F.mse_loss(rgb, truth) + code_weight * behind + depth_weight * z.square().mean()

# %% exercise="srn_loss" wrong="other defaults"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=1e-3, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="all depths punished"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.square().mean()
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="depths in front punished"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    front = F.relu(depth).square().mean()
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * front + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="depths behind punished by their size, not its square"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = F.relu(-depth).mean()
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="the smallest depth of all"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.min().clamp_max(0).square()
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="the mean depth, if negative"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.mean().clamp_max(0).square()
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="mean over the negative depths only"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    negative = depth[depth < 0]
    behind = negative.square().mean() if len(negative) else depth.sum() * 0
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="differences without a square"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    return image_weight * F.l1_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="root of the mean square"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    return image_weight * F.mse_loss(rgb, truth).sqrt() + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="no codes"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * depth.clamp_max(0).square().mean()

# %% exercise="srn_loss" wrong="a loss for each object"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    image = (rgb - truth).square().mean((1, 2))
    behind = depth.clamp_max(0).square().mean(1)
    return image_weight * image + depth_weight * behind + code_weight * z.square().mean(1)

# %% exercise="srn_loss" wrong="objects summed"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    image = (rgb - truth).square().mean((1, 2))
    behind = depth.clamp_max(0).square().mean(1)
    return (image_weight * image + depth_weight * behind + code_weight * z.square().mean(1)).sum()

# %% exercise="srn_loss" wrong="halved squares"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    return (image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()) / 2

# %% exercise="srn_loss" wrong="detached depths"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.detach().clamp_max(0).square().mean()
    return image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" wrong="a Python number"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    return (image_weight * F.mse_loss(rgb, truth) + depth_weight * behind + code_weight * z.square().mean()).item()

# %% exercise="srn_loss" wrong="colours clamped"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = depth.clamp_max(0).square().mean()
    image = F.mse_loss(rgb.clamp(-1, 1), truth)
    return image_weight * image + depth_weight * behind + code_weight * z.square().mean()

# %% exercise="srn_loss" right="relu of the depth turned round, squared"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    terms = torch.mean((truth - rgb) ** 2), torch.mean(F.relu(-depth) ** 2), torch.mean(z**2)
    return sum(w * t for w, t in zip((image_weight, depth_weight, code_weight), terms))

# %% exercise="srn_loss" right="minimum with zeros, sums divided by counts"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    image = ((rgb - truth) ** 2).sum() / rgb.numel()
    behind = torch.minimum(depth, torch.zeros_like(depth)).pow(2).sum() / depth.numel()
    return image_weight * image + depth_weight * behind + code_weight * z.norm() ** 2 / z.numel()

# %% exercise="srn_loss" right="torch.where, and an object at a time"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    total = 0
    for i in range(len(z)):
        behind = torch.where(depth[i] < 0, depth[i] ** 2, 0.0).mean()
        total = total + image_weight * F.mse_loss(rgb[i], truth[i]) + depth_weight * behind
        total = total + code_weight * (z[i] @ z[i]) / z.shape[1]
    return total / len(z)

# %% exercise="srn_loss" right="differences from zeros"
def srn_loss(rgb, truth, depth, z, image_weight=200.0, depth_weight=10.0, code_weight=1.0):
    behind = F.mse_loss(depth.clamp(max=0), torch.zeros_like(depth))
    code = F.mse_loss(z, torch.zeros_like(z))
    return torch.stack([image_weight * F.mse_loss(rgb, truth), depth_weight * behind, code_weight * code]).sum()

# %% exercise="sample_pixels" wrong="a cross instead of a square"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = mask.float()[:, None]
    wide = F.max_pool2d(near, (1, 2 * margin + 1), 1, (0, margin))
    tall = F.max_pool2d(near, (2 * margin + 1, 1), 1, (margin, 0))
    near = torch.maximum(wide, tall).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="a diamond"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    y, x = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
    rows = []
    for i in range(b):
        inside = mask[i].nonzero()
        distance = (y[..., None] - inside[:, 0]).abs() + (x[..., None] - inside[:, 1]).abs()
        places = (distance <= margin).any(-1).flatten().nonzero().flatten()
        if len(places) == 0:
            places = torch.arange(h * w)
        chosen = round(share * u.shape[1])
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="a margin one too small"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    k = max(2 * margin - 1, 1)
    near = F.max_pool2d(mask[:, None].float(), k, 1, k // 2).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="a window of the margin's width"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    framed = F.pad(mask.float(), (margin, margin, margin, margin))
    near = torch.stack([framed[:, i : i + h, j : j + w] for i in range(margin + 1) for j in range(margin + 1)])
    near = near.amax(0).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="rolled around the border"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = torch.zeros_like(mask)
    for i in range(-margin, margin + 1):
        for j in range(-margin, margin + 1):
            near |= mask.roll((i, j), (1, 2))
    near = near.reshape(b, -1)
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="all draws near"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        rows.append(places[(u[i] * len(places)).long()])
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="the share anywhere, the rest near"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        last = places[(u[i, chosen:] * len(places)).long()]
        rows.append(torch.cat([(u[i, :chosen] * h * w).long(), last]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="the number of near draws cut off"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = int(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="the number of near draws rounded up"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = -int(-share * u.shape[1] // 1)
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="halves rounded up"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = int(share * u.shape[1] + 0.5)
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="places rounded"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * (len(places) - 1)).round().long()]
        rows.append(torch.cat([first, (u[i, chosen:] * (h * w - 1)).round().long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="n − 1 candidates"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * (len(places) - 1)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * (h * w - 1)).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="column by column"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin)[:, 0] > 0
    near = near.mT.reshape(b, -1)
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="row · h + column"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin)[:, 0] > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero()
        places = places[:, 0] * h + places[:, 1] if len(places) else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="the object first, its surroundings after it"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        on = mask[i].flatten()
        places = torch.cat([on.nonzero().flatten(), (near[i] & ~on).nonzero().flatten()])
        places = places if len(places) else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="an order that the sorting made up"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    near |= ~near.any(1, keepdim=True)
    count = near.sum(1, keepdim=True)
    order = near.long().cumsum(1) * near
    first = order.argsort(dim=1, descending=True)
    chosen = round(share * u.shape[1])
    place = (u[:, :chosen] * count).long()
    return torch.cat([first.gather(1, place), (u[:, chosen:] * h * w).long()], 1)

# %% exercise="sample_pixels" wrong="nothing but the object"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = mask.reshape(b, -1)
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="the rest away from the object"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        everything = torch.arange(h * w)
        places = near[i].nonzero().flatten() if near[i].any() else everything
        others = (~near[i]).nonzero().flatten() if not near[i].all() else everything
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, others[(u[i, chosen:] * len(others)).long()]]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="fails without an object"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten()
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="pixel 0 where there is no object"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    count = near.sum(1, keepdim=True)
    first = near.byte().argsort(dim=1, descending=True, stable=True)
    chosen = round(share * u.shape[1])
    place = (u[:, :chosen] * count).long()
    return torch.cat([first.gather(1, place), (u[:, chosen:] * h * w).long()], 1)

# %% exercise="sample_pixels" wrong="everywhere, if one image of the batch is empty"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    if not near.any(1).all():
        near = torch.ones_like(near)
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten()
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="one count for the batch"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    near |= ~near.any(1, keepdim=True)
    count = near.sum(1).min()
    first = near.byte().argsort(dim=1, descending=True, stable=True)
    chosen = round(share * u.shape[1])
    place = (u[:, :chosen] * count).long()
    return torch.cat([first.gather(1, place), (u[:, chosen:] * h * w).long()], 1)

# %% exercise="sample_pixels" wrong="the first image's object for all"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:1, None].float(), 2 * margin + 1, 1, margin).flatten() > 0
    places = near.nonzero().flatten() if near.any() else torch.arange(h * w)
    chosen = round(share * u.shape[1])
    first = places[(u[:, :chosen] * len(places)).long()]
    return torch.cat([first, (u[:, chosen:] * h * w).long()], 1)

# %% exercise="sample_pixels" wrong="randomness of its own"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    near |= ~near.any(1, keepdim=True)
    chosen = round(share * u.shape[1])
    anywhere = torch.randint(0, h * w, (b, u.shape[1] - chosen))
    if chosen == 0:
        return anywhere
    return torch.cat([torch.multinomial(near.float(), chosen, replacement=True), anywhere], 1)

# %% exercise="sample_pixels" wrong="u clipped away from its ends"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    u = u.clamp(0.02, 0.98)
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" wrong="whole numbers as floats"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).floor()]))
    return torch.stack(rows).float()

# %% exercise="sample_pixels" wrong="rows and columns"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    near = F.max_pool2d(mask[:, None].float(), 2 * margin + 1, 1, margin).reshape(b, -1) > 0
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].nonzero().flatten() if near[i].any() else torch.arange(h * w)
        first = places[(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, (u[i, chosen:] * h * w).long()]))
    number = torch.stack(rows)
    return torch.stack([number // w, number % w], -1)

# %% exercise="sample_pixels" right="an image at a time, a convolution for the margin"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    side = 2 * margin + 1
    near = F.conv2d(mask[:, None].float(), torch.ones(1, 1, side, side), padding=margin)[:, 0] > 0.5
    chosen = round(share * u.shape[1])
    rows = []
    for i in range(b):
        places = near[i].flatten().nonzero().squeeze(1)
        if places.numel() == 0:
            places = torch.arange(h * w)
        first = places[torch.floor(u[i, :chosen] * len(places)).long()]
        rows.append(torch.cat([first, torch.floor(u[i, chosen:] * (h * w)).long()]))
    return torch.stack(rows)

# %% exercise="sample_pixels" right="numpy and loops"
def sample_pixels(mask, u, share=0.6, margin=2):
    import numpy as np

    b, h, w = mask.shape
    chosen = round(share * u.shape[1])
    result = np.empty(u.shape, dtype=np.int64)
    for i in range(b):
        near = np.zeros((h, w), dtype=bool)
        for row, column in np.argwhere(mask[i].numpy()):
            near[max(row - margin, 0) : row + margin + 1, max(column - margin, 0) : column + margin + 1] = True
        places = np.flatnonzero(near)
        for j, value in enumerate(u[i].numpy()):
            if j < chosen and len(places):
                result[i, j] = places[int(value * len(places))]
            else:
                result[i, j] = int(value * (h * w))
    return torch.from_numpy(result)

# %% exercise="sample_pixels" right="counting up to the number drawn"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    framed = F.pad(mask, (margin, margin, margin, margin))
    near = torch.zeros_like(mask)
    for i in range(2 * margin + 1):
        for j in range(2 * margin + 1):
            near = near | framed[:, i : i + h, j : j + w]
    near = near.flatten(1)
    near = torch.where(near.any(1, keepdim=True), near, True)
    draws = torch.arange(u.shape[1]) < round(share * u.shape[1])
    allowed = near[:, None] | ~draws[:, None]  # b p pixels
    number = (u * allowed.sum(-1)).long()
    return torch.searchsorted(allowed.long().cumsum(-1), number[..., None] + 1)[..., 0]

# %% exercise="sample_pixels" right="distances to the object's pixels, int32"
def sample_pixels(mask, u, share=0.6, margin=2):
    b, h, w = mask.shape
    place = torch.stack(torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij"), -1).reshape(-1, 2)
    chosen = round(share * u.shape[1])
    result = (u * (h * w)).to(torch.int32)
    for i in range(b):
        away = (place[:, None] - mask[i].nonzero()).abs().amax(-1)
        near = (away <= margin).any(-1).nonzero()[:, 0]
        if len(near) > 0:
            result[i, :chosen] = near[(u[i, :chosen] * len(near)).long()].int()
    return result

# %% exercise="render_view" wrong="column by column"
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    uv = pixel_centers(resolution).transpose(0, 1).reshape(-1, 2)
    with torch.no_grad():
        parts = [trace(part) for part in uv.split(portion)]
    rgb, depth = torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])
    return rgb.reshape(h, w, 3), depth.reshape(h, w)

# %% exercise="render_view" wrong="width before height"
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    uv = pixel_centers(resolution).reshape(-1, 2)
    with torch.no_grad():
        parts = [trace(part) for part in uv.split(portion)]
    rgb, depth = torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])
    return rgb.reshape(w, h, 3), depth.reshape(w, h)

# %% exercise="render_view" wrong="the resolution taken for width and height"
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    uv = pixel_centers((w, h)).reshape(-1, 2)
    with torch.no_grad():
        parts = [trace(part) for part in uv.split(portion)]
    rgb, depth = torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])
    return rgb.reshape(h, w, 3), depth.reshape(h, w)

# %% exercise="render_view" wrong="corners of pixels"
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    v, u = torch.meshgrid(torch.arange(h) / h, torch.arange(w) / w, indexing="ij")
    with torch.no_grad():
        parts = [trace(part) for part in torch.stack([u, v], -1).reshape(-1, 2).split(portion)]
    rgb, depth = torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])
    return rgb.reshape(h, w, 3), depth.reshape(h, w)

# %% exercise="render_view" wrong="corner pixels in the corners"
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    v, u = torch.meshgrid(torch.linspace(0, 1, h), torch.linspace(0, 1, w), indexing="ij")
    with torch.no_grad():
        parts = [trace(part) for part in torch.stack([u, v], -1).reshape(-1, 2).split(portion)]
    rgb, depth = torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])
    return rgb.reshape(h, w, 3), depth.reshape(h, w)

# %% exercise="render_view" wrong="v before u"
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    uv = pixel_centers(resolution).flip(-1).reshape(-1, 2)
    with torch.no_grad():
        parts = [trace(part) for part in uv.split(portion)]
    rgb, depth = torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])
    return rgb.reshape(h, w, 3), depth.reshape(h, w)

# %% exercise="render_view" wrong="pixels instead of uv"
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    uv = pixel_centers(resolution).reshape(-1, 2) * torch.tensor([w, h])
    with torch.no_grad():
        parts = [trace(part) for part in uv.split(portion)]
    rgb, depth = torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])
    return rgb.reshape(h, w, 3), depth.reshape(h, w)

# %% exercise="render_view" wrong="all at once"
def render_view(trace, resolution, portion=4096):
    with torch.no_grad():
        rgb, depth = trace(pixel_centers(resolution).reshape(-1, 2))
    return rgb.reshape(*resolution, 3), depth.reshape(resolution)

# %% exercise="render_view" wrong="a row at a time, however long"
def render_view(trace, resolution, portion=4096):
    with torch.no_grad():
        rows = [trace(row) for row in pixel_centers(resolution)]
    return torch.stack([row[0] for row in rows]), torch.stack([row[1] for row in rows])

# %% exercise="render_view" wrong="portion taken for the number of parts"
def render_view(trace, resolution, portion=4096):
    uv = pixel_centers(resolution).reshape(-1, 2)
    with torch.no_grad():
        rgb, depth = zip(*map(trace, uv.chunk(portion)))
    return torch.cat(rgb).reshape(*resolution, 3), torch.cat(depth).reshape(resolution)

# %% exercise="render_view" wrong="the remainder left black"
def render_view(trace, resolution, portion=4096):
    uv = pixel_centers(resolution).reshape(-1, 2)
    portion = min(portion, len(uv))
    rgb, depth = torch.zeros(len(uv), 3), torch.zeros(len(uv))
    with torch.no_grad():
        for i in range(len(uv) // portion):
            part = slice(i * portion, (i + 1) * portion)
            rgb[part], depth[part] = trace(uv[part])
    return rgb.reshape(*resolution, 3), depth.reshape(resolution)

# %% exercise="render_view" wrong="with gradients"
def render_view(trace, resolution, portion=4096):
    uv = pixel_centers(resolution).reshape(-1, 2)
    rgb, depth = zip(*map(trace, uv.split(portion)))
    return torch.cat(rgb).reshape(*resolution, 3), torch.cat(depth).reshape(resolution)

# %% exercise="render_view" wrong="detached afterwards, when the memory is spent"
def render_view(trace, resolution, portion=4096):
    uv = pixel_centers(resolution).reshape(-1, 2)
    parts = [[x.detach() for x in trace(part)] for part in uv.split(portion)]
    rgb, depth = zip(*parts)
    return torch.cat(rgb).reshape(*resolution, 3), torch.cat(depth).reshape(resolution)

# %% exercise="render_view" wrong="depths with a dimension too many"
def render_view(trace, resolution, portion=4096):
    uv = pixel_centers(resolution).reshape(-1, 2)
    with torch.no_grad():
        rgb, depth = zip(*map(trace, uv.split(portion)))
    return torch.cat(rgb).reshape(*resolution, 3), torch.cat(depth).reshape(*resolution, 1)

# %% exercise="render_view" wrong="another default"
def render_view(trace, resolution, portion=65536):
    uv = pixel_centers(resolution).reshape(-1, 2)
    with torch.no_grad():
        rgb, depth = zip(*map(trace, uv.split(portion)))
    return torch.cat(rgb).reshape(*resolution, 3), torch.cat(depth).reshape(resolution)

# %% exercise="render_view" wrong="depths first"
def render_view(trace, resolution, portion=4096):
    uv = pixel_centers(resolution).reshape(-1, 2)
    with torch.no_grad():
        rgb, depth = zip(*map(trace, uv.split(portion)))
    return torch.cat(depth).reshape(resolution), torch.cat(rgb).reshape(*resolution, 3)

# %% exercise="render_view" right="a loop with indices, inference mode"
@torch.inference_mode()
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    uv = pixel_centers(resolution).flatten(0, 1)
    rgb, depth = [], []
    for i in range(0, h * w, portion):
        color, z = trace(uv[i : i + portion])
        rgb.append(color)
        depth.append(z)
    return torch.cat(rgb).view(h, w, 3), torch.cat(depth).view(h, w)

# %% exercise="render_view" right="into tensors made beforehand, uv by hand"
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    number = torch.arange(h * w)
    uv = torch.stack([(number % w + 0.5) / w, (number // w + 0.5) / h], -1)
    rgb, depth = torch.empty(h * w, 3), torch.empty(h * w)
    with torch.no_grad():
        for part in number.split(portion):
            rgb[part], depth[part] = trace(uv[part])
    return rgb.reshape(h, w, 3), depth.reshape(h, w)

# %% exercise="render_view" right="parts of nearly equal size"
@torch.no_grad()
def render_view(trace, resolution, portion=4096):
    h, w = resolution
    uv = pixel_centers(resolution).reshape(-1, 2)
    parts = [trace(part) for part in torch.tensor_split(uv, -(-h * w // portion))]
    return torch.cat([c for c, _ in parts]).reshape(h, w, 3), torch.cat([z for _, z in parts]).reshape(h, w)

# %% exercise="infer_latent" wrong="the model learns, too"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z, *model.parameters()], learning_rate)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(z).backward()
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="gradients left in the model"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(z).backward()
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="the model stays frozen"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    for p in model.parameters():
        p.requires_grad_(False)
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(z).backward()
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="everything thawed afterwards, also what was frozen before"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    model.requires_grad_(False)
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(z).backward()
        optimizer.step()
    model.requires_grad_(True)
    return z.detach()

# %% exercise="infer_latent" wrong="the model's gradients zeroed"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(z).backward()
        optimizer.step()
    model.zero_grad()
    return z.detach()

# %% exercise="infer_latent" wrong="left in eval mode"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    model.eval()
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="put into train mode afterwards"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    model.eval()
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    model.train()
    return z.detach()

# %% exercise="infer_latent" wrong="start itself"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="detached, which shares its memory with start"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="from zero"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = torch.zeros_like(start).requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="from a code of its own draw"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = (0.01 * torch.randn_like(start)).requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="gradient descent"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="AdamW, whose codes decay"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.AdamW([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="other moments"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate, betas=(0.5, 0.9))
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="one step short"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps - 1):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="as many steps as it takes"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(max(steps, 100)):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="the learning rate of the signature, whatever is asked"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], 1e-2)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="a learning rate that falls"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = learning_rate * (1 - step / steps)
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" wrong="gradients that add up"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    needed = [p for p in model.parameters() if p.requires_grad]
    for p in needed:
        p.requires_grad_(False)
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        loss(z).backward()
        optimizer.step()
    for p in needed:
        p.requires_grad_(True)
    return z.detach()

# %% exercise="infer_latent" wrong="the best code of all, not the last"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    best, found = torch.inf, start
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        value = loss(z)
        if value < best:
            best, found = value.item(), z.detach().clone()
        (z.grad,) = torch.autograd.grad(value, z)
        optimizer.step()
    return found

# %% exercise="infer_latent" wrong="start comes back"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return start

# %% exercise="infer_latent" wrong="still asking for gradients"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z

# %% exercise="infer_latent" wrong="one code for all"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start[:1].detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z.expand_as(start)), z)
        optimizer.step()
    return z.detach().expand_as(start).clone()

# %% exercise="infer_latent" wrong="codes of length 1"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return F.normalize(z.detach(), dim=-1)

# %% exercise="infer_latent" wrong="upwards"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([z], learning_rate, maximize=True)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(loss(z), z)
        optimizer.step()
    return z.detach()

# %% exercise="infer_latent" right="frozen while it lasts, and put back"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    before = [p.requires_grad for p in model.parameters()]
    for p in model.parameters():
        p.requires_grad_(False)
    z = start.clone().detach().requires_grad_(True)
    optimizer = torch.optim.Adam([z], lr=learning_rate)
    try:
        for _ in range(steps):
            optimizer.zero_grad()
            loss(z).backward()
            optimizer.step()
    finally:
        for p, needed in zip(model.parameters(), before):
            p.requires_grad_(needed)
    return z.detach()

# %% exercise="infer_latent" right="a parameter, and Adam by hand"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    z = nn.Parameter(start.detach().clone())
    m, v = torch.zeros_like(z), torch.zeros_like(z)
    for t in range(1, steps + 1):
        g = torch.autograd.grad(loss(z), [z])[0]
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        with torch.no_grad():
            z -= learning_rate * (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)).sqrt() + 1e-8)
    return z.data

# %% exercise="infer_latent" right="gradients for the code only, in eval mode meanwhile"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    mode = model.training
    model.eval()
    z = start.detach().clone()
    z.requires_grad = True
    optimizer = torch.optim.Adam(params=[z], lr=learning_rate)
    for _ in range(steps):
        optimizer.zero_grad(set_to_none=True)
        loss(z).backward(inputs=[z])
        optimizer.step()
    model.train(mode)
    return z.detach().clone()

# %% exercise="infer_latent" right="the model's gradients kept and put back"
def infer_latent(model, loss, start, steps=200, learning_rate=1e-2):
    kept = [None if p.grad is None else p.grad.clone() for p in model.parameters()]
    z = torch.empty_like(start).copy_(start).requires_grad_()
    optimizer = torch.optim.Adam([{"params": [z], "lr": learning_rate}])
    for _ in range(steps):
        z.grad = None
        loss(z).backward()
        optimizer.step()
    for p, gradient in zip(model.parameters(), kept):
        p.grad = gradient
    return z.detach()
