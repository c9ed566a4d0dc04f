# %% which cell is ahead in print
lower, higher = min, max  # which is better
printed = [  # paper, data, measure, GRU, LSTM
    ("Chung 2014", "Nottingham", "loss", lower, 3.23, 3.20),
    ("Chung 2014", "JSB Chorales", "loss", lower, 8.54, 8.67),
    ("Chung 2014", "MuseData", "loss", lower, 5.99, 6.23),
    ("Chung 2014", "Piano-midi", "loss", lower, 8.82, 9.03),
    ("Chung 2014", "Ubisoft A, 500 steps", "loss", lower, 3.59, 2.70),
    ("Chung 2014", "Ubisoft B, 8000 steps", "loss", lower, 0.88, 1.26),
    ("Jozefowicz 2015", "arithmetic", "accuracy", higher, 0.89565, 0.89228),
    ("Jozefowicz 2015", "XML", "accuracy", higher, 0.45963, 0.42470),
    ("Jozefowicz 2015", "Nottingham", "loss", lower, 3.410, 3.492),
    ("Jozefowicz 2015", "Piano-midi", "loss", lower, 6.876, 6.866),
    ("Jozefowicz 2015", "words, 5M", "loss", lower, 4.684, 4.699),
    ("Jozefowicz 2015", "words, 20M", "loss", lower, 4.519, 4.399),
    ("Britz 2017", "translation", "BLEU", higher, 21.78, 22.22),
    ("Bai 2018", "pixels, 784 steps", "percent", higher, 96.2, 87.2),
    ("Bai 2018", "permuted, 784 steps", "percent", higher, 87.3, 85.7),
    ("Bai 2018", "adding, 600 steps", "loss", lower, 5.3e-5, 0.164),
    ("Bai 2018", "copying, 1000 steps", "loss", lower, 0.0197, 0.0204),
    ("Bai 2018", "JSB Chorales", "loss", lower, 8.43, 8.45),
    ("Bai 2018", "Nottingham", "loss", lower, 3.46, 3.29),
    ("Bai 2018", "words", "perplexity", lower, 92.48, 78.93),
    ("Bai 2018", "characters", "bits", lower, 1.37, 1.36),
    ("Bai 2018", "characters, text8", "bits", lower, 1.53, 1.50),
]
ahead = {}
for paper, data, measure, better, gru, lstm in printed:
    ahead[paper, data] = "GRU" if better(gru, lstm) == gru else "LSTM"
    print(f"{paper:16} {data:22} {measure:10} {gru:7.4g} {lstm:7.4g}  {ahead[paper, data]}")

# %% what the claims rest on check=true
winners = list(ahead.values())
gru_ahead, lstm_ahead, rows = winners.count("GRU"), winners.count("LSTM"), len(winners)
of_those_long = [cell for (_, data), cell in ahead.items() if "steps" in data]
gru_ahead_long, of_long = of_those_long.count("GRU"), len(of_those_long)
language = ("words", "characters", "translation")
of_those = [cell for (_, data), cell in ahead.items() if data.startswith(language)]
lstm_language, of_language = of_those.count("LSTM"), len(of_those)
assert rows == len(printed) == gru_ahead + lstm_ahead
gru_is_often_ahead = gru_ahead >= 4
lstm_is_often_ahead = lstm_ahead >= 4
neither_is_always_ahead = gru_ahead >= 3 and lstm_ahead >= 3
lstm_is_ahead_on_language = lstm_language > of_language / 2
gru_is_ahead_on_some_long_sequences = gru_ahead_long >= 2
