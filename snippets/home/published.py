# %% dates
from datetime import date
from math import log

gru_paper, attention_paper = date(2014, 6, 3), date(2014, 9, 1)
days = (attention_paper - gru_paper).days
print(f"the GRU to attention: {days} days")

# %% one data set, three papers
nottingham = {  # test loss as printed, lower is better: GRU, LSTM
    "Chung 2014": (3.23, 3.20),
    "Jozefowicz 2015": (3.410, 3.492),
    "Bai 2018": (3.46, 3.29),
}
for paper, (gru, lstm) in nottingham.items():
    print(f"{paper:16} GRU {gru:.3f}  LSTM {lstm:.3f}  ahead: {'GRU' if gru < lstm else 'LSTM'}")

# %% one paper, six data sets
chung = {  # Chung 2014, Table 2, test loss: GRU, LSTM
    "Nottingham": (3.23, 3.20),
    "JSB Chorales": (8.54, 8.67),
    "MuseData": (5.99, 6.23),
    "Piano-midi": (8.82, 9.03),
    "Ubisoft A": (3.59, 2.70),
    "Ubisoft B": (0.88, 1.26),
}
gru_ahead = sum(gru < lstm for gru, lstm in chung.values())
print(f"Chung 2014: the GRU is ahead on {gru_ahead} of {len(chung)}")

# %% neither cell is always ahead check=true
data_sets, lstm_ahead = len(chung), sum(lstm < gru for gru, lstm in chung.values())
ahead = ["GRU" if gru < lstm else "LSTM" for gru, lstm in nottingham.values()]
assert ahead == ["LSTM", "GRU", "LSTM"]
assert 0 < gru_ahead < data_sets
translation_ratio = 66.32 / 68.95

# %% neither solves the copy task check=true
blind_loss = 10 * log(8) / (1000 + 20)  # of a net that remembers nothing
gru_copy, lstm_copy = 0.0197, 0.0204
assert gru_copy > 0.96 * blind_loss and lstm_copy > 0.96 * blind_loss

# %% what the claims rest on check=true
gru_copies_hardly_better_than_blind = gru_copy > 0.96 * blind_loss
lstm_copies_hardly_better_than_blind = lstm_copy > 0.96 * blind_loss
attention_came_within_a_year = days < 365
