# %% with and without clipping
import torch


def largest_loss(clip):
    torch.manual_seed(0)
    gru = torch.nn.GRU(input_size=1, hidden_size=16)
    head = torch.nn.Linear(16, 1)
    with torch.no_grad():
        gru.weight_hh_l0 *= 10  # large weights, on purpose
    parameters = [*gru.parameters(), *head.parameters()]
    optimizer = torch.optim.SGD(parameters, lr=0.3)
    losses = []
    for _ in range(30):
        x = torch.randn(60, 32, 1)  # 60 steps; wanted: their mean
        loss = (head(gru(x)[0][-1]) - x.mean(0)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, clip)
        optimizer.step()
        losses.append(loss.item())
    return max(losses)


for name, clip in [("not clipped", float("inf")), ("clipped at 1", 1.0)]:
    worst = largest_loss(clip)
    print(
        f"{name:12}  largest loss",
        "above a million" if worst > 1e6 else "below 1",
    )

# %% as the text says check=true
assert largest_loss(float("inf")) > 1e6 and worst < 1
