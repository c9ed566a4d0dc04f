# %% one side of each row is ahead
printed = [  # data, measure, GRU, LSTM, which is better
    ("Nottingham, Chung 2014", "loss", 3.23, 3.20, min),
    ("JSB Chorales, Chung 2014", "loss", 8.54, 8.67, min),
    ("Ubisoft A, 500 steps, Chung 2014", "loss", 3.59, 2.70, min),
    ("Ubisoft B, 8000 steps, Chung 2014", "loss", 0.88, 1.26, min),
    ("XML, Jozefowicz 2015", "accuracy", 0.45963, 0.42470, max),
    ("words, 20M, Jozefowicz 2015", "perplexity", 91.7, 81.4, min),
    ("same, LSTM with forget bias 1", "perplexity", 91.7, 79.83, min),
    ("translation, Britz 2017", "BLEU", 21.78, 22.22, max),
    ("pixels, 784 steps, Bai 2018", "percent", 96.2, 87.2, max),
    ("adding, 600 steps, Bai 2018", "loss", 5.3e-5, 0.164, min),
    ("words, Bai 2018", "perplexity", 92.48, 78.93, min),
    ("characters, Bai 2018", "bits", 1.37, 1.36, min),
]
ahead = {}
print(f"{'':34} {'measure':10}   GRU     LSTM   ahead")
for data, measure, gru, lstm, better in printed:
    ahead[data] = "GRU" if better(gru, lstm) == gru else "LSTM"
    print(f"{data:34} {measure:10} {gru:7.4g} {lstm:7.4g}   {ahead[data]}")

# %% what the claims rest on check=true
gru_ahead = sum(cell == "GRU" for cell in ahead.values())
lstm_ahead = len(ahead) - gru_ahead
long_rows = [data for data in ahead if "steps" in data]
gru_ahead_long = sum(ahead[data] == "GRU" for data in long_rows)
rows, of_long = len(ahead), len(long_rows)
