# %% where we saw a GRU at work
at_work = [  # the program, and the place in its code
    ("Opus", "compute_generic_gru"),
    ("RNNoise", "rnn.c"),
    ("DeepFilterNet", "SqueezedGRU_S"),
    ("WaveRNN, for PyTorch", "rnn1"),
    ("LPCNet", "gru_a"),
    ("RAFT", "SepConvGRU"),
    ("Slot Attention", "GRUCell"),
    ("DreamerV3", "dyngru"),
    ("TorchRL", "GRUModule"),
    ("PyTorch Geometric", "GatedGraphConv"),
    ("GRU4Rec", "gru4rec.py"),
]
for program, place in at_work:
    print(f"{program:22} {place}")

# %% what the claims rest on check=true
programs = len(at_work)
a_gru_is_at_work = programs > 0
