# %% which cell is ahead in print
from math import log

lower, higher = min, max  # which is better
printed = [  # paper, data, measure, GRU, LSTM
    ("Chung 2014", "Nottingham", "loss", lower, 3.23, 3.20),
    ("Chung 2014", "JSB Chorales", "loss", lower, 8.54, 8.67),
    ("Chung 2014", "MuseData", "loss", lower, 5.99, 6.23),
    ("Chung 2014", "Piano-midi", "loss", lower, 8.82, 9.03),
    ("Chung 2014", "Ubisoft A, 500 steps", "loss", lower, 3.59, 2.70),
    ("Chung 2014", "Ubisoft B, 8000 steps", "loss", lower, 0.88, 1.26),
    ("Jozefowicz 2015", "arithmetic", "accuracy", higher, 0.89565, 0.90163),
    ("Jozefowicz 2015", "XML", "accuracy", higher, 0.45963, 0.44434),
    ("Jozefowicz 2015", "words", "accuracy", higher, 0.09069, 0.08952),
    ("Jozefowicz 2015", "Nottingham", "loss", lower, 3.410, 3.419),
    ("Jozefowicz 2015", "Nottingham, dropout", "loss", lower, 3.427, 3.345),
    ("Jozefowicz 2015", "Piano-midi", "loss", lower, 6.876, 6.820),
    ("Jozefowicz 2015", "words, 5M", "loss", lower, 4.684, 4.698),
    ("Jozefowicz 2015", "words, 20M, dropout", "loss", lower, 4.519, 4.380),
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
TIE = 0.01  # figures that differ by no more than this share are a tie
BLIND = {  # the loss of a network that remembers nothing
    "adding, 600 steps": 1 / 6,
    "copying, 1000 steps": 10 * log(8) / (1000 + 20),
}


def who_leads(data, better, gru, lstm):
    if data in BLIND and min(gru, lstm) > 0.95 * BLIND[data]:
        return "both fail"
    if abs(gru - lstm) <= TIE * max(gru, lstm):
        return "tie"
    return "GRU" if better(gru, lstm) == gru else "LSTM"


ahead = {}
for paper, data, measure, better, gru, lstm in printed:
    ahead[paper, data] = who_leads(data, better, gru, lstm)
    print(
        f"{paper:16} {data:22} {measure:10} {gru:7.4g} "
        f"{lstm:7.4g}  {ahead[paper, data]}"
    )

# %% what the claims rest on check=true
leaders = list(ahead.values())
gru_ahead = leaders.count("GRU")
lstm_ahead = leaders.count("LSTM")
rows = len(leaders)
neither_ahead, ties = rows - gru_ahead - lstm_ahead, leaders.count("tie")
assert rows == len(printed)
plain = {  # the LSTM of Jozefowicz without the forget bias
    "arithmetic": 0.89228,
    "XML": 0.42470,
    "words": 0.08912,
    "Nottingham": 3.492,
    "Nottingham, dropout": 3.403,
    "Piano-midi": 6.866,
    "words, 5M": 4.699,
    "words, 20M, dropout": 4.399,
}
leaders_plain = []
for paper, data, _, better, gru, lstm in printed:
    other = plain[data] if paper == "Jozefowicz 2015" else lstm
    leaders_plain.append(who_leads(data, better, gru, other))
gru_ahead_plain = leaders_plain.count("GRU")
lstm_ahead_plain = leaders_plain.count("LSTM")
of_those_long = [cell for of, cell in ahead.items() if "steps" in of[1]]
gru_ahead_long = of_those_long.count("GRU")
lstm_ahead_long = of_those_long.count("LSTM")
of_long = len(of_those_long)
language = ("words", "characters", "translation")
of_those = [
    cell for of, cell in ahead.items() if of[1].startswith(language)
]
gru_language, lstm_language = of_those.count("GRU"), of_those.count("LSTM")
of_language = len(of_those)
assert gru_language == 1 and ahead["Jozefowicz 2015", "words"] == "GRU"
blind = [
    (gru, BLIND[data]) for _, data, *_, gru, _ in printed if data in BLIND
]
clear = [gru < 0.95 * loss for gru, loss in blind]
gru_clear = clear.count(True)
gru_blind = clear.count(False)
long_tasks = len(clear)
gru_is_ahead_or_ties = (gru_ahead + ties) / rows
gru_is_behind = -lstm_ahead / rows
gap = abs(gru_ahead - lstm_ahead)
the_leads_are_shared = 1 - 2 * gap / (gru_ahead + lstm_ahead)
gru_leads_on_language = gru_language / of_language
lstm_leads_on_language = -lstm_language / of_language
lstm_leads_on_long_sequences = lstm_ahead_long / of_long
gru_leads_on_long_sequences = -gru_ahead_long / of_long
gru_remembers_for_long = gru_clear / long_tasks
gru_does_not_remember_for_long = -gru_blind / long_tasks
