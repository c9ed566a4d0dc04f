"""What all studies share: how they are declared, run, kept, checked and trained."""
